// The small pictures of tests/image/data (made by tests/image/make_fixtures.sh) and what an independent program
// decodes.
#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "image/image.h"
#include "support/file_text.h"

namespace ocrdet::test {

inline std::filesystem::path fixturePath(const std::string& name) {
  return std::filesystem::path(OCRDET_SOURCE_DIR) / "tests/image/data" / name;
}

inline std::string fixture(const std::string& name) {
  return readText(fixturePath(name));
}

inline std::span<const std::byte> asBytes(const std::string& text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

// The formula image of the golden files: integer arithmetic modulo 256.
inline Image formulaImage(int height, int width, int number) {
  Image image = makeImage(height, width);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      for (int c = 0; c < 3; ++c)
        image.row(y)[3 * x + c] =
            std::uint8_t(7 * x + 13 * y + 29 * c + 101 * number + 31 * ((x / 8) ^ (y / 8)) + x * y / 16);
  return image;
}

inline int largestDifference(const std::vector<std::uint8_t>& a, const std::vector<std::uint8_t>& b) {
  if (a.size() != b.size()) return 256;
  int largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(int(a[i]) - int(b[i])));
  return largest;
}

}  // namespace ocrdet::test
