// A model and pictures for tests of commands: the model calls white pixels text (tests/detect/tiny_network.h), so what
// a command must answer is known.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "detect/tiny_network.h"
#include "image/encode.h"
#include "image/image.h"

namespace ocrdet::test {

inline void writeBytes(const std::filesystem::path& path, const std::string& bytes) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << bytes;
}

// Its input is small, so that a test of hundreds of pictures takes a second.
inline std::string writeModel(const std::filesystem::path& path,
                              const test::TinyNetwork& network = {.height = 160, .width = 224}) {
  writeBytes(path, test::onnxBytes(network));
  return path.string();
}

struct Bar {
  int left, top, width, height;
};

inline Image pictureWith(int height, int width, const std::vector<Bar>& bars) {
  Image image = makeImage(height, width);
  for (const Bar& bar : bars)
    for (int y = bar.top; y < bar.top + bar.height; ++y)
      std::fill_n(image.row(y) + 3 * bar.left, 3 * bar.width, std::uint8_t(255));
  return image;
}

inline std::string writePng(const std::filesystem::path& path, const Image& image) {
  writeBytes(path, encodePng(image));
  return path.string();
}

}  // namespace ocrdet::test
