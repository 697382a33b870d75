// The golden probability maps: 8-bit grey PNG, probability = value / 255.
#pragma once

#include <string>
#include <vector>

#include "image/decode.h"
#include "postprocess/postprocess.h"

namespace ocrdet::test {

struct OwnedMap {
  int height = 0, width = 0;
  std::vector<float> values;
  ProbabilityMap view() const { return {values, height, width}; }
};

inline OwnedMap readMap(const std::string& path) {
  const Image image = readImage(path);
  OwnedMap map{image.height, image.width, {}};
  for (std::size_t i = 0; i < image.bgr.size(); i += 3) map.values.push_back(float(image.bgr[i]) / 255.0F);
  return map;
}

}  // namespace ocrdet::test
