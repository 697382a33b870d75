#include "detect/tiles.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/cancellation.h"
#include "ocrdet/error.h"

namespace ocrdet {
namespace {

// The part of the input that a tile shows, black where the input has no picture.
Image cut(const Image& resized, const ResizePlan& plan, const Tile& tile) {
  Image part = makeImage(plan.tile.height, plan.tile.width);
  const int height = std::min(plan.tile.height, resized.height - tile.top);
  const int width = std::min(plan.tile.width, resized.width - tile.left);
  if (width <= 0) return part;
  for (int y = 0; y < height; ++y)
    std::copy_n(resized.row(tile.top + y) + 3 * std::size_t(tile.left), 3 * std::size_t(width), part.row(y));
  return part;
}

// Puts a tile's map into the whole one. In an overlap the border runs through its middle: half of it belongs to each
// tile, since a map is worst at its tile's edge, where the network does not see what follows.
void paste(const OwnedMap& tile_map, const ResizePlan& plan, const Tile& tile, OwnedMap& whole) {
  const auto ownStart = [](int start, int tile_length, const auto& all, auto side) {
    int previous_end = 0;
    for (const Tile& other : all)
      if (other.*side < start) previous_end = std::max(previous_end, other.*side + tile_length);
    return previous_end > start ? start + (previous_end - start) / 2 : start;
  };
  const int top = ownStart(tile.top, plan.tile.height, plan.tiles, &Tile::top);
  const int left = ownStart(tile.left, plan.tile.width, plan.tiles, &Tile::left);
  for (int y = top; y < tile.top + tile_map.height; ++y)
    std::copy_n(tile_map.values.data() + std::size_t(y - tile.top) * tile_map.width + (left - tile.left),
                tile_map.width - (left - tile.left), whole.values.data() + std::size_t(y) * whole.width + left);
}

}  // namespace

OwnedMap mapOfPicture(const Image& resized, const ResizePlan& plan, const std::function<OwnedMap(const Image&)>& run) {
  if (plan.tiles.size() == 1)
    return plan.tile == PixelSize{resized.height, resized.width} ? run(resized)
                                                                 : run(cut(resized, plan, plan.tiles.front()));
  OwnedMap whole{std::vector<float>(std::size_t(plan.input.height) * plan.input.width), plan.input.height,
                 plan.input.width};
  for (const Tile& tile : plan.tiles) {
    throwIfInterrupted();
    const OwnedMap map = run(cut(resized, plan, tile));
    if (map.height != plan.tile.height || map.width != plan.tile.width)
      throw Error({&codes::kModelNotADetector,
                   fmt::format("The file's map is {}×{} for an input of {}×{}; pictures that need several tiles need "
                               "maps of the tiles' size.",
                               map.height, map.width, plan.tile.height, plan.tile.width),
                   "Use a smaller size, for instance with --resize long:1280.",
                   {},
                   {}});
    paste(map, plan, tile, whole);
  }
  return whole;
}

Frame frameOf(PixelSize picture, const ResizePlan& plan, const OwnedMap& map) {
  return {picture.height, picture.width, double(plan.resized.height) * map.height / plan.input.height,
          double(plan.resized.width) * map.width / plan.input.width};
}

}  // namespace ocrdet
