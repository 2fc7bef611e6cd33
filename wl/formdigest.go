package wl

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
	"math/bits"
	"slices"
	"sync"
	"sync/atomic"

	"symbridge/internal/arcs"
	"symbridge/internal/small"
	"symbridge/tensor"
)

// formDigest is defined at Canonical. It is not complete where stop, which may be nil, became true.
func formDigest(a *arcs.Form, order, place []int32, stop *atomic.Bool) (sum [32]byte, complete bool) {
	if a.N <= 64 && a.Plain() {
		var form [64]uint64
		for k, v := range order {
			for _, u := range a.Neighbours(v) {
				form[k] |= 1 << place[u]
			}
		}
		return plainDigest(form[:a.N]), true
	}
	d := newFormHash(a.N)
	defer formHashes.Put(d)
	d.number(len(a.Kinds))
	for _, k := range a.Kinds {
		d.label(k.Label)
		d.list(k.Loops)
	}
	d.number(len(a.Sights))
	for _, s := range a.Sights {
		d.list(s.Out)
		d.list(s.In)
	}
	for _, v := range order {
		var c int32
		if a.Colour != nil {
			c = a.Colour[v]
		}
		d.number(int(c))
	}
	if a.Label == nil {
		return d.plainRows(a, order, place, stop)
	}
	var row []uint64
	for k, v := range order {
		if stop != nil && stop.Load() {
			return sum, false
		}
		row = row[:0]
		for e := a.Ptr[v]; e < a.Ptr[v+1]; e++ {
			if u := place[a.Adj[e]]; int(u) < k {
				row = append(row, uint64(u)<<32|uint64(a.Label[e]))
			}
		}
		slices.Sort(row)
		d.number(len(row))
		for _, x := range row {
			d.number(int(x >> 32))
			d.number(int(uint32(x)))
		}
	}
	return d.sum(), true
}

// plainRows writes the rows of a graph whose edges have one colour. The lists come in order as they are filled place by place.
func (d *formHash) plainRows(a *arcs.Form, order, place []int32, stop *atomic.Bool) (sum [32]byte, complete bool) {
	end := make([]int32, a.N+1) // of what is filled of the row of each place
	for k, v := range order {
		end[k+1] = end[k]
		for _, u := range a.Neighbours(v) {
			if int(place[u]) < k {
				end[k+1]++
			}
		}
	}
	rows := make([]int32, end[a.N])
	for k, v := range order {
		if stop != nil && stop.Load() {
			return sum, false
		}
		for _, u := range a.Neighbours(v) {
			if j := place[u]; int(j) > k {
				rows[end[j]] = int32(k)
				end[j]++
			}
		}
	}
	from := int32(0)
	for k := range a.N {
		row := rows[from:end[k]]
		from = end[k]
		d.number(len(row))
		for len(row) > 0 {
			some := row[:min(len(row), 64)]
			row = row[len(some):]
			if len(d.buf) > formBuffer-8*len(some) {
				d.flush()
			}
			for _, j := range some {
				d.buf = binary.LittleEndian.AppendUint64(d.buf, uint64(uint32(j))) // the place, and rank 0
			}
		}
	}
	return d.sum(), true
}

// RowsNodes is the number of nodes up to which [RowsDigest] takes graphs. No search among them takes long enough to be worth ending.
const RowsNodes = small.Quick

var engines = sync.Pool{New: func() any { return &small.Engine{WithoutGenerators: true} }}

// RowsDigest returns the Digest that [Canonical] finds for a simple undirected graph without labels, and no more than that: for
// millions of small graphs. Bit u of rows[v] is set if there is an edge between u and v. It panics with a [tensor.ValueError] where the
// rows are not symmetric or have a loop, or are more than [RowsNodes].
func RowsDigest(rows []uint64) [32]byte {
	checkRows(rows)
	e := engines.Get().(*small.Engine)
	defer engines.Put(e)
	e.Canonise(len(rows), rows, nil)
	return plainDigest(e.Form())
}

// plainDigest is the digest of a graph without labels from its rows in canonical order, 64 at most.
func plainDigest(form []uint64) [32]byte {
	n, edges := len(form), 0
	for _, row := range form {
		edges += bits.OnesCount64(row)
	}
	d := newFormHash(n)
	defer formHashes.Put(d)
	d.number(min(n, 1)) // one colour of nodes
	if n > 0 {
		d.label(0)
		d.list(nil)
	}
	d.number(min(edges, 1)) // one of edges
	if edges > 0 {
		d.list([]uint64{0})
		d.list([]uint64{0})
	}
	buf := d.buf
	for range n {
		buf = binary.LittleEndian.AppendUint32(buf, 0)
	}
	for k, row := range form {
		row &= 1<<k - 1
		buf = binary.LittleEndian.AppendUint32(buf, uint32(bits.OnesCount64(row)))
		for ; row != 0; row &= row - 1 {
			buf = binary.LittleEndian.AppendUint64(buf, uint64(bits.TrailingZeros64(row))) // the place, and rank 0
		}
	}
	d.buf = buf
	return d.sum()
}

func checkRows(rows []uint64) {
	n := len(rows)
	if n > RowsNodes {
		panic(tensor.ValueError{Op: "wl.RowsDigest", What: fmt.Sprintf("number of rows, want at most %d", RowsNodes), Got: float64(n)})
	}
	ok := true
	open := 0 // entries on and above the diagonal less those below, each of which has its own above: 0 if there are no others
	for v, row := range rows {
		below := row & (1<<v - 1)
		open += bits.OnesCount64(row) - 2*bits.OnesCount64(below)
		for ; below != 0; below &= below - 1 {
			ok = ok && rows[bits.TrailingZeros64(below)]>>v&1 != 0
		}
	}
	if !ok || open != 0 {
		panic(tensor.ValueError{Op: "wl.RowsDigest", What: fmt.Sprintf("number of rows %x, which are not symmetric, have a loop, or name a node "+
			"that is none of them", rows), Got: float64(n)})
	}
}

// formHash writes what a canonical digest digests.
type formHash struct {
	hash hash.Hash
	buf  []byte
}

const formBuffer = 1 << 15 // a plain graph of 64 nodes fits

var formHashes = sync.Pool{New: func() any { return &formHash{sha256.New(), make([]byte, 0, formBuffer)} }}

// newFormHash returns a hash of a graph with n nodes, to be put back to formHashes.
func newFormHash(n int) *formHash {
	d := formHashes.Get().(*formHash)
	d.hash.Reset()
	d.buf = append(binary.LittleEndian.AppendUint32(d.buf[:0], uint32(len(CanonicalVersion))), CanonicalVersion...)
	d.number(n)
	return d
}

func (d *formHash) number(x int) {
	if len(d.buf) > formBuffer-4 {
		d.flush()
	}
	d.buf = binary.LittleEndian.AppendUint32(d.buf, uint32(x))
}

func (d *formHash) label(x uint64) {
	d.number(int(uint32(x)))
	d.number(int(x >> 32))
}

func (d *formHash) list(labels []uint64) {
	d.number(len(labels))
	for _, l := range labels {
		d.label(l)
	}
}

func (d *formHash) flush() {
	d.hash.Write(d.buf)
	d.buf = d.buf[:0]
}

func (d *formHash) sum() [32]byte {
	d.flush()
	d.buf = d.hash.Sum(d.buf)
	return [32]byte(d.buf)
}
