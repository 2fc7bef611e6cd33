package gonumgraph

import (
	"cmp"
	"fmt"
	"slices"

	gonum "gonum.org/v1/gonum/graph"

	"symbridge/graph"
)

// From returns the graph that src describes, the gonum id of each node (N), ascending, and the weight of each edge (E),
// nil for a graph without weights. A graph that is a multigraph too, as those of gonum's package multi are, keeps its
// parallel lines; self loops stay. An Undirected graph gives an undirected graph, each edge as two arcs; other graphs are
// directed. Edges are listed by source, target and line id, whatever order src has. It returns graph.ErrTooLarge for
// counts beyond int32, and an error where src lists a neighbour that is no node or has no edge.
func From(src gonum.Graph) (g *graph.Graph, ids []int64, weights []float64, err error) {
	if m, ok := src.(gonum.Multigraph); ok {
		return FromMulti(m)
	}
	weighted, _ := src.(gonum.Weighted)
	_, undirected := src.(gonum.Undirected)
	return collect(src.Nodes(), src.From, undirected, weighted != nil, func(u, v int64) ([]line, error) {
		if weighted == nil {
			return []line{{}}, nil
		}
		e := weighted.WeightedEdge(u, v)
		if e == nil {
			return nil, fmt.Errorf("gonumgraph: no edge from %d to its neighbour %d", u, v)
		}
		return []line{{weight: e.Weight()}}, nil
	})
}

// FromMulti returns the graph that the multigraph src describes, as [From] does.
func FromMulti(src gonum.Multigraph) (g *graph.Graph, ids []int64, weights []float64, err error) {
	weighted, _ := src.(gonum.WeightedMultigraph)
	_, undirected := src.(gonum.UndirectedMultigraph)
	return collect(src.Nodes(), src.From, undirected, weighted != nil, func(u, v int64) (ls []line, err error) {
		if weighted != nil {
			for it := weighted.WeightedLines(u, v); it.Next(); {
				ls = append(ls, line{it.WeightedLine().ID(), it.WeightedLine().Weight()})
			}
		} else {
			for it := src.Lines(u, v); it.Next(); {
				ls = append(ls, line{id: it.Line().ID()})
			}
		}
		slices.SortFunc(ls, func(a, b line) int { return cmp.Or(cmp.Compare(a.id, b.id), cmp.Compare(a.weight, b.weight)) })
		return ls, nil
	})
}

type line struct {
	id     int64
	weight float64
}

// collect lists the edges from each node to each of its neighbours, both in the order of their ids.
func collect(nodes gonum.Nodes, from func(int64) gonum.Nodes, undirected, weighted bool,
	lines func(u, v int64) ([]line, error)) (g *graph.Graph, ids []int64, weights []float64, err error) {
	ids = sortedIDs(nodes)
	place := make(map[int64]int32, len(ids))
	for i, id := range ids {
		place[id] = int32(i)
	}
	var edges [][2]int32
	for i, u := range ids {
		for _, v := range sortedIDs(from(u)) {
			j, ok := place[v]
			if !ok {
				return nil, nil, nil, fmt.Errorf("gonumgraph: neighbour %d of node %d is no node: %w", v, u, graph.ErrNodeRange)
			}
			if undirected && int(j) < i {
				continue // seen from the other end
			}
			ls, err := lines(u, v)
			if err != nil {
				return nil, nil, nil, err
			}
			for _, l := range ls {
				edges, weights = append(edges, [2]int32{int32(i), j}), append(weights, l.weight)
			}
		}
	}
	if undirected {
		var edgeOf []int32
		_, edgeOf = graph.Arcs(edges)
		spread := make([]float64, len(edgeOf))
		for a, k := range edgeOf {
			spread[a] = weights[k]
		}
		weights = spread
		g, err = graph.NewUndirected(len(ids), edges)
	} else {
		g, err = graph.New(len(ids), edges)
	}
	if err != nil {
		return nil, nil, nil, fmt.Errorf("gonumgraph: %w", err)
	}
	if !weighted {
		weights = nil
	} else if weights == nil {
		weights = []float64{}
	}
	return g, ids, weights, nil
}

func sortedIDs(nodes gonum.Nodes) []int64 {
	ids := []int64{}
	for nodes.Next() {
		ids = append(ids, nodes.Node().ID())
	}
	slices.Sort(ids)
	return ids
}
