// Boxes drawn on a picture: thin outlines on a dark halo, so that they are seen on light and on dark ground, each with
// its number on a small plate.
#pragma once

#include <span>

#include "image/image.h"
#include "ocrdet/geometry.h"

namespace ocrdet {

struct DrawOptions {
  bool numbered = true;  // from 1, in the order of the shapes
};

// A copy of `image` with the shapes on it. Coordinates are pixel positions of the upright image; shapes may leave it.
Image drawShapes(const Image& image, std::span<const Polygon> shapes, const DrawOptions& options = {});

// Probabilities in rows of `width`; the picture covers `picture_*` of them from the upper left corner.
struct HeatmapSource {
  std::span<const float> probabilities;
  int height = 0, width = 0;
  double picture_height = 0, picture_width = 0;
};

// A copy with the probabilities laid over it: cold is nothing, warm is text.
Image drawHeatmap(const Image& image, const HeatmapSource& source);

}  // namespace ocrdet
