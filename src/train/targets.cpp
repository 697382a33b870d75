#include "train/targets.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "dataset/shape.h"
#include "postprocess/shapes.h"

namespace ocrdet {
namespace {

using Ring = std::vector<cv::Point2d>;

Ring ringOf(const Polygon& polygon) {
  Ring ring;
  ring.reserve(polygon.size());
  for (const Point& point : polygon) ring.emplace_back(point.x, point.y);
  return ring;
}

double offsetDistance(const Ring& ring) {
  return shapes::area(ring) * (1 - kShrinkRatio * kShrinkRatio) / shapes::perimeter(ring);
}

void fill(std::vector<std::uint8_t>& map, int height, int width, const std::vector<cv::Point>& ring, int value) {
  cv::Mat view(height, width, CV_8U, map.data());
  cv::fillPoly(view, std::vector<std::vector<cv::Point>>{ring}, cv::Scalar(value));
}

std::vector<cv::Point> cutToPixels(const Polygon& polygon) {
  std::vector<cv::Point> points;
  points.reserve(polygon.size());
  for (const Point& point : polygon) points.emplace_back(int(point.x), int(point.y));
  return points;
}

void drawText(TrainingTargets& targets, std::vector<TextRegion>& regions, double min_text_size) {
  for (TextRegion& region : regions) {
    std::vector<std::vector<cv::Point>> shrunk;
    if (!region.ignored && shorterExtent(region.points) >= min_text_size) {
      const Ring ring = ringOf(region.points);
      shrunk = shapes::grow(ring, -offsetDistance(ring), 1);
    }
    if (shrunk.empty()) {
      region.ignored = true;
      fill(targets.text_mask, targets.height, targets.width, cutToPixels(region.points), 0);
    } else {
      fill(targets.text, targets.height, targets.width, shrunk.front(), 1);  // the original draws the first ring only
    }
  }
}

// Squared distance to the line through a and b where p sees them under an obtuse angle, else to the nearer end. Beside
// sides shorter than 2 · D that exceeds the distance to the segment, by up to a fourth of D; the originals compute it
// so.
double squaredDistance(double x, double y, const cv::Point2d& a, const cv::Point2d& b, double squared_length) {
  const double ax = x - a.x, ay = y - a.y, bx = x - b.x, by = y - b.y;
  const double to_a = ax * ax + ay * ay, to_b = bx * bx + by * by;
  const double cross = ax * by - ay * bx;
  return to_a + to_b > squared_length ? std::min(to_a, to_b) : cross * cross / (squared_length + 1e-6);
}

// Raises `border` (still 0 … 1) to 1 − distance / D around one text. Rows are computed side by side by the compiler:
// all branches above are selections.
void drawRing(TrainingTargets& targets, const Ring& text, const std::vector<cv::Point>& grown, double distance) {
  const cv::Rect extent = cv::boundingRect(grown);
  const int left = std::max(0, extent.x), right = std::min(targets.width, extent.x + extent.width) - 1;
  const int top = std::max(0, extent.y), bottom = std::min(targets.height, extent.y + extent.height) - 1;
  if (right < left) return;
  std::vector<double> nearest(std::size_t(right - left + 1));
  for (int y = top; y <= bottom; ++y) {
    std::fill(nearest.begin(), nearest.end(), distance * distance);
    for (std::size_t corner = 0; corner < text.size(); ++corner) {
      const cv::Point2d &a = text[corner], &b = text[(corner + 1) % text.size()];
      const double squared_length = (a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y);
      for (std::size_t i = 0; i < nearest.size(); ++i)
        nearest[i] = std::min(nearest[i], squaredDistance(left + double(i), y, a, b, squared_length));
    }
    float* row = targets.border.data() + std::size_t(y) * targets.width + left;
    for (std::size_t i = 0; i < nearest.size(); ++i)
      row[i] = std::max(row[i], 1 - float(std::min(1.0, std::sqrt(nearest[i]) / distance)));
  }
}

void drawBorders(TrainingTargets& targets, const std::vector<TextRegion>& regions) {
  for (const TextRegion& region : regions) {
    if (region.ignored) continue;
    const Ring ring = ringOf(region.points);
    const double distance = offsetDistance(ring);
    const auto grown = shapes::grow(ring, distance, 1);
    if (grown.empty() || !(distance > 0)) continue;
    fill(targets.border_mask, targets.height, targets.width, grown.front(), 1);
    drawRing(targets, ring, grown.front(), distance);
  }
  for (float& value : targets.border) value = value * (kHighestBorder - kLowestBorder) + kLowestBorder;
}

}  // namespace

std::vector<TextRegion> prepareRegions(std::vector<TextRegion> regions, int height, int width) {
  std::erase_if(regions, [](const TextRegion& region) { return region.points.size() < 3; });
  for (TextRegion& region : regions) {
    for (Point& point : region.points) {
      point.x = std::clamp(point.x, 0.0, double(width - 1));
      point.y = std::clamp(point.y, 0.0, double(height - 1));
    }
    const double area = signedArea(region.points);
    if (std::abs(area) < 1) region.ignored = true;
    if (area < 0) std::reverse(region.points.begin(), region.points.end());
  }
  return regions;
}

TrainingTargets makeTargets(std::vector<TextRegion>& regions, int height, int width, double min_text_size) {
  const std::size_t pixels = std::size_t(height) * width;
  TrainingTargets targets{height,
                          width,
                          std::vector<std::uint8_t>(pixels, 0),
                          std::vector<std::uint8_t>(pixels, 1),
                          std::vector<std::uint8_t>(pixels, 0),
                          std::vector<float>(pixels, 0)};
  drawText(targets, regions, min_text_size);
  drawBorders(targets, regions);
  return targets;
}

}  // namespace ocrdet
