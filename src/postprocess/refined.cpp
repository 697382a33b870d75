// Our method: the originals' idea without their integer grid.
#include <algorithm>
#include <cmath>
#include <numbers>
#include <opencv2/imgproc.hpp>
#include <optional>

#include "postprocess/candidates.h"
#include "postprocess/joined_texts.h"
#include "postprocess/methods.h"
#include "postprocess/reading_order.h"
#include "postprocess/shapes.h"

namespace ocrdet {
namespace {

using candidates::Contour;

// Map coordinate to picture coordinate. Both count pixel centres as whole numbers, as the resize did: centre i of the
// resized picture shows the place (i + 0.5) · scale − 0.5.
Point toImage(const cv::Point2d& point, const Frame& frame) {
  const double x = (point.x + 0.5) * frame.image_width / frame.resized_width - 0.5;
  const double y = (point.y + 0.5) * frame.image_height / frame.resized_height - 0.5;
  return {std::clamp(x, 0.0, double(frame.image_width)), std::clamp(y, 0.0, double(frame.image_height))};
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

double scoreOf(const ProbabilityMap& map, const Contour& contour, const cv::RotatedRect& rectangle,
               const PostprocessOptions& options) {
  if (candidates::isScoredByContour(options)) return shapes::meanInside(map, contour);
  return candidates::meanInRectangle(map, rectangle);
}

}  // namespace

PostprocessResult findTextRefined(const ProbabilityMap& map, const Frame& frame, const PostprocessOptions& options) {
  PostprocessResult result;
  JoinedTexts joined_texts(map, options);
  for (const Contour& contour : candidates::outerContours(shapes::textPixels(map, options), options.max_candidates)) {
    ++result.counts.candidates;
    const cv::RotatedRect rectangle = cv::minAreaRect(contour);
    if (candidates::isTooThin(rectangle, options)) {
      ++result.counts.too_small;
      continue;
    }
    const double score = scoreOf(map, contour, rectangle, options);
    if (!(score >= options.box_threshold)) {
      const std::vector<TextPart> parts = joined_texts.takeApart(contour);
      for (const TextPart& part : parts)
        result.found.push_back({grownRectangle(part.rectangle, options, frame), part.score});
      if (!parts.empty()) continue;
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
