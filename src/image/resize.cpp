#include "image/resize.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

namespace ocrdet {

PixelSize shortSideSize(PixelSize original, int short_side) {
  const double height = original.height, width = original.width, side = short_side;
  const auto rounded_up = [](double long_side) {
    constexpr double kLargest = 1 << 30;
    return int(std::min(std::ceil(long_side / 32) * 32, kLargest));
  };
  if (height < width) return {short_side, rounded_up(side / height * width)};
  return {rounded_up(side / width * height), short_side};
}

PixelSize longSideSize(PixelSize original, int long_side, int multiple) {
  const double scale = std::min(1.0, double(long_side) / std::max(original.height, original.width));
  const auto nearest = [&](int side) {
    const double whole = std::floor(side * scale);
    return std::max(1, int(std::nearbyint(whole / multiple))) * multiple;
  };
  return {nearest(original.height), nearest(original.width)};
}

Image resize(const Image& image, PixelSize size) {
  if (size == PixelSize{image.height, image.width}) return image;
  Image resized = makeImage(size.height, size.width);
  cv::Mat to = view(resized);
  cv::resize(view(image), to, {size.width, size.height}, 0, 0, cv::INTER_LINEAR);
  return resized;
}

Image shrunk(const Image& image, int longest_side) {
  const PixelSize size = longSideSize({image.height, image.width}, longest_side, 1);
  if (size == PixelSize{image.height, image.width}) return image;
  Image small = makeImage(size.height, size.width);
  cv::Mat to = view(small);
  cv::resize(view(image), to, {size.width, size.height}, 0, 0, cv::INTER_AREA);
  return small;
}

}  // namespace ocrdet
