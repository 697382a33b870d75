// Questions about one shape of the ground truth, and their repairs. Coordinates as in ocrdet/geometry.h.
#pragma once

#include <span>

#include "image/resize.h"
#include "ocrdet/geometry.h"
#include "postprocess/extent.h"

namespace ocrdet {

// Positive when the corners run clockwise on the screen; of shapes that cross themselves the difference of their parts.
double signedArea(const Polygon& shape);

// Two sides cross in their inner parts. Touching and repeated corners do not count.
bool crossesItself(const Polygon& shape);

// Every corner points outwards (or is straight). Only for shapes that do not cross themselves.
bool isConvex(const Polygon& shape);

// The share of the shape's area that lies in the picture, 0 to 1. Only for shapes with an area that do not cross
// themselves.
double shareInside(const Polygon& shape, PixelSize picture);

// The smallest one around the shape, however it is turned; its corners in no promised order.
Polygon smallestRectangle(const Polygon& shape);

// The shape with corners that run clockwise and sides that do not cross. Where the text is of a shape whose corners
// have no such order can only be guessed: that is the smallest rectangle around them, however it is turned.
struct OrderedShape {
  Polygon points;
  bool guessed = false;
};
OrderedShape inOrder(const Polygon& shape);

// Clockwise, beginning with the corner that was first.
Polygon clockwise(Polygon shape);

// From corner `i` to the next.
double sideLength(const Polygon& shape, std::size_t i);

// Equal up to half a pixel at each corner, whichever corner is first.
bool sameShape(const Polygon& a, const Polygon& b);

// Bounds that the doctor and the repairs share.
inline constexpr double kReadableShare = 0.5;  // a text of which less lies in its image cannot be read
bool isNoShape(const Polygon& shape);          // less than one square pixel
double shorterExtent(const Polygon& shape);    // of its upright extent
bool isTiny(const Polygon& shape);             // a side below 1.5 pixels; subscripts of small print have two

// Where a point of the stored picture lies once the camera's orientation (1 to 8) is applied.
Point uprightPoint(Point point, int orientation, PixelSize stored);

enum class CoordinateSlip { kNone, kSwapped, kNormalised };
// Whether all shapes of a picture together tell that x and y were exchanged (of a picture that its camera's orientation
// turns from `stored` to `upright`: that they lie on the stored one), or that they are shares of the picture.
CoordinateSlip coordinateSlip(std::span<const Polygon> shapes, PixelSize upright, PixelSize stored);

}  // namespace ocrdet
