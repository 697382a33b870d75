// What the network is taught about a picture: where text is, and how a line's border looks.
//
//   text map     1 on each text shrunk by D = area · (1 − 0.4²) / perimeter, so that neighbours stay apart
//   text mask    0 where nothing is learnt: ignored texts, and those too small to be seen
//   border map   0.3 … 0.7, highest on the outline: 1 − distance / D, in the ring between text and text grown by D
//   border mask  1 where the border map is learnt
//
// The arithmetic is the original's (ModelScope's trainer), with its order: texts that the text map ignores have no
// border.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "ocrdet/geometry.h"

namespace ocrdet {

struct TextRegion {
  Polygon points;  // in pixels of the training picture
  bool ignored = false;
};

struct TrainingTargets {
  int height = 0;
  int width = 0;
  // Rows of 0 or 1; the border map is float.
  std::vector<std::uint8_t> text, text_mask, border_mask;
  std::vector<float> border;
};

inline constexpr double kShrinkRatio = 0.4;
inline constexpr float kLowestBorder = 0.3F;
inline constexpr float kHighestBorder = 0.7F;

// Corners moved into the picture, all polygons turned one way round, those without area ignored.
std::vector<TextRegion> prepareRegions(std::vector<TextRegion> regions, int height, int width);

// Texts whose bounding box is thinner than `min_text_size` pixels, or that shrink to nothing, become ignored; `regions`
// must have been prepared, and is changed accordingly.
TrainingTargets makeTargets(std::vector<TextRegion>& regions, int height, int width, double min_text_size);

}  // namespace ocrdet
