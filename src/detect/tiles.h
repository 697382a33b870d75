// The probability map of a whole picture, from as many tiles as its plan has.
#pragma once

#include <functional>
#include <vector>

#include "detect/resize_plan.h"
#include "image/image.h"
#include "postprocess/postprocess.h"

namespace ocrdet {

struct OwnedMap {
  std::vector<float> values;
  int height = 0;
  int width = 0;
};

// `run` gives the map of one tile of plan.tile's size. Throws what it throws, model.not-a-detector when the maps of
// several tiles are not as large as these, and run.interrupted between tiles.
OwnedMap mapOfPicture(const Image& resized, const ResizePlan& plan, const std::function<OwnedMap(const Image&)>& run);

// Where that map lies in the picture.
Frame frameOf(PixelSize picture, const ResizePlan& plan, const OwnedMap& map);

}  // namespace ocrdet
