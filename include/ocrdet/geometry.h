// Points and polygons in pixels: x to the right, y downwards, the origin at the upper left corner of the upright image.
#pragma once

#include <vector>

#pragma GCC visibility push(default)  // what libocrdet.so shows
namespace ocrdet {

struct Point {
  double x = 0;
  double y = 0;
  bool operator==(const Point&) const = default;
};

// Closed: the last point is joined to the first.
using Polygon = std::vector<Point>;

}  // namespace ocrdet
#pragma GCC visibility pop
