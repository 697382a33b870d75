// The upright rectangle around a shape.
#pragma once

#include "ocrdet/geometry.h"

namespace ocrdet {

struct Extent {
  double left = 0, top = 0, right = 0, bottom = 0;
  double width() const { return right - left; }
  double height() const { return bottom - top; }
};
Extent extentOf(const Polygon& shape);  // of at least one point

}  // namespace ocrdet
