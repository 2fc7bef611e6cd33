// Package canon finds canonical forms and automorphism groups of graphs with colours: it takes apart what is independent,
// takes off what is simple, and searches in what is left by individualisation and refinement.
package canon
