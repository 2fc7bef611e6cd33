package symmetry

import (
	"fmt"
	"math"
	"math/big"
	"strings"
)

// Certificate says what was tried to show that a model respects a symmetry group, what came out, and what the symmetry
// saves in parameters.
//
// Theta counts the entries of dense linear maps between the whole feature spaces of the message-passing layers,
// ThetaEquivariant the ones among those maps that are equivariant (the dimension of that subspace), Parameters what the
// model itself has.
type Certificate struct {
	Group           string  `json:"group"`             // S_n
	GroupOrder      string  `json:"group_order"`       // |G|, decimal
	GroupOrderLog10 float64 `json:"group_order_log10"` // rounded to nine decimals

	Relabelings      int     `json:"relabelings"`       // group elements tried
	Exhaustive       bool    `json:"exhaustive"`        // they were all the elements of the group
	Entries          int     `json:"entries"`           // numbers compared, over all relabelings
	DifferingEntries int     `json:"differing_entries"` // those whose bits differ
	DifferingBits    uint64  `json:"differing_bits"`    // bits that differ; 0 is a model that is exactly equivariant
	MaxULP           uint64  `json:"max_ulp"`           // see [Compare]
	MaxAbs           float64 `json:"max_abs"`           // see [Compare]; math.MaxFloat64 stands for an infinity
	FirstDifference  string  `json:"first_difference,omitempty"`

	Theta            Count   `json:"theta"`
	ThetaEquivariant Count   `json:"theta_equivariant"`
	Parameters       Count   `json:"parameters"`
	Ratio            float64 `json:"ratio"`        // Theta / ThetaEquivariant; 0 where there is no layer
	SloganHolds      bool    `json:"slogan_holds"` // the ratio is |G|; by Burnside's count it is at most that
}

// LayerShape is what a message-passing layer maps: the features of Nodes nodes, In channels each, to Out channels each.
type LayerShape struct{ Nodes, In, Out int }

// Theta returns the number of entries of a dense linear map of the whole feature space, (N In)(N Out).
func (l LayerShape) Theta() Count {
	n := NewCount(l.Nodes)
	return n.Times(NewCount(l.In)).Times(n).Times(NewCount(l.Out))
}

// ThetaEquivariant returns the dimension of the S_n-equivariant linear maps, orbits In Out. The orbits of S_n on
// pairs of nodes are two, the diagonal and the rest: Y = X W1 + 1 1' X W2 (Maron, Ben-Hamu, Shamir, Lipman 2019,
// "Invariant and equivariant graph networks"). One node has one orbit, no nodes have none.
func (l LayerShape) ThetaEquivariant() Count {
	return NewCount(min(l.Nodes, 2)).Times(NewCount(l.In)).Times(NewCount(l.Out))
}

// Exact reports whether something was compared and no bit differed.
func (c *Certificate) Exact() bool { return c.Relabelings > 0 && c.DifferingBits == 0 }

// String returns the certificate as a block of text, without a final newline.
func (c *Certificate) String() string {
	var b strings.Builder
	verdict := "EXACT"
	if !c.Exact() {
		verdict = "NOT EXACT"
	}
	tried := fmt.Sprintf("%d random relabelings", c.Relabelings)
	if c.Exhaustive {
		tried = fmt.Sprintf("all %d relabelings", c.Relabelings)
	}
	fmt.Fprintf(&b, "certificate  %s, |G| = %s: %s\n", c.Group, approximate(c.GroupOrder), verdict)
	fmt.Fprintf(&b, "outputs      %d of %d entries differ over %s and edge orders\n", c.DifferingEntries, c.Entries, tried)
	fmt.Fprintf(&b, "             %d differing bits, max %s ulp, max abs %.3g\n", c.DifferingBits, ulps(c.MaxULP), c.MaxAbs)
	if c.FirstDifference != "" {
		fmt.Fprintf(&b, "             first: %s\n", c.FirstDifference)
	}
	fmt.Fprintf(&b, "weights      %s in dense maps, %s equivariant ones among them: a factor %.4g",
		approximate(c.Theta.String()), approximate(c.ThetaEquivariant.String()), c.Ratio)
	if c.SloganHolds {
		b.WriteString(" = |G|\n")
	} else {
		b.WriteString(", not |G|\n")
	}
	fmt.Fprintf(&b, "parameters   %s of the model", c.Parameters)
	return b.String()
}

// approximate shortens a long decimal number to four digits, the rest cut off.
func approximate(s string) string {
	if len(s) <= 12 {
		return s
	}
	return fmt.Sprintf("%s.%se+%d", s[:1], s[1:4], len(s)-1)
}

// newCertificate returns the part that needs no model: the group and the counts.
func newCertificate(nodes int, layers []LayerShape, parameters int) *Certificate {
	order := new(big.Int).MulRange(1, int64(nodes))
	c := &Certificate{
		Group: fmt.Sprintf("S_%d", nodes), GroupOrder: order.String(), GroupOrderLog10: log10(order),
		Parameters: NewCount(parameters),
	}
	for _, l := range layers {
		c.Theta, c.ThetaEquivariant = c.Theta.Plus(l.Theta()), c.ThetaEquivariant.Plus(l.ThetaEquivariant())
	}
	if !c.ThetaEquivariant.IsZero() {
		c.Ratio, _ = new(big.Rat).SetFrac(c.Theta.Int(), c.ThetaEquivariant.Int()).Float64()
		c.Ratio = min(c.Ratio, math.MaxFloat64)
		c.SloganHolds = c.Theta.Cmp(c.ThetaEquivariant.Times(Count{order})) == 0
	}
	return c
}

// log10 of n >= 1, rounded, so that it is the same on every machine.
func log10(n *big.Int) float64 {
	m := new(big.Float)
	exp := new(big.Float).SetInt(n).MantExp(m)
	f, _ := m.Float64()
	return math.Round((math.Log2(f)+float64(exp))*math.Log10(2)*1e9) / 1e9
}
