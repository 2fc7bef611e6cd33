// Package picture draws what a model has learned as SVG: a [Network] coloured by predicted class, a [Gallery] of small
// graphs, and a learning [Curve].
//
// A picture is a function of what is drawn and of its seed: the same bytes come out every time on one kind of processor,
// and nodes are laid out in the order of their identities, so that a relabelled graph gives the picture of the original.
// Colours are told apart with colour-blind eyes up to eight classes, and every picture has a title and a description for
// those who cannot see it.
package picture
