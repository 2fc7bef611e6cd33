package positional

import (
	"errors"

	"symbridge/graph"
	"symbridge/tensor"
)

// Encoder computes one row of features for each node of a graph or batch.
type Encoder[T tensor.Float] interface {
	// Encode returns the encoding (N,k).
	Encode(g *graph.Graph) (tensor.Dense[T], error)
	// Symmetry says what the graph does not determine in any encoding by this encoder.
	Symmetry() Ambiguity
}

// Ambiguity says which changes of an encoding are encodings of the same graph just as well.
type Ambiguity int

const (
	// None: the graph determines the encoding.
	None Ambiguity = iota
	// Signs: the sign of each column, in each graph of a batch on its own.
	Signs
	// Bases: signs, and the orthonormal basis of each eigenspace.
	Bases
)

// String returns "none", "signs" or "bases".
func (a Ambiguity) String() string {
	switch a {
	case None:
		return "none"
	case Signs:
		return "signs"
	case Bases:
		return "bases"
	}
	return "unknown"
}

// Errors that encoders wrap.
var (
	// ErrSettings is returned where a setting of the encoder has no meaning.
	ErrSettings = errors.New("encoder cannot be set like this")
	// ErrWeight is returned for edge weights that are negative, not finite, or not one an edge.
	ErrWeight = errors.New("bad edge weight")
	// ErrTooLarge is returned for graphs with more nodes than the encoder's limit.
	ErrTooLarge = errors.New("graph too large")
	// ErrDirected is returned where an edge has no counterpart in the other direction.
	ErrDirected = errors.New("graph is not symmetric")
	// ErrSolver is returned where the eigensolver does not converge.
	ErrSolver = errors.New("eigensolver did not converge")
)
