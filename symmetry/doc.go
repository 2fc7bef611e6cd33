// Package symmetry holds groups that act on data, and the certificate that a model respects one.
//
// A [Perm] is one relabelling of n nodes, an element of S_n; [Certify] runs a model on relabelled copies of its data and
// writes down, in a [Certificate], how many bits of its outputs differ and how many parameters the symmetry saves.
//
// A [Group] is any subgroup of S_n, given by generators, such as the automorphisms of a graph that is fixed: its order, its
// orbits on places, on pairs and on edges, its stabilisers and its elements.
//
// # Conventions
//
// A permutation p sends place i to place p[i]: "new" is p[old]. So p.Compose(q) is p after q, and row i of a matrix
// becomes row p[i].
//
// # What the theorem says
//
// The slogan is that a symmetry group G divides the number of parameters by |G|. The exact statement is that a linear map
// that is equivariant under permutations has one parameter for each orbit of G on pairs (output place, input place):
// at least |theta|/|G|, and equal to it only where no element but the identity fixes a pair. For S_n on n nodes with d_in
// and d_out channels the count is 2 d_in d_out (n >= 2), of (n d_in)(n d_out): a factor n²/2, not n!. A certificate
// has both numbers and says whether the slogan's value is attained.
//
// # Errors
//
// What the caller could have known panics: composing permutations of different lengths, comparing slices of different
// lengths (a [tensor.ShapeError]), generators that are no permutations (a [tensor.ValueError]). What the model under test does, or a
// graph that is not symmetric under a group, is returned as an error.
package symmetry
