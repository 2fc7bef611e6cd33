package kernel

// Products of rows in groups, each with a matrix of its own. Group g has the rows ptr[g]..ptr[g+1]-1. A group's product is that of the
// kernel for one matrix, so how rows are grouped shows in no bit but through the matrices.

// GroupMatMul sets the rows of group g to C_g = A_g B_g: (m,k), (G,k,n) -> (m,n), the chains of MatMul.
func GroupMatMul[T Float](c, a, b []T, ptr []int32, k, n int) {
	runGroups(groups[T]{c: c, a: a, b: b, ptr: ptr, k: k, n: n, kind: groupNN})
}

// GroupMatMulNT sets the rows of group g to C_g = A_g B_g^T: (m,k), (G,n,k) -> (m,n), the chains of MatMul.
func GroupMatMulNT[T Float](c, a, b []T, ptr []int32, k, n int) {
	runGroups(groups[T]{c: c, a: a, b: b, ptr: ptr, k: k, n: n, kind: groupNT})
}

// GroupMatMulTN sets C_g = A_g^T B_g: (r,m), (r,n) -> (G,m,n), the sums of MatMulTN, or of PlainMatMulTN, over the rows of a group.
func GroupMatMulTN[T Float](c, a, b []T, ptr []int32, m, n int, plain bool) {
	kind := groupTN
	if plain {
		kind = groupPlainTN
	}
	runGroups(groups[T]{c: c, a: a, b: b, ptr: ptr, k: m, n: n, kind: kind})
}

type groupKind uint8

const (
	groupNN groupKind = iota
	groupNT
	groupTN
	groupPlainTN
)

// groups is a product of groups of rows; its items are groups. A large group is shared among workers once more, by its own kernel.
type groups[T Float] struct {
	c, a, b []T
	ptr     []int32
	k, n    int
	kind    groupKind
}

func runGroups[T Float](t groups[T]) {
	count := len(t.ptr) - 1
	if count < 1 {
		return
	}
	rows := int(t.ptr[count])
	run(count, cost[T](rows*t.k*t.n/3+count*t.k*t.n), t)
}

// Run does groups lo..hi-1.
func (t *groups[T]) Run(lo, hi int) {
	for g := lo; g < hi; g++ {
		from, to := int(t.ptr[g]), int(t.ptr[g+1])
		rows, size := to-from, t.k*t.n
		of := func(x []T, d int) []T { return x[from*d : to*d] }
		switch {
		case t.kind == groupNN && rows > 0:
			MatMul(of(t.c, t.n), of(t.a, t.k), t.b[g*size:(g+1)*size], rows, t.k, t.n)
		case t.kind == groupNT && rows > 0:
			MatMulNT(of(t.c, t.n), of(t.a, t.k), t.b[g*size:(g+1)*size], rows, t.k, t.n)
		case t.kind == groupTN:
			MatMulTN(t.c[g*size:(g+1)*size], of(t.a, t.k), of(t.b, t.n), rows, t.k, t.n)
		case t.kind == groupPlainTN:
			PlainMatMulTN(t.c[g*size:(g+1)*size], of(t.a, t.k), of(t.b, t.n), rows, t.k, t.n)
		}
	}
}
