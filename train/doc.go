// Package train fits models to data: optimisers, schedules, losses by task, stop rules, metrics, and a training loop whose
// weights do not depend on how the graphs were written down.
//
// [FitNodes] learns on the nodes of one graph, [FitGraphs] on many graphs in mini-batches. Both are functions of the model's
// initial weights, the data and a [Config], which is plain data and goes into checkpoints. Nothing in them depends on a row's
// index: sums over rows are order-free, noise is keyed by identity, and the order of graphs in an epoch is a keyed hash of
// their identities. So a relabelled copy of the data gives the same bits after any number of steps, on any number of cores.
// A run that was interrupted goes on from its [State] to the same bits as one that was not.
//
// [Predictor] applies a model, from many goroutines if wanted. Accuracy, F1, ROC-AUC and their like count in integers or add
// in sorted order, so the order of rows cannot show in them either.
package train
