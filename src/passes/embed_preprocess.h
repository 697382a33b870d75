// The picture itself as input: uint8 [batch, height, width, 3] in the order blue, green, red, as OpenCV decodes it.
//
// Transposed while it is still one byte a value, then (pixel - mean) / 255 in float32, in the order and with the
// division of the original pipeline, so that the network sees bit for bit what a caller would have computed.
#pragma once

#include <array>

#include "graph/graph.h"

namespace ocrdet {

// Means of red, green and blue in the positions of blue, green and red: the network was trained that way.
inline constexpr std::array<float, 3> kMeans{123.68f, 116.78f, 103.94f};

// The first input must be float32 or float16 [N, 3, H, W]; it keeps its name.
Graph embedPreprocess(Graph graph);

}  // namespace ocrdet
