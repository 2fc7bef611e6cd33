package main

import "symbridge/tensor"

// discreteLabels returns, for each matrix, the label of each row: the part of the columns that are one-hot, block after block
// from the first, as readers write labels. It is nil where there is no such block, and for matrices without rows.
func discreteLabels(ms []tensor.Dense[float32]) [][]uint64 {
	out := make([][]uint64, len(ms))
	for i, m := range ms {
		if m.Rows > 0 {
			out[i] = make([]uint64, m.Rows)
		}
	}
	from, found := 0, false
	for {
		to := oneHotBlock(ms, from)
		if to < 0 {
			break
		}
		for i, m := range ms {
			for r := range m.Rows {
				for j, v := range m.Row(r)[from:to] {
					if v == 1 {
						out[i][r] = out[i][r]*uint64(to-from) + uint64(j)
					}
				}
			}
		}
		from, found = to, true
	}
	if !found {
		return nil
	}
	return out
}

// oneHotBlock returns the end of the smallest block of columns that starts at the given one and has a single 1, and otherwise
// 0, in each row; -1 where there is none.
func oneHotBlock(ms []tensor.Dense[float32], from int) int {
	end := from
	for _, m := range ms {
		for r := range m.Rows {
			j := from
			row := m.Row(r)
			for j < len(row) && row[j] == 0 {
				j++
			}
			if j == len(row) || row[j] != 1 {
				return -1
			}
			end = max(end, j+1)
		}
	}
	if end == from {
		return -1 // no rows
	}
	for _, m := range ms {
		for r := range m.Rows {
			sum := float32(0)
			for _, v := range m.Row(r)[from:end] {
				if v != 0 && v != 1 {
					return -1
				}
				sum += v
			}
			if sum != 1 {
				return -1
			}
		}
	}
	return end
}
