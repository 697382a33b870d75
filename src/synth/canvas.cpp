#include "synth/canvas.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <opencv2/imgproc.hpp>

namespace ocrdet::synth {
namespace {

constexpr double kReadableHeight = 5;  // pixels; below, nobody could transcribe it

cv::Mat asMat(cairo_surface_t* surface) {
  return {cairo_image_surface_get_height(surface), cairo_image_surface_get_width(surface), CV_8UC4,
          cairo_image_surface_get_data(surface), std::size_t(cairo_image_surface_get_stride(surface))};
}

// Where each pixel of `window` looks at the sheet.
cv::Mat lookUp(const View& view, const cv::Rect& window) {
  const cv::Matx33d inverse = view.perspective.inv();
  cv::Mat map(window.height, window.width, CV_32FC2);
  for (int row = 0; row < window.height; ++row) {
    auto* to = map.ptr<cv::Vec2f>(row);
    for (int column = 0; column < window.width; ++column) {
      const double u = window.x + column + 0.5, v = window.y + row + 0.5;
      const double w = inverse(2, 0) * u + inverse(2, 1) * v + inverse(2, 2);
      const double x = (inverse(0, 0) * u + inverse(0, 1) * v + inverse(0, 2)) / w;
      double y = (inverse(1, 0) * u + inverse(1, 1) * v + inverse(1, 2)) / w;
      if (view.bend != 0) y -= view.shiftOf(x);
      to[column] = {float(x - 0.5), float(y - 0.5)};
    }
  }
  return map;
}

// Many points along the sides, since straight sides become curves on a bent sheet.
Polygon withPointsAlong(const Polygon& corners, int points_a_side) {
  Polygon dense;
  for (std::size_t i = 0; i < corners.size(); ++i) {
    const Point &from = corners[i], &to = corners[(i + 1) % corners.size()];
    for (int k = 0; k < points_a_side; ++k) {
      const double share = double(k) / points_a_side;
      dense.push_back({from.x + (to.x - from.x) * share, from.y + (to.y - from.y) * share});
    }
  }
  return dense;
}

// Begins with the corner nearest to `first`.
void beginAt(Polygon& quad, const Point& first) {
  const auto distance = [&](const Point& p) { return std::hypot(p.x - first.x, p.y - first.y); };
  std::rotate(quad.begin(),
              std::min_element(quad.begin(), quad.end(),
                               [&](const Point& a, const Point& b) { return distance(a) < distance(b); }),
              quad.end());
}

// How far side `i` runs along `way`.
double along(const Polygon& quad, std::size_t i, const Point& way) {
  const Point &from = quad[i], &to = quad[(i + 1) % quad.size()];
  return ((to.x - from.x) * way.x + (to.y - from.y) * way.y) / std::max(sideLength(quad, i), 1e-9);
}

// Begins with the side that runs along `way`.
void beginAlong(Polygon& quad, const Point& way) {
  std::size_t first = 0;
  for (std::size_t i = 1; i < quad.size(); ++i)
    if (along(quad, i, way) > along(quad, first, way)) first = i;
  std::rotate(quad.begin(), quad.begin() + std::ptrdiff_t(first), quad.end());
}

// Of letters, across the way of reading: "I" is narrow and can be read.
double heightOf(const Polygon& quad, const Point& way) {
  const std::size_t across = std::abs(along(quad, 0, way)) > std::abs(along(quad, 1, way)) ? 1 : 0;
  return std::min(sideLength(quad, across), sideLength(quad, across + 2));
}

void blend(const cv::Mat& layer, double opacity, cv::Mat target) {
  const int weight = int(std::lround(std::clamp(opacity, 0.0, 1.0) * 256));
  for (int y = 0; y < layer.rows; ++y) {
    const auto* from = layer.ptr<cv::Vec4b>(y);
    auto* to = target.ptr<cv::Vec3b>(y);
    for (int x = 0; x < layer.cols; ++x) {
      if (from[x][3] == 0) continue;
      const int keep = 65280 - from[x][3] * weight;  // of 255 · 256
      for (int c = 0; c < 3; ++c)
        to[x][c] = std::uint8_t((from[x][c] * weight * 255 + to[x][c] * keep + 32640) / 65280);
    }
  }
}

}  // namespace

double View::shiftOf(double x) const {
  return bend * std::sin(2 * std::numbers::pi * x / bend_length + bend_phase);
}

Point View::toPicture(Point p) const {
  if (bend != 0) p.y += shiftOf(p.x);
  const double w = perspective(2, 0) * p.x + perspective(2, 1) * p.y + perspective(2, 2);
  return {(perspective(0, 0) * p.x + perspective(0, 1) * p.y + perspective(0, 2)) / w,
          (perspective(1, 0) * p.x + perspective(1, 1) * p.y + perspective(1, 2)) / w};
}

View View::onto(PixelSize page, const std::array<Point, 4>& corners) {
  const float width = float(page.width), height = float(page.height);
  const cv::Point2f from[] = {{0, 0}, {width, 0}, {width, height}, {0, height}};
  cv::Point2f to[4];
  for (int i = 0; i < 4; ++i) to[i] = {float(corners[i].x), float(corners[i].y)};
  View view;
  view.perspective = cv::Matx33d(cv::getPerspectiveTransform(from, to));
  return view;
}

Canvas::Canvas(PixelSize size, bool keep_ink) : image(makeImage(size.height, size.width)) {
  if (keep_ink) ink = cv::Mat::zeros(size.height, size.width, CV_32S);
}

void Canvas::put(const Page& page, const View& view, double opacity) {
  const double width = page.size().width, height = page.size().height;
  Polygon border;
  for (const Point& point : withPointsAlong({{0, 0}, {width, 0}, {width, height}, {0, height}}, 16))
    border.push_back(view.toPicture(point));
  const Extent extent = extentOf(border);
  const cv::Rect window = cv::Rect(cv::Point(int(std::floor(extent.left)) - 1, int(std::floor(extent.top)) - 1),
                                   cv::Point(int(std::ceil(extent.right)) + 2, int(std::ceil(extent.bottom)) + 2)) &
                          cv::Rect(0, 0, image.width, image.height);
  if (window.empty()) return;
  const cv::Mat map = lookUp(view, window);
  cv::Mat layer;
  cv::remap(asMat(page.pixels()), layer, map, {}, cv::INTER_LINEAR, cv::BORDER_CONSTANT);
  blend(layer, opacity, ocrdet::view(image)(window));
  std::vector<int> number_of_label;  // 0: the label has disappeared
  for (const PageLabel& label : page.labels()) {
    const std::size_t before = truth.size();
    addLabel(label, view);
    number_of_label.push_back(truth.size() > before ? int(truth.size()) : 0);
  }
  if (ink.empty() || page.ink() == nullptr) return;
  cv::Mat marks;
  cv::remap(asMat(page.ink()), marks, map, {}, cv::INTER_NEAREST, cv::BORDER_CONSTANT);
  for (int y = 0; y < window.height; ++y)
    for (int x = 0; x < window.width; ++x) {
      const auto& mark = marks.at<cv::Vec4b>(y, x);
      const int number = mark[0] + 256 * mark[1] + 65536 * mark[2];
      if (number > 0) ink.at<int>(window.y + y, window.x + x) = number_of_label[std::size_t(number - 1)];
    }
}

void Canvas::addLabel(const PageLabel& label, const View& view) {
  const bool bent = label.curved || view.bend != 0;
  const Polygon outline = view.bend != 0 && !label.curved ? withPointsAlong(label.outline, 12) : label.outline;
  const Point begin = view.toPicture(label.begin), end = view.toPicture(label.end);
  const Point way{end.x - begin.x, end.y - begin.y};
  Polygon points;
  for (const Point& point : outline) points.push_back(view.toPicture(point));
  TruthLine line{clockwise(bent ? smallestRectangle(points) : points), label.text, label.ignored};
  if (label.curved)
    beginAlong(line.points, way);
  else if (bent)
    beginAt(line.points, points.front());
  const double share = isNoShape(line.points) ? 0 : shareInside(line.points, {image.height, image.width});
  if (share == 0) return;
  line.ignored = line.ignored || share < 0.7 || heightOf(line.points, way) < kReadableHeight;
  truth.push_back(std::move(line));
}

}  // namespace ocrdet::synth
