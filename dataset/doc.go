// Package dataset reads public data sets into [gnn.Data]: the Planetoid citation networks, the TU collection, GIN's text
// format, and Zachary's karate club, which is built in.
//
// [Load] takes a name or a folder and [Open] any [io/fs.FS]; both recognise the format by the files. [Planetoid], [TU] and
// [GIN] read one format each, and [Graphs] yields the graphs of a file or a folder with their labels. A [Set] then goes
// through transforms ([NormalizeRows], [DegreeFeatures]) and splits ([StratifiedFolds], [StratifiedSplit],
// [PlanetoidSplit]).
//
// # Identity
//
// Every reader gives explicit identities, unique over the set: a node's is its row number over all graphs, an edge's its
// place in the list of all edges, a graph's its number. Splits are drawn by identity and never by row, so
// [Set.Relabel] changes how a set is written down and not one bit of what is learned from it.
//
// # Hostile input
//
// Readers check everything before they use it: counts against [Limits] before memory is taken, every index against its
// range, every shape against the data. They return an error that names file, line and field (in a pickle: the byte), and
// wraps [ErrFormat], [ErrLimit] or [io/fs.ErrNotExist]. Pickles run on a machine that knows the opcodes and the
// seven names that these files hold; nothing in them is executed.
package dataset
