// Package schreier keeps a base and strong generating set of a permutation group while generators are still coming in, as
// a search for automorphisms finds them.
//
// # What is known at any time
//
// A [Chain] has base points b_0, b_1, ... and a pool of elements of the group G that its generators generate. Level k holds
// the orbit of b_k under the elements of the pool that fix b_0..b_(k-1), with a Schreier vector. Everything said from that
// is true of G as far as it goes: [Chain.Orbits] merges only points that an element of G takes to each other while it fixes
// the base points before, and [Chain.Order] divides nothing away: it is a lower bound of |G|. Random elements, by product
// replacement, fill what is missing, with a probability of error that halves with each element that brings nothing new;
// [Chain.Verify] leaves no doubt. Orbits and Maps, of which a search asks often, and to which what is missing is only a cost, take
// few of them; Add, Contains and Order take many.
//
// The generator of the random elements has a fixed seed, so that the same calls give the same chain.
//
// Sources: Sims 1970, "Computational methods in the study of permutation groups"; Celler, Leedham-Green, Murray, Niemeyer,
// O'Brien 1995, "Generating random elements of a finite group"; Seress 2003, "Permutation Group Algorithms", chapters 4 and
// 8; McKay, Piperno 2014, "Practical graph isomorphism II", section 5, for its use in a search.
package schreier
