//go:build amd64 && !purego

package kernel

// The folds over all whole blocks of channels: 32, then 16, then 8. Each does the rows x[rows[p]*stride:] and returns how many channels
// it did. There are 1 to foldChunk rows.

// foldMaxima raises the maxima mx.
func foldMaxima(mx []uint32, x []float32, stride int, rows []int32) int {
	d, n, c := len(mx), len(rows), 0
	for ; c+32 <= d; c += 32 {
		foldMax32(&mx[c], &x[c], stride, &rows[0], n)
	}
	for ; c+16 <= d; c += 16 {
		foldMax16(&mx[c], &x[c], stride, &rows[0], n)
	}
	for ; c+8 <= d; c += 8 {
		foldMax8(&mx[c], &x[c], stride, &rows[0], n)
	}
	return c
}

// foldSums adds the integers of the rows on the grids m to acc.
func foldSums(acc []int64, m []float64, x []float32, stride int, rows []int32) int {
	d, n, c := len(acc), len(rows), 0
	for ; c+32 <= d; c += 32 {
		foldSum32(&acc[c], &m[c], &x[c], stride, &rows[0], n)
	}
	for ; c+16 <= d; c += 16 {
		foldSum16(&acc[c], &m[c], &x[c], stride, &rows[0], n)
	}
	for ; c+8 <= d; c += 8 {
		foldSum8(&acc[c], &m[c], &x[c], stride, &rows[0], n)
	}
	return c
}

// foldDots adds those of the rows times the weights w[edges[p]*wstride].
func foldDots(acc []int64, m []float64, x []float32, stride int, rows []int32, w []float32, wstride int, edges []int32) int {
	d, n, c := len(acc), len(rows), 0
	for ; c+32 <= d; c += 32 {
		foldDot32(&acc[c], &m[c], &x[c], stride, &rows[0], n, &w[0], wstride, &edges[0])
	}
	for ; c+16 <= d; c += 16 {
		foldDot16(&acc[c], &m[c], &x[c], stride, &rows[0], n, &w[0], wstride, &edges[0])
	}
	for ; c+8 <= d; c += 8 {
		foldDot8(&acc[c], &m[c], &x[c], stride, &rows[0], n, &w[0], wstride, &edges[0])
	}
	return c
}
