#include "postprocess/shapes.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <polyclipping/clipper.hpp>

namespace ocrdet::shapes {
namespace {

template <typename PointType>
double meanInsideWindow(const ProbabilityMap& map, const std::vector<PointType>& points) {
  const auto [left, right] =
      std::minmax_element(points.begin(), points.end(), [](const auto& a, const auto& b) { return a.x < b.x; });
  const auto [top, bottom] =
      std::minmax_element(points.begin(), points.end(), [](const auto& a, const auto& b) { return a.y < b.y; });
  const auto inside = [](double value, int size) { return int(std::clamp(value, 0.0, double(size - 1))); };
  const int x0 = inside(std::floor(left->x), map.width), x1 = inside(std::ceil(right->x), map.width);
  const int y0 = inside(std::floor(top->y), map.height), y1 = inside(std::ceil(bottom->y), map.height);

  std::vector<cv::Point> moved;
  moved.reserve(points.size());
  const PointType origin(static_cast<decltype(PointType::x)>(x0), static_cast<decltype(PointType::y)>(y0));
  for (const PointType& point : points) moved.emplace_back(int(point.x - origin.x), int(point.y - origin.y));

  cv::Mat mask = cv::Mat::zeros(y1 - y0 + 1, x1 - x0 + 1, CV_8U);
  cv::fillPoly(mask, std::vector<std::vector<cv::Point>>{moved}, cv::Scalar(1));
  const cv::Mat probabilities(map.height, map.width, CV_32F, const_cast<float*>(map.values.data()));
  return cv::mean(probabilities(cv::Rect(x0, y0, mask.cols, mask.rows)), mask)[0];
}

}  // namespace

cv::Mat textPixels(const ProbabilityMap& map, const PostprocessOptions& options) {
  cv::Mat pixels(map.height, map.width, CV_8U);
  const float threshold = options.pixel_threshold;
  std::transform(map.values.begin(), map.values.end(), pixels.data,
                 [threshold](float p) { return p > threshold ? std::uint8_t(255) : std::uint8_t(0); });
  if (options.dilate) cv::dilate(pixels, pixels, cv::Mat::ones(2, 2, CV_8U));
  return pixels;
}

std::array<cv::Point2f, 4> orderedCorners(const cv::RotatedRect& rectangle) {
  std::array<cv::Point2f, 4> p;
  rectangle.points(p.data());
  std::stable_sort(p.begin(), p.end(), [](const cv::Point2f& a, const cv::Point2f& b) { return a.x < b.x; });
  const int upper_left = p[1].y > p[0].y ? 0 : 1;
  const int upper_right = p[3].y > p[2].y ? 2 : 3;
  return {p[upper_left], p[upper_right], p[5 - upper_right], p[1 - upper_left]};
}

double meanInside(const ProbabilityMap& map, const std::vector<cv::Point2f>& points) {
  return meanInsideWindow(map, points);
}

double meanInside(const ProbabilityMap& map, const std::vector<cv::Point>& points) {
  return meanInsideWindow(map, points);
}

double area(const std::vector<cv::Point2d>& ring) {
  double sum = 0;
  for (std::size_t i = 1; i < ring.size(); ++i)
    sum += (ring[i].x - ring[0].x) * (ring[i - 1].y - ring[(i + 1) % ring.size()].y);
  return std::abs(sum / 2);
}

double perimeter(const std::vector<cv::Point2d>& ring) {
  double sum = 0;
  for (std::size_t i = 0; i < ring.size(); ++i) {
    const cv::Point2d step = ring[(i + 1) % ring.size()] - ring[i];
    sum += std::sqrt(step.x * step.x + step.y * step.y);
  }
  return sum;
}

std::vector<std::vector<cv::Point>> grow(const std::vector<cv::Point2d>& ring, double distance, double scale) {
  ClipperLib::Path path;
  path.reserve(ring.size());
  for (const cv::Point2d& point : ring)
    path.emplace_back(ClipperLib::cInt(point.x * scale), ClipperLib::cInt(point.y * scale));
  constexpr double kMiterLimit = 2, kArcTolerance = 0.25;
  ClipperLib::ClipperOffset offset(kMiterLimit, kArcTolerance * scale);
  offset.AddPath(path, ClipperLib::jtRound, ClipperLib::etClosedPolygon);
  ClipperLib::Paths grown;
  offset.Execute(grown, distance * scale);

  std::vector<std::vector<cv::Point>> rings(grown.size());
  for (std::size_t i = 0; i < grown.size(); ++i)
    for (const ClipperLib::IntPoint& point : grown[i]) rings[i].emplace_back(int(point.X), int(point.Y));
  return rings;
}

}  // namespace ocrdet::shapes
