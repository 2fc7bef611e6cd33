// Package proptest holds the laws of graph layers, and generators of the graphs and numbers on which faults show.
//
// A new layer is one file, and its test is one line:
//
//	func TestGCN(t *testing.T) { proptest.Layer(t, newGCN[float32], newGCN[float64], proptest.Config{OneWL: true}) }
//
// [Layer] runs every law on random graphs, in float32 and float64; [CheckLayer] does the same outside tests and returns an
// error that joins one [Failure] a broken law. A failure prints the law in English with the place where it is written down,
// the difference, the smallest graph as Go source, and the seed that replays it. [Laws] lists the laws.
//
// Laws that speak of bits compare bits: there is no tolerance, except in the Gradient law, which sets the gradient against
// central differences in float64. What a layer does not claim (locality, batches in training), and what it claims
// beside (a bound on what it tells apart, such as 1-WL), is said in the [Config], whose zero value fits a layer on node features of
// width 4 that looks one hop far.
//
// [Aggregator] and [Encoder] do the same for package aggregate and package positional, [FusedOps] for the operations that
// replace a composition of others.
//
// # Generators
//
// For tests of one's own with pgregory.net/rapid: [Graphs], [Batches], [Perms], [Floats], [Matrices] and [EquivalentPairs]. They
// favour what breaks programs: self loops, parallel edges, isolated nodes, no nodes at all, hubs, regular graphs, batches whose
// nodes are interleaved; ties, cancellation, signed zeros, subnormal and huge numbers. Every generated graph has explicit,
// unique identities, so that noise moves along with a relabelling and into a batch.
package proptest
