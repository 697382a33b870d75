#include "image/image.h"

#include <opencv2/core.hpp>
#include <utility>

namespace ocrdet {

Image makeImage(int height, int width) {
  return {height, width, std::vector<std::uint8_t>(std::size_t(height) * width * 3)};
}

cv::Mat view(Image& image) {
  return {image.height, image.width, CV_8UC3, image.bgr.data()};
}

cv::Mat view(const Image& image) {
  return {image.height, image.width, CV_8UC3, const_cast<std::uint8_t*>(image.bgr.data())};
}

bool exchangesSides(int orientation) {
  return orientation >= 5 && orientation <= 8;
}

// EXIF counts the ways a picture can lie: 2 mirrored, 3 upside down, 4 both; 5 to 8 the same with rows and columns
// exchanged.
Image upright(Image image, int orientation) {
  if (orientation < 2 || orientation > 8) return image;
  Image turned =
      exchangesSides(orientation) ? makeImage(image.width, image.height) : makeImage(image.height, image.width);
  const cv::Mat from = view(std::as_const(image));
  cv::Mat to = view(turned);
  switch (orientation) {
    case 2:
      cv::flip(from, to, 1);
      break;
    case 3:
      cv::flip(from, to, -1);
      break;
    case 4:
      cv::flip(from, to, 0);
      break;
    case 5:
      cv::transpose(from, to);
      break;
    case 6:
      cv::rotate(from, to, cv::ROTATE_90_CLOCKWISE);
      break;
    case 7:
      cv::transpose(from, to);
      cv::flip(to, to, -1);
      break;
    default:
      cv::rotate(from, to, cv::ROTATE_90_COUNTERCLOCKWISE);
      break;
  }
  return turned;
}

}  // namespace ocrdet
