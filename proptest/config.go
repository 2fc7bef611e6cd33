package proptest

import (
	"math/rand/v2"

	"symbridge/gnn"
	"symbridge/tensor"
	"symbridge/wl"
)

// Config says what a layer takes and what it claims. The zero value is a layer on node features of width 4 that looks one
// hop far, does not claim to be bounded by 1-WL, and computes no statistics over a batch.
type Config struct {
	In       int  // width of node features (N,In); 0 is 4
	Sparse   bool // node features come as a sparse matrix
	EdgeDim  int  // width of edge features (E,EdgeDim); 0: none
	Weights  bool // there are edge weights (E,1)
	GraphDim int  // width of graph features (B,GraphDim); 0: none
	Pos      bool // there are coordinates (N,3)

	// Hops is how many edges far, in either direction, a change can reach: 0 is 1, negative is all of the graph.
	Hops int
	// Bound, where set, is a method of package wl that sees all that the layer or encoder sees: nodes and graphs that it cannot
	// tell apart get equal outputs. OneWL is short for Bound wl.OneWL, and goes before it.
	Bound wl.Method
	OneWL bool
	// BatchStatistics says that in training the layer joins the graphs of a batch, as batch norm does.
	BatchStatistics bool
	// Undirected restricts the laws to undirected graphs, MaxNodes to small ones: 0 is 12 nodes a graph.
	Undirected bool
	MaxNodes   int

	// Trials is the number of random cases a law; 0 is 32. Laws that cost more a case take fewer. Seed is the seed of the first
	// case, the others follow it: the seed that a failure prints, with Trials 1, replays it.
	Trials int
	Seed   uint64
	// Only, where it is not empty, lists the names of the laws that are checked.
	Only []string

	// Digest and Digest64 are what [Digest] returned for the layer in float32 and float64, on any machine; where empty, the
	// Implementations law has nothing to compare with.
	Digest, Digest64 string

	// Unfused and Unfused64 make the composition that the layer replaces, in float32 and float64, with the same parameters in
	// the same order from a generator of the same state; nil: there is none, and the Fused law is not checked.
	Unfused   func(*rand.Rand) gnn.Layer[float32]
	Unfused64 func(*rand.Rand) gnn.Layer[float64]
}

// unfused returns the composition in one element type, or nil.
func unfused[T tensor.Float](c Config) func(*rand.Rand) gnn.Layer[T] {
	if is64[T]() {
		mk, _ := any(c.Unfused64).(func(*rand.Rand) gnn.Layer[T])
		return mk
	}
	mk, _ := any(c.Unfused).(func(*rand.Rand) gnn.Layer[T])
	return mk
}

// bound returns the method that the layer claims to see no more than, or "".
func (c Config) bound() wl.Method {
	if c.OneWL {
		return wl.OneWL
	}
	return c.Bound
}

func (c Config) in() int {
	if c.In <= 0 {
		return 4
	}
	return c.In
}

func (c Config) hops() int {
	if c.Hops == 0 {
		return 1
	}
	return c.Hops
}

func (c Config) trials() int {
	if c.Trials <= 0 {
		return 32
	}
	return c.Trials
}

func (c Config) graphs() GraphOptions {
	return GraphOptions{MaxNodes: c.MaxNodes, Undirected: c.Undirected}
}
