package dataset

import (
	"fmt"
	"math/rand/v2"

	"symbridge/gnn"
	"symbridge/graph"
	"symbridge/tensor"
)

// Task is what a data set asks for.
type Task int

const (
	NodeClassification  Task = iota // a class for each node of one graph
	GraphClassification             // a class for each of many graphs
)

// String returns the task in words.
func (t Task) String() string {
	switch t {
	case NodeClassification:
		return "node classification"
	case GraphClassification:
		return "graph classification"
	}
	return fmt.Sprintf("Task(%d)", int(t))
}

// Set is a data set. It is read-only: transforms return new sets, which may share slices with the old one.
type Set[T tensor.Float] struct {
	Name       string
	Task       Task
	Data       []*gnn.Data[T] // one for a node task; one for each graph of a graph task
	Classes    int            // C; classes are 0..C-1
	ClassNames []string       // (C)

	nodeLabels, edgeLabels []uint64 // by identity; nil where the files have none
}

// Features returns the number of node features, 0 where there are none.
func (s *Set[T]) Features() int {
	if len(s.Data) == 0 {
		return 0
	}
	return s.Data[0].Features()
}

// EdgeFeatures returns the number of edge features, 0 where there are none.
func (s *Set[T]) EdgeFeatures() int {
	if len(s.Data) == 0 {
		return 0
	}
	return s.Data[0].EdgeAttr.Cols
}

// Labels returns the identity and the class of each row that the task classifies: the nodes of the one graph, or the
// graphs. A class is -1 where it is unknown. This is what the splits are drawn from.
func (s *Set[T]) Labels() (ids []uint64, classes []int32) {
	for i, d := range s.Data {
		own, y, row := d.Graph.GraphIDs(), d.GraphClass, uint64(i)
		if s.Task == NodeClassification {
			own, y, row = d.Graph.NodeIDs(), d.NodeClass, 0
		}
		for j := range y {
			if own != nil {
				ids = append(ids, own[j])
			} else {
				ids = append(ids, row+uint64(j))
			}
		}
		classes = append(classes, y...)
	}
	return ids, classes
}

// Map returns the set with f applied to each of its data.
func (s *Set[T]) Map(f func(*gnn.Data[T]) *gnn.Data[T]) *Set[T] {
	out := *s
	out.Data = make([]*gnn.Data[T], len(s.Data))
	for i, d := range s.Data {
		out.Data[i] = f(d)
	}
	return &out
}

// Relabel returns the same set written down in another way: the nodes of each graph are renamed and its edge list is
// shuffled, both at random. Features, classes, splits and identities move along; graphs keep their place.
func (s *Set[T]) Relabel(rng *rand.Rand) *Set[T] {
	return s.Map(func(d *gnn.Data[T]) *gnn.Data[T] {
		return d.Relabel(permutation(d.Graph.NumNodes(), rng), permutation(d.Graph.NumEdges(), rng))
	})
}

// permutation returns a random permutation of 0..n-1.
func permutation(n int, rng *rand.Rand) []int32 {
	p := make([]int32, n)
	for i := range p {
		p[i] = int32(i)
	}
	rng.Shuffle(n, func(i, j int) { p[i], p[j] = p[j], p[i] })
	return p
}

// Validate returns an error that names the first thing in the set that does not fit: data that is not valid, a class
// beyond C, graphs of different widths, a node task without exactly one graph.
func (s *Set[T]) Validate() error {
	if s.Task == NodeClassification && len(s.Data) != 1 {
		return fmt.Errorf("dataset: %s: node classification on %d graphs, want 1", s.Name, len(s.Data))
	}
	if len(s.ClassNames) != s.Classes {
		return fmt.Errorf("dataset: %s: %d class names for %d classes", s.Name, len(s.ClassNames), s.Classes)
	}
	for i, d := range s.Data {
		if err := d.Validate(); err != nil {
			return fmt.Errorf("dataset: %s: graph %d: %w", s.Name, i, err)
		}
		if d.Features() != s.Features() || d.EdgeAttr.Cols != s.EdgeFeatures() {
			return fmt.Errorf("dataset: %s: graph %d has %d node and %d edge features, graph 0 has %d and %d",
				s.Name, i, d.Features(), d.EdgeAttr.Cols, s.Features(), s.EdgeFeatures())
		}
		classes, want := d.GraphClass, d.Graph.NumGraphs()
		if s.Task == NodeClassification {
			classes, want = d.NodeClass, d.Graph.NumNodes()
		}
		if len(classes) != want {
			return fmt.Errorf("dataset: %s: graph %d has %d classes, want %d", s.Name, i, len(classes), want)
		}
		for j, y := range classes {
			if int(y) >= s.Classes {
				return fmt.Errorf("dataset: %s: graph %d, row %d: class %d is not in 0..%d", s.Name, i, j, y, s.Classes-1)
			}
		}
	}
	return nil
}

// numbering hands out the identities of a set, graph by graph.
type numbering struct{ node, edge, graph uint64 }

// assign returns g, which is one graph, with the next identities.
func (c *numbering) assign(g *graph.Graph) *graph.Graph {
	// The lengths are right by construction, so Must cannot panic.
	nodes, edges := consecutive(&c.node, g.NumNodes()), consecutive(&c.edge, g.NumEdges())
	return graph.Must(g.WithIDs(nodes, edges, consecutive(&c.graph, 1)))
}

func consecutive(next *uint64, n int) []uint64 {
	ids := make([]uint64, n)
	for i := range ids {
		ids[i] = *next
		*next++
	}
	return ids
}
