// Package lint holds the house rules as tests: floors, rows, imports, formatting, vet, documentation. It has no code of its
// own; run it with the other tests.
package lint
