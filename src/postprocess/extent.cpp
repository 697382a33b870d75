#include "postprocess/extent.h"

#include <algorithm>

namespace ocrdet {

Extent extentOf(const Polygon& shape) {
  Extent extent{shape[0].x, shape[0].y, shape[0].x, shape[0].y};
  for (const Point& point : shape) {
    extent.left = std::min(extent.left, point.x);
    extent.top = std::min(extent.top, point.y);
    extent.right = std::max(extent.right, point.x);
    extent.bottom = std::max(extent.bottom, point.y);
  }
  return extent;
}

}  // namespace ocrdet
