#include "detect/resize_plan.h"

#include <algorithm>
#include <cmath>

namespace ocrdet {
namespace {

int roundedUp(double length, int multiple) {
  return std::max(1, int(std::ceil(length / multiple))) * multiple;
}

// A picture of 20 × 300 would grow 37 times to a short side of 736: blurred letters as high as the picture, for the
// price of eleven thousand columns. Already twofold, large lines come in pieces (docs/detect.md).
int shortSide(PixelSize original, const ResizeOptions& resize, int multiple) {
  const int side = std::min(original.height, original.width);
  if (double(resize.length) / side <= resize.max_enlargement) return resize.length;
  return std::min(resize.length, roundedUp(side * resize.max_enlargement, multiple));
}

PixelSize fitted(PixelSize original, PixelSize frame) {
  const double scale = std::min(double(frame.height) / original.height, double(frame.width) / original.width);
  return {std::clamp(int(std::lround(original.height * scale)), 1, frame.height),
          std::clamp(int(std::lround(original.width * scale)), 1, frame.width)};
}

// A strip so long that its map would not fit in memory is made smaller as a whole.
PixelSize limited(PixelSize size, int multiple) {
  constexpr double kMostPixels = 64e6;
  const double pixels = double(size.height) * size.width;
  if (pixels <= kMostPixels) return size;
  const double scale = std::sqrt(kMostPixels / pixels);
  const auto shrunk = [&](int side) { return std::max(multiple, int(side * scale) / multiple * multiple); };
  const bool tall = size.height > size.width;
  PixelSize smaller{shrunk(size.height), shrunk(size.width)};
  // One side may be as small as it can be already; then the other alone has to give.
  int& longer = tall ? smaller.height : smaller.width;
  const int shorter = tall ? smaller.width : smaller.height;
  longer = std::min(longer, int(kMostPixels / shorter) / multiple * multiple);
  return smaller;
}

// Starts of tiles along one side: evenly spread, so that no tile is mostly overlap.
std::vector<int> starts(int length, int tile) {
  constexpr int kOverlap = 256;  // several times the height of a line, about what one output pixel depends on
  if (length <= tile) return {0};
  const int overlap = std::min(kOverlap, tile / 2);
  const int count = 1 + (length - tile + (tile - overlap) - 1) / (tile - overlap);
  std::vector<int> at;
  for (int i = 0; i < count; ++i) at.push_back(int(std::int64_t(length - tile) * i / (count - 1)));
  return at;
}

}  // namespace

ResizePlan planResize(PixelSize original, const ResizeOptions& resize, int multiple) {
  ResizePlan plan;
  switch (resize.mode) {
    case ResizeMode::kLetterbox:
      plan.input = {resize.height, resize.width};
      plan.resized = fitted(original, plan.input);
      break;
    case ResizeMode::kExact:
    case ResizeMode::kFromFile:
      plan.input = plan.resized = {resize.height, resize.width};
      break;
    case ResizeMode::kLongSide:
      plan.input = plan.resized = limited(longSideSize(original, resize.length, multiple), multiple);
      break;
    case ResizeMode::kShortSide:
      plan.input = plan.resized = limited(shortSideSize(original, shortSide(original, resize, multiple)), multiple);
      break;
  }
  const bool free_size = resize.mode == ResizeMode::kLongSide || resize.mode == ResizeMode::kShortSide;
  if (free_size && resize.bucket > 0)
    plan.input = {roundedUp(plan.input.height, resize.bucket), roundedUp(plan.input.width, resize.bucket)};
  plan.tile = free_size
                  ? PixelSize{std::min(plan.input.height, resize.max_side), std::min(plan.input.width, resize.max_side)}
                  : plan.input;
  for (const int top : starts(plan.input.height, plan.tile.height))
    for (const int left : starts(plan.input.width, plan.tile.width)) plan.tiles.push_back({top, left});
  return plan;
}

}  // namespace ocrdet
