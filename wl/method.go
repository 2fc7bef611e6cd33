package wl

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Method names a way to tell graphs apart that no relabelling can fool: a colouring of the nodes, of the pairs or of the
// triples of a graph. [Colour] computes it, [Classes] and [Classifier] count the graphs that it tells apart. The zero value
// names none.
type Method string

// The methods. What each of them sees, with its formula and paper, stands with its constant; c is the colour of the round
// before, {{}} a multiset, and every colour goes into the next one. Between simple undirected graphs,
//
//	OneWL <= RandomWalk(k) <= TwoFWL,    OneWL < ShortestPath < TwoFWL,    OneWL < OneMark < TwoFWL < ThreeFWL,
//	OneMark < TwoMarks < ThreeFWL
//
// where < is to see less. TwoFWL and TwoMarks cannot be compared: TwoMarks parts the Rook graph of the 4x4 board from the Shrikhande
// graph, TwoFWL the graphs of Cai, Fürer and Immerman over a chain of three triangles.
const (
	// OneWL is the colour refinement of [Refine]: c(v) from {{c(u) : u in N(v)}}.
	OneWL Method = "1wl"
	// TwoFWL is the folklore 2-WL: c(u,v) from {{(c(u,w), c(w,v)) : w}}, over all nodes w (Cai, Fürer, Immerman 1992, "An
	// optimal lower bound on the number of variables for graph identification"). It has the power of the 3-WL that is not
	// folklore, and of Maron et al. 2019, "Provably powerful graph networks".
	TwoFWL Method = "2fwl"
	// ThreeFWL is the folklore 3-WL: c(u,v,w) from {{(c(x,v,w), c(u,x,w), c(u,v,x)) : x}}.
	ThreeFWL Method = "3fwl"
	// DeltaTwoLWL is the local 2-WL: c(u,v) from {{c(w,v) : w in N(u)}} and {{c(u,w) : w in N(v)}} (Morris, Rattan, Mutzel
	// 2020, "Weisfeiler and Leman go sparse", where it is called delta-2-LWL).
	DeltaTwoLWL Method = "d2lwl"
	// DeltaThreeLWL is the local 3-WL, delta-3-LWL of the same paper.
	DeltaThreeLWL Method = "d3lwl"
	// ShortestPath is SPD-WL: c(v) from {{(d(v,u), d(u,v), c(u)) : u}} over all nodes u, at distance infinity where there is no
	// path (Zhang et al. 2023, "Rethinking the expressive power of GNNs via graph biconnectivity"). Edges are of length 1; beside
	// the distances it sees the labels of the edges between v and u.
	ShortestPath Method = "spd"
	// OneMark is the multiset, over the nodes u, of what OneWL sees of the graph in which u has a colour of its own. It bounds
	// identity-aware networks (You et al. 2021) and node-marking subgraph networks without exchange between the subgraphs
	// (Bevilacqua et al. 2022, "Equivariant subgraph aggregation networks").
	OneMark Method = "m1"
	// TwoMarks is the same over the ordered pairs (u,v), with a colour of its own for each of the two, the same one where u = v.
	// It bounds networks on pairs of marked nodes such as I2-GNN (Huang et al. 2023).
	TwoMarks Method = "m2"
)

// walkPrefix is followed by the number of steps.
const walkPrefix = "rwse:"

// maxSteps bounds the steps of a random walk that [ParseMethod] takes.
const maxSteps = 1 << 16

// RandomWalk is OneWL from colours that hold, beside the label, the probabilities that a random walk from the node is back
// after 1, 2, ... steps steps (Dwivedi et al. 2022, "Graph neural networks with learnable structural and positional
// representations"). The probabilities are exact fractions; walks follow the rules of positional.RandomWalk.
func RandomWalk(steps int) Method { return Method(walkPrefix + strconv.Itoa(steps)) }

// ErrMethod is returned for a name that is no method.
var ErrMethod = errors.New("unknown method")

// MethodNames lists what [ParseMethod] takes, for usage messages.
const MethodNames = "1wl, 2fwl, 3fwl, d2lwl, d3lwl, spd, m1, m2, rwse:K"

// ParseMethod returns the method of a name, in small or capital letters. K in rwse:K is a number of steps from 1 to 65536.
func ParseMethod(s string) (Method, error) {
	m := Method(strings.ToLower(strings.TrimSpace(s)))
	if steps, ok := strings.CutPrefix(string(m), walkPrefix); ok {
		k, err := strconv.Atoi(steps)
		if err != nil || k < 1 || k > maxSteps {
			return "", fmt.Errorf("wl: method %q: want a number of steps from 1 to %d behind %q: %w", s, maxSteps, walkPrefix, ErrMethod)
		}
		return RandomWalk(k), nil
	}
	if m.arity() == 0 {
		return "", fmt.Errorf("wl: method %q: want one of %s: %w", s, MethodNames, ErrMethod)
	}
	return m, nil
}

// String returns the name, as [ParseMethod] takes it.
func (m Method) String() string { return string(m) }

// arity returns what is coloured: 1 for nodes, 2 for pairs, 3 for triples, 0 for names that are no method.
func (m Method) arity() int {
	switch m {
	case OneWL, ShortestPath, OneMark:
		return 1
	case TwoFWL, DeltaTwoLWL, TwoMarks:
		return 2
	case ThreeFWL, DeltaThreeLWL:
		return 3
	}
	if strings.HasPrefix(string(m), walkPrefix) {
		return 1
	}
	return 0
}

// steps returns the K of rwse:K; 0 for other methods.
func (m Method) steps() int {
	k, _ := strconv.Atoi(strings.TrimPrefix(string(m), walkPrefix))
	if !strings.HasPrefix(string(m), walkPrefix) {
		return 0
	}
	return k
}
