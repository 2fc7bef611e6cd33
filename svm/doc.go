// Package svm holds support vector classification on a Gram matrix, and its evaluation by nested cross-validation: what is
// needed to say how good a graph kernel of package wl/wlkernel is.
//
// [Train] solves the dual of the C-support vector machine (Cortes, Vapnik 1995, "Support-vector networks")
//
//	max over b of sum_i y_i b_i - 1/2 sum_ij b_i b_j k_ij,  0 <= y_i b_i <= C,  sum_i b_i = 0,
//
// two coefficients at a time, chosen by second-order information (Fan, Chen, Lin 2005, "Working set selection using second
// order information for training support vector machines"), and in between all that are off their bounds together, by
// conjugate gradients, until no pair violates its condition by more than the tolerance. More than two classes are taken one
// against the rest.
//
// [Evaluate] is the protocol of Morris et al. 2020, "TUDataset": folds, and within the training rows of each a choice of C
// and of the Gram matrix. The test rows of a fold have no part in the choice.
//
// # What the promise covers
//
// All is deterministic. The solution is one to a tolerance, so [Train] on rows in another order may differ in the last
// digits. [Evaluate] takes rows in the order of their identities: reordering the rows of the matrices along with identities
// and classes changes no bit, nor does the number of cores.
//
// # Errors
//
// Lists of wrong lengths and settings that cannot be panic with a tensor.ShapeError or a tensor.ValueError. Errors that are
// returned are those of the context, of folds that the rows do not allow, and [ErrClasses].
package svm
