// Weights and images given by closed formulas (tests/reference/formula.py says how): any language recreates them bit
// for bit, so that goldens need no large files.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "model/state_dict.h"

namespace ocrdet::test {

std::uint32_t fnv1a(std::string_view text);

// Values of the tensor of that name, row-major.
std::vector<float> formulaValues(std::string_view name, std::span<const std::int64_t> shape);

// num_batches_tracked of the batch norm of that name.
std::int64_t formulaCounter(std::string_view name);

// The whole network, threshold head included.
StateDict formulaStateDict();

// Height × width × 3, BGR; `number` is the image's place in its batch.
std::vector<std::uint8_t> formulaImage(int height, int width, int number = 0);

// Images 0 … batch-1 as the network takes them: (pixel - mean) / 255, float32 [batch, 3, height, width].
std::vector<float> formulaInput(int batch, int height, int width);

}  // namespace ocrdet::test
