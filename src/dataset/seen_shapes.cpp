#include "dataset/seen_shapes.h"

#include <cmath>

#include "dataset/shape.h"

namespace ocrdet {

std::optional<std::size_t> SeenShapes::findOrAdd(const Polygon& shape, std::size_t number) {
  constexpr std::size_t kKeptInACell = 64;
  const Extent extent = extentOf(shape);
  const auto cell = [](double position) { return std::int64_t(std::floor(position)); };
  const std::int64_t left = cell(extent.left - 0.5), top = cell(extent.top - 0.5);
  for (const std::int64_t x : {left, left + 1})
    for (const std::int64_t y : {top, top + 1}) {
      const auto near = cells_.find({x, y});
      if (near == cells_.end()) continue;
      for (const Seen& seen : near->second)
        if (sameShape(shape, seen.shape)) return seen.number;
    }
  std::vector<Seen>& own = cells_[{cell(extent.left), cell(extent.top)}];
  if (own.size() < kKeptInACell) own.push_back({shape, number});
  return {};
}

}  // namespace ocrdet
