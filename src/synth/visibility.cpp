#include "synth/visibility.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <optional>

#include "dataset/shape.h"

namespace ocrdet::synth {
namespace {

constexpr int kSide = 16;  // of a square, in pixels of the strip that a text is laid out to
constexpr int kMostSquares = 64;

// How many texts' shapes lie over each pixel.
cv::Mat countTexts(const cv::Size& size, const std::vector<TruthLine>& truth) {
  cv::Mat count = cv::Mat::zeros(size, CV_8U), shape(size, CV_8U);
  for (const TruthLine& line : truth) {
    std::vector<cv::Point> corners;
    for (const Point& point : line.points) corners.emplace_back(int(std::lround(point.x)), int(std::lround(point.y)));
    const cv::Rect window = cv::boundingRect(corners) & cv::Rect(cv::Point(), size);
    if (window.empty()) continue;
    shape(window).setTo(0);
    cv::fillPoly(shape, std::vector<std::vector<cv::Point>>{corners}, 1);
    count(window) += shape(window);
  }
  return count;
}

// From a text to a strip: its length becomes horizontal, its height one square.
struct Strip {
  cv::Matx33d to_strip;
  cv::Size size;
};

std::optional<Strip> stripOf(const Polygon& quad) {
  if (quad.size() != 4) return {};
  const double sides[] = {sideLength(quad, 0), sideLength(quad, 1), sideLength(quad, 2), sideLength(quad, 3)};
  const std::size_t first = sides[0] + sides[2] >= sides[1] + sides[3] ? 0 : 1;
  const double length = sides[first], height = sides[first + 1];
  const int squares = std::clamp(int(std::lround(length / std::max(height, 1.0))), 1, kMostSquares);
  const float width = float(squares * kSide);
  cv::Point2f from[4];
  for (std::size_t i = 0; i < 4; ++i) from[i] = {float(quad[(first + i) % 4].x), float(quad[(first + i) % 4].y)};
  const cv::Point2f to[] = {{0, 0}, {width, 0}, {width, kSide}, {0, kSide}};
  return Strip{cv::Matx33d(cv::getPerspectiveTransform(from, to)), {squares * kSide, kSide}};
}

template <typename Values>
float quantile(Values& values, double share) {
  const auto place = values.begin() + std::ptrdiff_t(double(values.size() - 1) * share);
  std::nth_element(values.begin(), place, values.end());
  return *place;
}

// The distance in CIELAB from the middle colour that 7 % of the pixels exceed; nothing when hardly a pixel is of this
// text alone. Letters cover more than that of their square, and an even wall with its noise stays below 2.
std::optional<double> contrastOf(const cv::Mat& lab, const cv::Mat& texts) {
  std::array<std::vector<float>, 3> channels;
  for (int y = 0; y < lab.rows; ++y)
    for (int x = 0; x < lab.cols; ++x)
      if (texts.at<std::uint8_t>(y, x) <= 1)
        for (std::size_t c = 0; c < 3; ++c) channels[c].push_back(lab.at<cv::Vec3f>(y, x)[int(c)]);
  if (channels[0].size() < std::size_t(lab.rows * lab.cols) * 3 / 10) return {};
  std::array<float, 3> middle{};
  for (std::size_t c = 0; c < 3; ++c) {
    std::vector<float> sorted = channels[c];
    middle[c] = quantile(sorted, 0.5);
  }
  std::vector<float> distances;
  for (std::size_t i = 0; i < channels[0].size(); ++i) {
    float square = 0;
    for (std::size_t c = 0; c < 3; ++c) square += (channels[c][i] - middle[c]) * (channels[c][i] - middle[c]);
    distances.push_back(std::sqrt(square));
  }
  return quantile(distances, 0.93);
}

bool isInvisible(const cv::Mat& pixels, const cv::Mat& texts, const Polygon& quad) {
  constexpr double kLeastContrast = 3;
  const auto strip = stripOf(quad);
  if (!strip) return false;
  cv::Mat colours, lab, counts;
  cv::warpPerspective(pixels, colours, strip->to_strip, strip->size, cv::INTER_LINEAR, cv::BORDER_REPLICATE);
  cv::warpPerspective(texts, counts, strip->to_strip, strip->size, cv::INTER_NEAREST, cv::BORDER_REPLICATE);
  cv::blur(colours, colours, {3, 3});
  colours.convertTo(lab, CV_32F, 1.0 / 255);
  cv::cvtColor(lab, lab, cv::COLOR_BGR2Lab);
  const int squares = strip->size.width / kSide;
  int seen = 0, empty = 0;
  for (int x = 0; x < strip->size.width && 2 * seen <= squares; x += kSide) {
    const cv::Rect square(x, 0, kSide, kSide);
    if (const auto contrast = contrastOf(lab(square), counts(square))) ++(*contrast < kLeastContrast ? empty : seen);
  }
  return empty > 0 && empty >= seen;
}

}  // namespace

void ignoreInvisible(const Image& image, std::vector<TruthLine>& truth) {
  const cv::Mat pixels = view(image), texts = countTexts(pixels.size(), truth);
  for (TruthLine& line : truth) line.ignored = line.ignored || isInvisible(pixels, texts, line.points);
}

}  // namespace ocrdet::synth
