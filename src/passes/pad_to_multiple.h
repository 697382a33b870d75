// Pictures of any size: the graph pads its input to a multiple of 32 and crops its outputs back.
//
// Zeros are added at the bottom and on the right, after normalisation, where zero is the mean colour: exactly what a
// caller would do who pads by himself. With fixed sizes the pads are constants. With a free height or width the graph
// computes them: Shape gives [N, 3, H, W]; -[N, 3, H, W] mod [1, 1, 32, 32] is [0, 0, pad below, pad right], because
// ONNX's Mod takes the divisor's sign; and a Slice that ends at [N, 3, H, W] crops an output of one channel, because
// ends beyond the map count as its end. Six nodes in all; two with fixed sizes, none if they are multiples already.
#pragma once

#include "graph/graph.h"

namespace ocrdet {

// The first input must be [N, C, H, W]; every output must be a map of its padded size, with C channels at most.
Graph padToMultiple(Graph graph, std::int64_t multiple);

}  // namespace ocrdet
