// The originals' method, step by step and bit by bit. Where double and float32, cutting and rounding differ between
// them, the golden files decide; nothing here may be "simplified".
#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <optional>

#include "postprocess/methods.h"
#include "postprocess/shapes.h"

namespace ocrdet {
namespace {

using Contour = std::vector<cv::Point>;

// A map coordinate in the picture, rounded half to even. The limit is the size itself, not the last pixel.
template <typename Number>
double toImage(Number value, int map_size, int image_size) {
  const Number scaled = value / Number(map_size) * Number(image_size);
  return std::clamp(std::nearbyint(double(scaled)), 0.0, double(image_size));
}

template <typename Number>
Point toImage(Number x, Number y, const ProbabilityMap& map, const Frame& frame) {
  return {toImage(x, map.width, frame.image_width), toImage(y, map.height, frame.image_height)};
}

struct Candidate {
  std::vector<cv::Point2d> corners;
  double score = 0;
};

// The rectangle of a contour, if it is large enough and its score is.
std::optional<Candidate> rectangleCandidate(const ProbabilityMap& map, const Contour& contour,
                                            const PostprocessOptions& options, PostprocessCounts& counts) {
  const cv::RotatedRect rectangle = cv::minAreaRect(contour);
  if (std::min(rectangle.size.width, rectangle.size.height) < options.min_side) {
    ++counts.too_small;
    return {};
  }
  const auto corners = shapes::orderedCorners(rectangle);
  const std::vector<cv::Point2f> points(corners.begin(), corners.end());
  Candidate candidate{{points.begin(), points.end()}, 0};
  candidate.score =
      options.score == ScoreRegion::kContour ? shapes::meanInside(map, contour) : shapes::meanInside(map, points);
  return candidate;
}

std::optional<Candidate> polygonCandidate(const ProbabilityMap& map, const Contour& contour,
                                          const PostprocessOptions& options) {
  Contour points;
  cv::approxPolyDP(contour, points, options.epsilon * cv::arcLength(contour, true), true);
  if (points.size() < 4) return {};
  Candidate candidate{{points.begin(), points.end()}, 0};
  candidate.score = shapes::meanInside(map, options.score == ScoreRegion::kContour ? contour : points);
  return candidate;
}

std::optional<Polygon> finish(const Candidate& candidate, const ProbabilityMap& map, const Frame& frame,
                              const PostprocessOptions& options) {
  const double distance = shapes::area(candidate.corners) * options.unclip_ratio / shapes::perimeter(candidate.corners);
  const auto rings = shapes::grow(candidate.corners, distance, 1);
  if (rings.size() != 1) return {};
  const cv::RotatedRect rectangle = cv::minAreaRect(rings.front());
  if (std::min(rectangle.size.width, rectangle.size.height) < options.min_side + 2) return {};

  Polygon polygon;
  if (options.polygons) {
    for (const cv::Point& point : rings.front()) polygon.push_back(toImage<double>(point.x, point.y, map, frame));
  } else {
    for (const cv::Point2f& corner : shapes::orderedCorners(rectangle))
      polygon.push_back(options.cut_corners ? toImage<double>(int(corner.x), int(corner.y), map, frame)
                                            : toImage<float>(corner.x, corner.y, map, frame));
  }
  return polygon;
}

}  // namespace

PostprocessResult findTextOriginal(const ProbabilityMap& map, const Frame& frame, const PostprocessOptions& options) {
  std::vector<Contour> contours;
  cv::findContours(shapes::textPixels(map, options), contours, cv::RETR_LIST, cv::CHAIN_APPROX_SIMPLE);
  if (int(contours.size()) > options.max_candidates) contours.resize(std::size_t(options.max_candidates));

  PostprocessResult result;
  for (const Contour& contour : contours) {
    ++result.counts.candidates;
    const auto candidate = options.polygons ? polygonCandidate(map, contour, options)
                                            : rectangleCandidate(map, contour, options, result.counts);
    if (!candidate) continue;
    if (options.box_threshold > candidate->score) {
      ++result.counts.below_box_threshold;
      result.counts.best_rejected_score = std::max(result.counts.best_rejected_score, candidate->score);
      continue;
    }
    if (auto polygon = finish(*candidate, map, frame, options))
      result.found.push_back({std::move(*polygon), candidate->score});
    else
      ++result.counts.too_small;
  }
  return result;
}

}  // namespace ocrdet
