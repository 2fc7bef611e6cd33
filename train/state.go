package train

import (
	"io"

	"symbridge/gnn"
	"symbridge/tensor"
)

// State is a run between two steps: all that is needed to go on to the same bits. It is saved by [State.Write].
type State[T tensor.Float] struct {
}

// Write saves the state as a safetensors file; gnn.WriteFileAtomic writes it to a path.
func (s *State[T]) Write(w io.Writer) error { panic("todo") }

// ReadState reads what Write saved. It returns an error for a file that is none, or is larger than the limits.
func ReadState[T tensor.Float](r io.Reader, limits gnn.Limits) (*State[T], error) { panic("todo") }

// Epoch returns the number of epochs that are done.
func (s *State[T]) Epoch() int { panic("todo") }
