// Areas of polygons and of what two of them have in common.
#pragma once

#include "ocrdet/geometry.h"

namespace ocrdet {

// At least three corners, some area, and no side that touches or crosses another one except its neighbours at their
// common corner. Repeated corners in a row are allowed.
bool isSimple(const Polygon& polygon);

double area(const Polygon& polygon);  // of a simple polygon, whichever way round it goes

// Of two simple polygons, concave ones included. Exact when sides are upright and corners are multiples of 1/1024;
// otherwise corners are known to about a thousandth of a pixel.
double intersectionArea(const Polygon& a, const Polygon& b);

}  // namespace ocrdet
