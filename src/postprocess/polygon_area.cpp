#include "postprocess/polygon_area.h"

#include <algorithm>
#include <cmath>
#include <polyclipping/clipper.hpp>

#include "postprocess/extent.h"

namespace ocrdet {
namespace {

// Twice the signed area of a, b, c: positive when c lies to the right of a→b on a screen.
double turn(const Point& a, const Point& b, const Point& c) {
  return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}

bool between(const Point& a, const Point& b, const Point& on_line) {
  return std::min(a.x, b.x) <= on_line.x && on_line.x <= std::max(a.x, b.x) && std::min(a.y, b.y) <= on_line.y &&
         on_line.y <= std::max(a.y, b.y);
}

int sign(double value) {
  return (value > 0) - (value < 0);
}

// Whether two closed segments share a point.
bool meet(const Point& a, const Point& b, const Point& c, const Point& d) {
  const int c_side = sign(turn(a, b, c)), d_side = sign(turn(a, b, d));
  const int a_side = sign(turn(c, d, a)), b_side = sign(turn(c, d, b));
  if (c_side * d_side < 0 && a_side * b_side < 0) return true;
  return (c_side == 0 && between(a, b, c)) || (d_side == 0 && between(a, b, d)) || (a_side == 0 && between(c, d, a)) ||
         (b_side == 0 && between(c, d, b));
}

// a→b and b→c going back over each other.
bool doublesBack(const Point& a, const Point& b, const Point& c) {
  return turn(a, b, c) == 0 && (b.x - a.x) * (c.x - b.x) + (b.y - a.y) * (c.y - b.y) < 0;
}

Polygon withoutRepeats(const Polygon& polygon) {
  Polygon distinct;
  for (const Point& point : polygon)
    if (distinct.empty() || !(distinct.back() == point)) distinct.push_back(point);
  while (distinct.size() > 1 && distinct.front() == distinct.back()) distinct.pop_back();
  return distinct;
}

double signedArea(const Polygon& polygon) {
  double sum = 0;
  for (std::size_t i = 0; i < polygon.size(); ++i) {
    const Point &p = polygon[i], &q = polygon[(i + 1) % polygon.size()];
    sum += p.x * q.y - q.x * p.y;
  }
  return sum / 2;
}

constexpr double kGrid = 1024;     // steps in a pixel of the whole-number plane that Clipper works on
constexpr double kLargest = 1e15;  // Clipper's range with room to spare; such coordinates are nonsense anyway

ClipperLib::Path onGrid(const Polygon& polygon) {
  const auto step = [](double v) {
    return ClipperLib::cInt(std::clamp(std::nearbyint(v * kGrid), -kLargest, kLargest));
  };
  ClipperLib::Path path;
  for (const Point& point : polygon) path.emplace_back(step(point.x), step(point.y));
  return path;
}

bool apart(const Polygon& a, const Polygon& b) {
  const Extent p = extentOf(a), q = extentOf(b);
  return p.right <= q.left || q.right <= p.left || p.bottom <= q.top || q.bottom <= p.top;
}

}  // namespace

bool isSimple(const Polygon& polygon) {
  if (std::any_of(polygon.begin(), polygon.end(),
                  [](const Point& p) { return !std::isfinite(p.x) || !std::isfinite(p.y); }))
    return false;
  const Polygon p = withoutRepeats(polygon);
  const std::size_t n = p.size();
  if (n < 3 || signedArea(p) == 0) return false;
  for (std::size_t i = 0; i < n; ++i) {
    if (doublesBack(p[i], p[(i + 1) % n], p[(i + 2) % n])) return false;
    for (std::size_t j = i + 2; j < n; ++j) {
      const bool neighbours = i == 0 && j == n - 1;
      if (!neighbours && meet(p[i], p[i + 1], p[j], p[(j + 1) % n])) return false;
    }
  }
  return true;
}

double area(const Polygon& polygon) {
  return std::abs(signedArea(polygon));
}

double intersectionArea(const Polygon& a, const Polygon& b) {
  if (a.empty() || b.empty() || apart(a, b)) return 0;
  ClipperLib::Clipper clipper;
  clipper.AddPath(onGrid(a), ClipperLib::ptSubject, true);
  clipper.AddPath(onGrid(b), ClipperLib::ptClip, true);
  ClipperLib::Paths common;
  clipper.Execute(ClipperLib::ctIntersection, common, ClipperLib::pftNonZero, ClipperLib::pftNonZero);
  double sum = 0;
  for (const ClipperLib::Path& path : common) sum += ClipperLib::Area(path);  // holes count negatively
  return std::abs(sum) / (kGrid * kGrid);
}

}  // namespace ocrdet
