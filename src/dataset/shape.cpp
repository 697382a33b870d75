#include "dataset/shape.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <optional>
#include <vector>

#include "postprocess/polygon_area.h"

namespace ocrdet {
namespace {

// Twice the area of the triangle; positive when c lies to the right of the way from a to b on the screen.
double turn(const Point& a, const Point& b, const Point& c) {
  return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}

bool cross(const Point& a, const Point& b, const Point& c, const Point& d) {
  return turn(a, b, c) * turn(a, b, d) < 0 && turn(c, d, a) * turn(c, d, b) < 0;
}

const Point& after(const Polygon& shape, std::size_t i) {
  return shape[(i + 1) % shape.size()];
}

bool fits(const Extent& extent, double height, double width, double slack) {
  return extent.left >= -slack && extent.top >= -slack && extent.right <= width + slack &&
         extent.bottom <= height + slack;
}

// Exchanging x and y turns clockwise corners into counter-clockwise ones, and lines of text into columns. Positive when
// most shapes look like that.
int signsOfExchange(std::span<const Polygon> shapes) {
  constexpr double kClearly = 1.2;
  int signs = 0;
  for (const Polygon& shape : shapes) {
    const Extent extent = extentOf(shape);
    signs += (signedArea(shape) < 0) + (extent.height() > kClearly * extent.width()) -
             (extent.width() > kClearly * extent.height());
  }
  return signs;
}

}  // namespace

double signedArea(const Polygon& shape) {
  double twice = 0;
  for (std::size_t i = 0; i < shape.size(); ++i)
    twice += shape[i].x * after(shape, i).y - after(shape, i).x * shape[i].y;
  return twice / 2;
}

bool crossesItself(const Polygon& shape) {
  for (std::size_t i = 0; i < shape.size(); ++i)
    for (std::size_t j = i + 2; j < shape.size(); ++j)
      if (cross(shape[i], after(shape, i), shape[j], after(shape, j))) return true;
  return false;
}

bool isConvex(const Polygon& shape) {
  bool left = false, right = false;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const double side = turn(shape[i], after(shape, i), shape[(i + 2) % shape.size()]);
    left = left || side < 0;
    right = right || side > 0;
  }
  return !(left && right);
}

double shareInside(const Polygon& shape, PixelSize picture) {
  const Extent extent = extentOf(shape);
  if (fits(extent, picture.height, picture.width, 0)) return 1;
  if (extent.right <= 0 || extent.bottom <= 0 || extent.left >= picture.width || extent.top >= picture.height) return 0;
  const double width = picture.width, height = picture.height;
  const double inside = intersectionArea(shape, {{0, 0}, {width, 0}, {width, height}, {0, height}});
  return std::clamp(inside / std::abs(signedArea(shape)), 0.0, 1.0);
}

// An outline written as its upper edge and its lower one, both from left to right.
static std::optional<Polygon> withSecondHalfReversed(Polygon shape) {
  if (shape.size() < 6 || shape.size() % 2 != 0) return {};
  std::reverse(shape.begin() + std::ptrdiff_t(shape.size() / 2), shape.end());
  if (crossesItself(shape) || isNoShape(shape)) return {};
  return clockwise(std::move(shape));
}

// The same corners in an order in which no sides cross, clockwise, beginning with the one that was first: with the
// second half reversed, or around the middle. Nothing when neither does and a corner lies inside the others' hull, so
// that several orders would do.
static std::optional<Polygon> uncrossed(const Polygon& shape) {
  if (auto edges = withSecondHalfReversed(shape)) return edges;
  Point centre;
  for (const Point& point : shape) {
    centre.x += point.x / double(shape.size());
    centre.y += point.y / double(shape.size());
  }
  Polygon sorted = shape;
  std::sort(sorted.begin(), sorted.end(), [&](const Point& a, const Point& b) {
    return std::atan2(a.y - centre.y, a.x - centre.x) < std::atan2(b.y - centre.y, b.x - centre.x);
  });
  if (crossesItself(sorted) || !isConvex(sorted) || isNoShape(sorted)) return {};
  std::rotate(sorted.begin(), std::find(sorted.begin(), sorted.end(), shape.front()), sorted.end());
  return sorted;
}

Polygon smallestRectangle(const Polygon& shape) {
  std::vector<cv::Point2f> cloud;
  for (const Point& point : shape) cloud.emplace_back(float(point.x), float(point.y));
  cv::Point2f corners[4];
  cv::minAreaRect(cloud).points(corners);
  Polygon rectangle;
  for (const cv::Point2f& corner : corners) rectangle.push_back({corner.x, corner.y});
  return rectangle;
}

OrderedShape inOrder(const Polygon& shape) {
  if (!crossesItself(shape)) return {clockwise(shape)};
  const auto ordered = uncrossed(shape);
  return {clockwise(ordered ? *ordered : smallestRectangle(shape)), !ordered};
}

Polygon clockwise(Polygon shape) {
  if (signedArea(shape) < 0) std::reverse(shape.begin() + 1, shape.end());
  return shape;
}

bool sameShape(const Polygon& a, const Polygon& b) {
  if (a.size() != b.size()) return false;
  const auto near = [](const Point& p, const Point& q) {
    return std::abs(p.x - q.x) <= 0.5 && std::abs(p.y - q.y) <= 0.5;
  };
  for (std::size_t shift = 0; shift < a.size(); ++shift) {
    std::size_t equal = 0;
    while (equal < a.size() && near(a[equal], b[(equal + shift) % b.size()])) ++equal;
    if (equal == a.size()) return true;
  }
  return false;
}

double sideLength(const Polygon& shape, std::size_t i) {
  const Point &from = shape[i], &to = after(shape, i);
  return std::hypot(to.x - from.x, to.y - from.y);
}

bool isNoShape(const Polygon& shape) {
  return std::abs(signedArea(shape)) < 1;
}

double shorterExtent(const Polygon& shape) {
  const Extent extent = extentOf(shape);
  return std::min(extent.right - extent.left, extent.bottom - extent.top);
}

bool isTiny(const Polygon& shape) {
  return shorterExtent(shape) < 1.5;
}

Point uprightPoint(Point point, int orientation, PixelSize stored) {
  const double right = stored.width - point.x, below = stored.height - point.y;
  switch (orientation) {
    case 2:
      return {right, point.y};
    case 3:
      return {right, below};
    case 4:
      return {point.x, below};
    case 5:
      return {point.y, point.x};
    case 6:
      return {below, point.x};
    case 7:
      return {below, right};
    case 8:
      return {point.y, right};
    default:
      return point;
  }
}

CoordinateSlip coordinateSlip(std::span<const Polygon> shapes, PixelSize upright, PixelSize stored) {
  if (shapes.empty() || upright.height == 0) return CoordinateSlip::kNone;
  Extent all = extentOf(shapes.front());
  bool has_fractions = false;
  for (const Polygon& shape : shapes) {
    const Extent extent = extentOf(shape);
    all = {std::min(all.left, extent.left), std::min(all.top, extent.top), std::max(all.right, extent.right),
           std::max(all.bottom, extent.bottom)};
    for (const Point& point : shape)
      has_fractions = has_fractions || point.x != std::floor(point.x) || point.y != std::floor(point.y);
  }
  // Loose labels go a little beyond the edge; so many pixels no text has.
  if (has_fractions && fits(all, 1, 1, 0.05)) return CoordinateSlip::kNormalised;
  // A tenth beyond the edge is loose labelling. What lies further out and fits the other way round is no accident, but
  // a single one of many boxes may be a slip of the pen.
  const double slack = 0.1 * std::min(upright.height, upright.width);
  const auto outside = std::size_t(std::count_if(shapes.begin(), shapes.end(), [&](const Polygon& shape) {
    return !fits(extentOf(shape), upright.height, upright.width, slack);
  }));
  const bool telling = outside >= 2 || (outside == 1 && shapes.size() < 5);
  if (!telling || !fits(all, upright.width, upright.height, slack)) return CoordinateSlip::kNone;
  // Tools differ in whether they apply an orientation; but who exchanges axes leaves signs on the sound shapes, too.
  const bool turned = !(stored == upright);
  return turned || signsOfExchange(shapes) > 0 ? CoordinateSlip::kSwapped : CoordinateSlip::kNone;
}

}  // namespace ocrdet
