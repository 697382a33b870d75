// Which size a picture gets, where it lies in the network's input, and which tiles the network sees.
#pragma once

#include <vector>

#include "image/resize.h"
#include "ocrdet/detector.h"

namespace ocrdet {

struct Tile {
  int top = 0;
  int left = 0;
};

struct ResizePlan {
  PixelSize resized;  // of the whole picture
  PixelSize input;    // of the whole input; a letterbox or a bucket is larger than `resized`, on the right and below
  PixelSize tile;     // what the network sees at a time; `input` when there is one tile
  std::vector<Tile> tiles;  // in input pixels; they cover it and overlap
};

// `resize` is complete (NetworkContract). Sides of `input` and `tile` are multiples of `multiple`, save for a short
// side that the user asks for as it is.
ResizePlan planResize(PixelSize original, const ResizeOptions& resize, int multiple);

}  // namespace ocrdet
