#include "postprocess/candidates.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "postprocess/shapes.h"

namespace ocrdet::candidates {

std::vector<Contour> outerContours(const cv::Mat& text_pixels, int most) {
  std::vector<Contour> contours, outer;
  std::vector<cv::Vec4i> links;  // next, previous, first child, parent
  cv::findContours(text_pixels, contours, links, cv::RETR_CCOMP, cv::CHAIN_APPROX_SIMPLE);
  for (std::size_t i = 0; i < contours.size(); ++i)
    if (links[i][3] < 0) outer.push_back(std::move(contours[i]));
  if (int(outer.size()) <= most) return outer;
  std::stable_sort(outer.begin(), outer.end(), [](const Contour& a, const Contour& b) {
    return cv::boundingRect(a).area() > cv::boundingRect(b).area();
  });
  outer.resize(std::size_t(most));
  return outer;
}

bool isTooThin(const cv::RotatedRect& rectangle, const PostprocessOptions& options) {
  return std::min(rectangle.size.width, rectangle.size.height) < options.min_side;
}

bool isScoredByContour(const PostprocessOptions& options) {
  return options.polygons || options.score == ScoreRegion::kContour;
}

// Row by row: of a convex shape each is one interval.
double meanInRectangle(const ProbabilityMap& map, const cv::RotatedRect& rectangle) {
  constexpr double kOnTheBorder = 1e-3;  // corners come as float32
  const std::array<cv::Point2f, 4> corners = shapes::orderedCorners(rectangle);
  double top = map.height, bottom = 0;
  for (const cv::Point2f& corner : corners) {
    top = std::min(top, double(corner.y));
    bottom = std::max(bottom, double(corner.y));
  }
  double sum = 0;
  std::int64_t count = 0;
  const int last = std::min(map.height - 1, int(std::floor(bottom + kOnTheBorder)));
  for (int y = std::max(0, int(std::ceil(top - kOnTheBorder))); y <= last; ++y) {
    double left = map.width, right = -1;
    for (std::size_t i = 0; i < 4; ++i) {
      const cv::Point2d a = corners[i], b = corners[(i + 1) % 4];
      if (y < std::min(a.y, b.y) - kOnTheBorder || y > std::max(a.y, b.y) + kOnTheBorder) continue;
      const double along = std::abs(b.y - a.y) < kOnTheBorder ? 0 : std::clamp((y - a.y) / (b.y - a.y), 0.0, 1.0);
      const double x = a.x + along * (b.x - a.x);
      left = std::min(left, x);
      right = std::max(right, x);
    }
    const int from = std::max(0, int(std::ceil(left - kOnTheBorder)));
    const int to = std::min(map.width - 1, int(std::floor(right + kOnTheBorder)));
    const float* row = map.values.data() + std::size_t(y) * map.width;
    for (int x = from; x <= to; ++x) sum += row[x];
    count += std::max(0, to - from + 1);
  }
  return count > 0 ? sum / double(count) : 0;
}

}  // namespace ocrdet::candidates
