// Shapes drawn on a picture: thin outlines on a dark halo, so that they are seen on light and on dark ground, each with
// its label on a small plate.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "image/image.h"
#include "ocrdet/geometry.h"

namespace ocrdet {

struct Colour {
  double red, green, blue;  // 0 to 1
};

enum class LineStyle { kSolid, kDashed, kDotted };

struct Outline {
  Polygon points;
  Colour colour{};
  LineStyle style = LineStyle::kSolid;
  double fill = 0;         // opacity of the inside
  std::string label = {};  // empty: none
};

// A copy of `image` with the shapes on it, labels above all lines. Coordinates are pixel positions of the upright
// image; shapes may leave it. `size` enlarges lines and labels, for pictures that are shown small.
Image drawOutlines(const Image& image, std::span<const Outline> outlines, double size = 1);

// The same for boxes that need no meaning: neighbours differ in colour, labels are numbers from 1 in their order.
Image drawShapes(const Image& image, std::span<const Polygon> shapes);

// Probabilities in rows of `width`; the picture covers `picture_*` of them from the upper left corner.
struct HeatmapSource {
  std::span<const float> probabilities;
  int height = 0, width = 0;
  double picture_height = 0, picture_width = 0;
};

// A copy with the probabilities laid over it: cold is nothing, warm is text.
Image drawHeatmap(const Image& image, const HeatmapSource& source);

}  // namespace ocrdet
