// Shapes that an image has twice: one search for the doctor, who reports the second, and the repairs, which drop it.
//
// Shapes are kept in cells of one pixel by the upper left corner of their extent. The same shape lies within half a
// pixel, and so in one of four cells. A cell keeps the first 64: thousands of shapes on one spot must not take minutes.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "ocrdet/geometry.h"

namespace ocrdet {

class SeenShapes {
 public:
  // The number of an earlier shape that is the same (sameShape). When there is none, this one is kept under `number`.
  std::optional<std::size_t> findOrAdd(const Polygon& shape, std::size_t number);

 private:
  struct Seen {
    Polygon shape;
    std::size_t number;
  };
  std::map<std::pair<std::int64_t, std::int64_t>, std::vector<Seen>> cells_;
};

}  // namespace ocrdet
