// 8-bit pixels to the float planes that a network reads.
#pragma once

#include <array>
#include <span>

#include "image/image.h"

namespace ocrdet {

// plane[c] = (pixel − mean[c]) / divisor[c] in float32, for the planes in the order of the network.
//
// The defaults are the model's: planes blue, green, red, but means that belong to red, green, blue. It was trained with
// them in these places, so they stay there.
struct Normalisation {
  std::array<float, 3> mean = {123.68F, 116.78F, 103.94F};
  std::array<float, 3> divisor = {255, 255, 255};
  bool red_first = false;
};

// Writes 3 × height × width values. `planes` must have exactly that many.
void normalise(const Image& image, const Normalisation& normalisation, std::span<float> planes);

}  // namespace ocrdet
