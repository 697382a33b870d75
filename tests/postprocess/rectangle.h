// Rectangles at any angle, rendered into probability maps: what post-processing should find in them is known exactly.
#pragma once

#include <cmath>
#include <utility>
#include <vector>

#include "postprocess/map.h"

namespace ocrdet::test {

struct Rectangle {
  double x, y, width, height, angle;  // centre, sides, radians
};

inline Polygon cornersOf(const Rectangle& r) {
  const double c = std::cos(r.angle), s = std::sin(r.angle);
  Polygon corners;
  for (const auto& [sx, sy] : {std::pair(-0.5, -0.5), std::pair(0.5, -0.5), std::pair(0.5, 0.5), std::pair(-0.5, 0.5)})
    corners.push_back({r.x + sx * r.width * c - sy * r.height * s, r.y + sx * r.width * s + sy * r.height * c});
  return corners;
}

inline OwnedMap emptyMap(int height, int width) {
  return {height, width, std::vector<float>(std::size_t(height) * width, 0.0F)};
}

inline void render(OwnedMap& map, const Rectangle& r, float probability) {
  const double c = std::cos(r.angle), s = std::sin(r.angle);
  for (int y = 0; y < map.height; ++y)
    for (int x = 0; x < map.width; ++x) {
      const double dx = x - r.x, dy = y - r.y;
      if (std::abs(dx * c + dy * s) <= r.width / 2 && std::abs(dy * c - dx * s) <= r.height / 2)
        map.values[std::size_t(y) * map.width + x] = probability;
    }
}

inline Frame sameSize(const OwnedMap& map) {
  return {map.height, map.width, double(map.height), double(map.width)};
}

// Each side moved outwards by area · ratio / perimeter.
inline double growth(const Rectangle& r, double ratio) {
  return r.width * r.height * ratio / (2 * (r.width + r.height));
}

inline Rectangle grown(Rectangle r, double ratio) {
  const double distance = growth(r, ratio);
  return {r.x, r.y, r.width + 2 * distance, r.height + 2 * distance, r.angle};
}

}  // namespace ocrdet::test
