// Batch norms disappear into the convolutions before them.
//
// With trained statistics a batch norm is y = s·x + t for each channel, s = weight / sqrt(variance + epsilon) and
// t = bias - s·mean. Behind a convolution, s scales the weights of that output channel and s·b + t becomes its bias.
// Both are computed in double and rounded once, so that folding adds no more than half a unit in the last place per
// weight. Holds for Conv (weights [out, in, …]) and ConvTranspose ([in, out, …]) whose result nothing else reads.
#pragma once

#include "graph/graph.h"

namespace ocrdet {

// A new bias is called X.bias for a convolution X. Batch norms that stand elsewhere stay.
Graph foldBatchNorm(Graph graph);

}  // namespace ocrdet
