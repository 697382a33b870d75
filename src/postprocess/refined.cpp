// Our method: the originals' idea without their integer grid.
#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <numbers>
#include <opencv2/imgproc.hpp>
#include <optional>

#include "postprocess/methods.h"
#include "postprocess/reading_order.h"
#include "postprocess/shapes.h"

namespace ocrdet {
namespace {

using Contour = std::vector<cv::Point>;

// Map coordinate to picture coordinate. Both count pixel centres as whole numbers, as the resize did: centre i of the
// resized picture shows the place (i + 0.5) · scale − 0.5.
Point toImage(const cv::Point2d& point, const Frame& frame) {
  const double x = (point.x + 0.5) * frame.image_width / frame.resized_width - 0.5;
  const double y = (point.y + 0.5) * frame.image_height / frame.resized_height - 0.5;
  return {std::clamp(x, 0.0, double(frame.image_width)), std::clamp(y, 0.0, double(frame.image_height))};
}

// Outer contours only, of every component, also of those inside the hole of another; the largest if there are too many.
std::vector<Contour> outerContours(const cv::Mat& text_pixels, int max_candidates) {
  std::vector<Contour> contours, outer;
  std::vector<cv::Vec4i> links;  // next, previous, first child, parent
  cv::findContours(text_pixels, contours, links, cv::RETR_CCOMP, cv::CHAIN_APPROX_SIMPLE);
  for (std::size_t i = 0; i < contours.size(); ++i)
    if (links[i][3] < 0) outer.push_back(std::move(contours[i]));
  if (int(outer.size()) <= max_candidates) return outer;
  std::stable_sort(outer.begin(), outer.end(), [](const Contour& a, const Contour& b) {
    return cv::boundingRect(a).area() > cv::boundingRect(b).area();
  });
  outer.resize(std::size_t(max_candidates));
  return outer;
}

// How far a shape of this area and perimeter grows. What grows by d gets the area A + L·d + c·d² and the perimeter
// L + 2c·d, where c is 4 for a rectangle that stays one and π for round corners; kInvertShrink solves d = ratio · area
// / perimeter of that, a quadratic equation with one positive root.
double growthOf(double area, double perimeter, double corners, const PostprocessOptions& options) {
  const double ratio = options.unclip_ratio;
  if (options.growth == GrowthRule::kUnclip) return area * ratio / perimeter;
  const double a = (2 - ratio) * corners, b = (1 - ratio) * perimeter, c = ratio * area;
  return (std::sqrt(b * b + 4 * a * c) - b) / (2 * a);
}

// Growing a rectangle with round corners and putting a rectangle around it moves each side outwards by the distance.
Polygon grownRectangle(cv::RotatedRect rectangle, const PostprocessOptions& options, const Frame& frame) {
  const double width = rectangle.size.width, height = rectangle.size.height;
  const double distance = growthOf(width * height, 2 * (width + height), 4, options);
  rectangle.size.width = float(width + 2 * distance);
  rectangle.size.height = float(height + 2 * distance);
  Polygon polygon;
  for (const cv::Point2f& corner : shapes::orderedCorners(rectangle)) polygon.push_back(toImage(corner, frame));
  return polygon;
}

std::optional<Polygon> grownPolygon(const Contour& outline, const PostprocessOptions& options, const Frame& frame) {
  constexpr double kSubpixels = 16;  // the grid of the growth is this much finer than the map
  const std::vector<cv::Point2d> ring(outline.begin(), outline.end());
  const double distance = growthOf(shapes::area(ring), shapes::perimeter(ring), std::numbers::pi, options);
  const auto rings = shapes::grow(ring, distance, kSubpixels);
  if (rings.empty()) return {};
  const auto& largest = *std::max_element(rings.begin(), rings.end(), [](const Contour& a, const Contour& b) {
    return cv::contourArea(a) < cv::contourArea(b);
  });
  Polygon polygon;
  for (const cv::Point& point : largest) polygon.push_back(toImage(cv::Point2d(point) / kSubpixels, frame));
  return polygon;
}

// The simplified outline; the rectangle's corners when fewer than four points are left of it.
Contour outlineOf(const Contour& contour, const cv::RotatedRect& rectangle, double epsilon) {
  Contour outline;
  cv::approxPolyDP(contour, outline, epsilon * cv::arcLength(contour, true), true);
  if (outline.size() >= 4) return outline;
  const auto corners = shapes::orderedCorners(rectangle);
  return {corners.begin(), corners.end()};
}

// Mean over the pixels whose centres lie in the convex quadrangle, borders included. Row by row: each is one interval.
double meanInQuadrangle(const ProbabilityMap& map, const std::array<cv::Point2f, 4>& corners) {
  constexpr double kOnTheBorder = 1e-3;  // corners come as float32
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

double scoreOf(const ProbabilityMap& map, const Contour& contour, const cv::RotatedRect& rectangle,
               const PostprocessOptions& options) {
  if (options.score == ScoreRegion::kContour || options.polygons) return shapes::meanInside(map, contour);
  return meanInQuadrangle(map, shapes::orderedCorners(rectangle));
}

// Texts that a faint bridge joins into one bent candidate, whose rectangle is mostly background and scores too low: the
// threshold is raised within the candidate until the bridges break. Parts must score clearly more than a box has to,
// and cover half of the candidate: otherwise the letters of a weak sign would come back as boxes of their own. Who asks
// for boxes above one half wants certain ones, not what a guess leaves of others.
class JoinedTexts {
 public:
  JoinedTexts(const ProbabilityMap& map, const Frame& frame, const PostprocessOptions& options)
      : map_(map), frame_(frame), options_(options), pixels_left_(kMostPixels * std::int64_t(map.values.size())) {}

  // None when the candidate is no joined texts.
  std::vector<FoundText> takeApart(const Contour& candidate) {
    if (options_.polygons || options_.box_threshold > kHighestBoxThreshold) return {};
    std::vector<FoundText> parts;
    const double area = collectParts(candidate, options_.pixel_threshold, parts);
    if (area < kLeastCover * cv::contourArea(candidate)) parts.clear();
    return parts;
  }

 private:
  static constexpr float kStep = 0.05F, kHighest = 0.95F;
  static constexpr double kHighestBoxThreshold = 0.5, kAboveBoxThreshold = 0.15, kLeastCover = 0.5;
  static constexpr int kMostPixels = 16;  // to look at, in maps: nested candidates could ask for thousands

  // Adds the parts of `contour`, whose pixels are above `level`, at the next levels; returns their area.
  double collectParts(const Contour& contour, float level, std::vector<FoundText>& parts) {
    double area = 0;
    for (const Contour& part : contoursAbove(level, contour)) {
      const cv::RotatedRect rectangle = cv::minAreaRect(part);
      if (std::min(rectangle.size.width, rectangle.size.height) < options_.min_side) continue;
      const double score = scoreOf(map_, part, rectangle, options_);
      if (score >= options_.box_threshold + kAboveBoxThreshold) {
        parts.push_back({grownRectangle(rectangle, options_, frame_), score});
        area += cv::contourArea(part);
      } else {
        area += collectParts(part, level + kStep, parts);
      }
    }
    return area;
  }

  // Within `contour`, whose pixels are above `level`: the contours at the next one.
  std::vector<Contour> contoursAbove(float level, const Contour& contour) {
    const cv::Rect window = cv::boundingRect(contour);
    pixels_left_ -= window.area();
    if (level + kStep > kHighest || pixels_left_ < 0) return {};
    const cv::Mat map(map_.height, map_.width, CV_32F, const_cast<float*>(map_.values.data()));
    const cv::Mat probabilities = map(window);
    const cv::Mat text_pixels = pixelsOf(contour, window, probabilities > level) & (probabilities > level + kStep);
    std::vector<Contour> contours = outerContours(text_pixels, options_.max_candidates);
    for (Contour& found : contours)
      for (cv::Point& point : found) point += window.tl();
    return contours;
  }

  // Without those in its holes, which are other candidates. (Dilation may put a contour where there is no pixel.)
  static cv::Mat pixelsOf(const Contour& contour, const cv::Rect& window, const cv::Mat& text_pixels) {
    cv::Mat filled = cv::Mat::zeros(window.size(), CV_8U), components;
    cv::fillPoly(filled, std::vector<Contour>{contour}, cv::Scalar(255), cv::LINE_8, 0, -window.tl());
    cv::connectedComponents(filled & text_pixels, components, 8, CV_32S);
    const int own = components.at<int>(contour.front() - window.tl());
    return own > 0 ? cv::Mat(components == own) : filled;
  }

  const ProbabilityMap& map_;
  const Frame& frame_;
  const PostprocessOptions& options_;
  std::int64_t pixels_left_;
};

}  // namespace

PostprocessResult findTextRefined(const ProbabilityMap& map, const Frame& frame, const PostprocessOptions& options) {
  PostprocessResult result;
  JoinedTexts joined_texts(map, frame, options);
  for (const Contour& contour : outerContours(shapes::textPixels(map, options), options.max_candidates)) {
    ++result.counts.candidates;
    const cv::RotatedRect rectangle = cv::minAreaRect(contour);
    if (std::min(rectangle.size.width, rectangle.size.height) < options.min_side) {
      ++result.counts.too_small;
      continue;
    }
    const double score = scoreOf(map, contour, rectangle, options);
    if (!(score >= options.box_threshold)) {
      std::vector<FoundText> parts = joined_texts.takeApart(contour);
      if (!parts.empty()) {
        std::move(parts.begin(), parts.end(), std::back_inserter(result.found));
        continue;
      }
      ++result.counts.below_box_threshold;
      result.counts.best_rejected_score = std::max(result.counts.best_rejected_score, score);
      continue;
    }
    if (!options.polygons) {
      result.found.push_back({grownRectangle(rectangle, options, frame), score});
    } else if (auto polygon = grownPolygon(outlineOf(contour, rectangle, options.epsilon), options, frame)) {
      result.found.push_back({std::move(*polygon), score});
    }
  }
  if (options.reading_order) sortForReading(result.found);
  return result;
}

}  // namespace ocrdet
