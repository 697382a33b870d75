// A picture in memory: 8 bits a channel, blue-green-red, rows from the top, no padding. Always upright: decoding
// applies the camera's orientation, so that everything behind it speaks of the picture as people see it.
#pragma once

#include <cstdint>
#include <opencv2/core/mat.hpp>
#include <vector>

namespace ocrdet {

struct Image {
  int height = 0;
  int width = 0;
  std::vector<std::uint8_t> bgr;  // height × width × 3

  bool empty() const { return height == 0 || width == 0; }
  std::uint8_t* row(int y) { return bgr.data() + std::size_t(y) * width * 3; }
  const std::uint8_t* row(int y) const { return bgr.data() + std::size_t(y) * width * 3; }
};

// All pixels zero. The sizes must be positive.
Image makeImage(int height, int width);

// The same pixels for OpenCV, without a copy; valid as long as the image lives. OpenCV has no read-only matrices: a
// view of a const image must not be written to.
cv::Mat view(Image& image);
cv::Mat view(const Image& image);

// Whether the stored rows are columns of the upright picture: EXIF orientations 5 to 8.
bool exchangesSides(int orientation);

// A copy with the EXIF orientation (1 to 8; anything else counts as 1) applied.
Image upright(Image image, int orientation);

}  // namespace ocrdet
