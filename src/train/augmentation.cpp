#include "train/augmentation.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <opencv2/imgproc.hpp>
#include <optional>

#include "dataset/shape.h"

namespace ocrdet {
namespace {

Point mapped(const View& view, const Point& p) {
  return {view.xx * p.x + view.xy * p.y + view.x0, view.yx * p.x + view.yy * p.y + view.y0};
}

// Mirrored and turned about the middle, then moved so that the whole picture lies right of and below the origin.
View drawTurn(int height, int width, const AugmentationOptions& options, Random& random, Extent& canvas) {
  const double side = random.chance(options.mirror) ? -1 : 1;
  double degrees = random.between(-options.rotation, options.rotation);
  // Draws nothing for a share of 0, so that a seed's run without quarter turns stays the run it was.
  if (options.quarter_turns > 0 && random.chance(options.quarter_turns)) degrees += random.chance(0.5) ? 90 : -90;
  const double angle = degrees * std::numbers::pi / 180;
  View view;
  view.xx = side * std::cos(angle), view.xy = -std::sin(angle);
  view.yx = side * std::sin(angle), view.yy = std::cos(angle);
  const double right = width - 1, bottom = height - 1;
  canvas = extentOf(
      {mapped(view, {0, 0}), mapped(view, {right, 0}), mapped(view, {right, bottom}), mapped(view, {0, bottom})});
  view.x0 = -canvas.left, view.y0 = -canvas.top;
  canvas = {0, 0, canvas.width() + 1, canvas.height() + 1};
  return view;
}

// Positions 0 … length along one axis that no cared text covers, as runs [begin, end).
std::vector<std::pair<int, int>> freeRuns(int length, const std::vector<TextRegion>& regions, bool horizontal) {
  std::vector<char> covered(std::size_t(length), 0);
  for (const TextRegion& region : regions) {
    if (region.ignored) continue;
    const Extent extent = extentOf(region.points);
    const int begin = std::clamp(int(std::lround(horizontal ? extent.left : extent.top)), 0, length);
    const int end = std::clamp(int(std::lround(horizontal ? extent.right : extent.bottom)), 0, length);
    std::fill(covered.begin() + begin, covered.begin() + std::max(begin, end), 1);
  }
  std::vector<std::pair<int, int>> runs;
  for (int i = 0; i < length; ++i) {
    if (covered[std::size_t(i)]) continue;
    if (runs.empty() || runs.back().second != i) runs.emplace_back(i, i);
    ++runs.back().second;
  }
  return runs;
}

// Two free positions in order: from two runs when there are several, as EAST does.
std::pair<int, int> twoPositions(const std::vector<std::pair<int, int>>& runs, Random& random) {
  const auto inside = [&](const std::pair<int, int>& run) {
    return run.first + int(random.below(std::size_t(run.second - run.first)));
  };
  std::size_t first = random.below(runs.size()), second = first;
  while (runs.size() > 1 && second == first) second = random.below(runs.size());
  const int a = inside(runs[first]), b = inside(runs[second]);
  return {std::min(a, b), std::max(a, b)};
}

bool holds(const Extent& crop, const Polygon& polygon) {
  const Extent extent = extentOf(polygon);
  return extent.left >= crop.left && extent.right <= crop.right && extent.top >= crop.top &&
         extent.bottom <= crop.bottom;
}

// The whole canvas when ten tries find nothing with a cared text in it.
Extent drawTextCrop(const Extent& canvas, const std::vector<TextRegion>& regions, const AugmentationOptions& options,
                    Random& random) {
  const int width = std::max(1, int(canvas.width())), height = std::max(1, int(canvas.height()));
  const auto columns = freeRuns(width, regions, true), rows = freeRuns(height, regions, false);
  constexpr int kTries = 10;
  for (int tries = 0; tries < kTries && !columns.empty() && !rows.empty(); ++tries) {
    const auto [left, right] = twoPositions(columns, random);
    const auto [top, bottom] = twoPositions(rows, random);
    if (right - left < options.smallest_crop * width || bottom - top < options.smallest_crop * height) continue;
    const Extent crop{double(left), double(top), double(right), double(bottom)};
    const bool any = std::any_of(regions.begin(), regions.end(), [&](const TextRegion& region) {
      return !region.ignored && holds(crop, region.points);
    });
    if (any) return crop;
  }
  return canvas;
}

// A start near `wanted` whose two ends cut no text, if one lies within an eighth of the window.
double snapped(double wanted, double length, const std::vector<std::pair<int, int>>& runs, double canvas_length) {
  const auto isFree = [&](double position) {
    if (position <= 0 || position >= canvas_length) return true;
    const int at = int(position);
    return std::any_of(runs.begin(), runs.end(), [&](const auto& run) { return run.first <= at && at < run.second; });
  };
  for (int step = 0; step <= int(length / 8); ++step)
    for (const double start : {wanted - step, wanted + step})
      if (isFree(start) && isFree(start + length)) return start;
  return wanted;
}

// Around a text four times in five, anywhere otherwise; the picture fills the window where it is large enough.
Extent drawWindow(const Extent& canvas, const std::vector<TextRegion>& regions, double side, Random& random) {
  std::vector<const TextRegion*> cared;
  for (const TextRegion& region : regions)
    if (!region.ignored) cared.push_back(&region);
  std::optional<Extent> target;
  if (!cared.empty() && random.chance(0.8)) target = extentOf(cared[random.below(cared.size())]->points);
  const auto start = [&](double low, double high, double length) {
    const double least = std::min(0.0, length - side), most = std::max(0.0, length - side);
    return target ? std::clamp(random.between(low - side, high), least, most) : random.between(least, most);
  };
  const Extent around = target.value_or(canvas);
  const double left = start(around.left, around.right, canvas.width());
  const double top = start(around.top, around.bottom, canvas.height());
  const double x = snapped(left, side, freeRuns(int(canvas.width()), regions, true), canvas.width());
  const double y = snapped(top, side, freeRuns(int(canvas.height()), regions, false), canvas.height());
  return {x, y, x + side, y + side};
}

// The part of a polygon on one side of a line: distance(p) ≥ 0 (Sutherland and Hodgman).
template <typename Distance>
Polygon clippedBy(const Polygon& polygon, const Distance& distance) {
  Polygon kept;
  for (std::size_t i = 0; i < polygon.size(); ++i) {
    const Point &p = polygon[i], &q = polygon[(i + 1) % polygon.size()];
    const double dp = distance(p), dq = distance(q);
    if (dp >= 0) kept.push_back(p);
    if ((dp >= 0) != (dq >= 0)) {
      const double t = dp / (dp - dq);
      kept.push_back({p.x + t * (q.x - p.x), p.y + t * (q.y - p.y)});
    }
  }
  return kept;
}

Polygon clipped(const Polygon& polygon, double width, double height) {
  Polygon kept = clippedBy(polygon, [](const Point& p) { return p.x; });
  kept = clippedBy(kept, [=](const Point& p) { return width - p.x; });
  kept = clippedBy(kept, [](const Point& p) { return p.y; });
  return clippedBy(kept, [=](const Point& p) { return height - p.y; });
}

double thickness(const Polygon& polygon) {
  std::vector<cv::Point2f> points;
  for (const Point& p : polygon) points.emplace_back(float(p.x), float(p.y));
  const cv::Size2f size = cv::minAreaRect(points).size;
  return double(std::min(size.width, size.height));
}

// A text in the visible part, clipped; nothing when it lies outside. A strip of a line cut along its length is nothing
// that a detector should call a line.
std::optional<TextRegion> seen(const TextRegion& region, double last_column, double last_row) {
  const Extent extent = extentOf(region.points);
  if (extent.left >= 0 && extent.top >= 0 && extent.right <= last_column && extent.bottom <= last_row) return region;
  Polygon inside = clipped(region.points, last_column, last_row);
  if (inside.size() < 3) return std::nullopt;
  for (Point& p : inside)  // clipping rounds
    p = {std::clamp(p.x, 0.0, last_column), std::clamp(p.y, 0.0, last_row)};
  constexpr double kLeastThickness = 0.7;
  const bool strip = thickness(inside) < kLeastThickness * thickness(region.points);
  return TextRegion{std::move(inside), region.ignored || strip};
}

// Sides of a text crop run at whole pixels: a neighbour's fraction of a pixel within it is no text.
void dropNeighbours(std::vector<TextRegion>& regions, const Extent& crop) {
  std::erase_if(regions, [&](const TextRegion& region) {
    const Extent extent = extentOf(region.points);
    const double x = (extent.left + extent.right) / 2, y = (extent.top + extent.bottom) / 2;
    return !region.ignored && (x < crop.left || x > crop.right || y < crop.top || y > crop.bottom);
  });
}

// What a window of that size shows of the source, with the neighbours that interpolation reads.
cv::Rect partFor(const cv::Matx23d& to_window, const cv::Size& window) {
  const cv::Matx22d turn(to_window(0, 0), to_window(0, 1), to_window(1, 0), to_window(1, 1));
  const cv::Matx22d back = turn.inv();
  Polygon corners;
  for (const double y : {0, window.height - 1})
    for (const double x : {0, window.width - 1}) {
      const cv::Vec2d source = back * cv::Vec2d(x - to_window(0, 2), y - to_window(1, 2));
      corners.push_back({source[0], source[1]});
    }
  constexpr double kMargin = 2;
  const Extent part = extentOf(corners);
  return {cv::Point(int(std::floor(part.left - kMargin)), int(std::floor(part.top - kMargin))),
          cv::Point(int(std::ceil(part.right + kMargin)) + 1, int(std::ceil(part.bottom + kMargin)) + 1)};
}

}  // namespace

View drawView(int height, int width, const std::vector<TextRegion>& regions, int size,
              const AugmentationOptions& options, Random& random) {
  Extent canvas;
  View view = drawTurn(height, width, options, random, canvas);
  std::vector<TextRegion> turned = regions;
  std::erase_if(turned, [](const TextRegion& region) { return region.points.size() < 3; });
  for (TextRegion& region : turned)
    for (Point& point : region.points) point = mapped(view, point);

  Extent crop;
  double scale = 1;
  if (random.chance(options.text_crop)) {
    crop = drawTextCrop(canvas, turned, options, random);
    scale = std::min(size / crop.width(), size / crop.height());
    dropNeighbours(turned, crop);
    view.visible_width = std::clamp(int(std::lround(crop.width() * scale)), 1, size);
    view.visible_height = std::clamp(int(std::lround(crop.height() * scale)), 1, size);
  } else {
    scale = double(options.detection_short_side) / std::min(height, width) *
            random.betweenLog(options.smallest_scale, options.largest_scale);
    crop = drawWindow(canvas, turned, size / scale, random);
    view.visible_width = view.visible_height = size;
  }
  // Pixel centres stay pixel centres: x' + 1/2 = scale · (x + 1/2).
  const auto placed = [&](const Point& p) {
    return Point{(p.x - crop.left + 0.5) * scale - 0.5, (p.y - crop.top + 0.5) * scale - 0.5};
  };
  const Point origin = placed({view.x0, view.y0});
  view.xx *= scale, view.xy *= scale, view.yx *= scale, view.yy *= scale;
  view.x0 = origin.x, view.y0 = origin.y;
  for (TextRegion& region : turned) {
    for (Point& point : region.points) point = placed(point);
    if (auto visible = seen(region, view.visible_width - 1, view.visible_height - 1))
      view.regions.push_back(*std::move(visible));
  }
  return view;
}

Image applyView(const Image& image, const View& view, int size) {
  Image square = makeImage(size, size);
  cv::Mat to = ocrdet::view(square)(cv::Rect(0, 0, view.visible_width, view.visible_height));
  cv::Mat from = ocrdet::view(image);
  cv::Matx23d map(view.xx, view.xy, view.x0, view.yx, view.yy, view.y0);

  // Interpolation reads four pixels: what shrinks by more than half is averaged before.
  const double scale = std::hypot(view.xx, view.yx);
  cv::Mat smaller;
  if (scale < 0.5) {
    const double share = scale * 1.5;
    const cv::Size shrunk(std::max(1, int(from.cols * share)), std::max(1, int(from.rows * share)));
    cv::resize(from, smaller, shrunk, 0, 0, cv::INTER_AREA);
    const double fx = double(from.cols) / shrunk.width, fy = double(from.rows) / shrunk.height;
    // x = fx · (u + 1/2) − 1/2
    map(0, 2) += map(0, 0) * (fx - 1) / 2 + map(0, 1) * (fy - 1) / 2;
    map(1, 2) += map(1, 0) * (fx - 1) / 2 + map(1, 1) * (fy - 1) / 2;
    map(0, 0) *= fx, map(1, 0) *= fx, map(0, 1) *= fy, map(1, 1) *= fy;
    from = smaller;
  }
  // OpenCV takes pictures with sides below 32767 alone; what the window shows is never that large.
  const cv::Rect needed = partFor(map, to.size()) & cv::Rect({0, 0}, from.size());
  if (needed.empty()) return square;
  map(0, 2) += map(0, 0) * needed.x + map(0, 1) * needed.y;
  map(1, 2) += map(1, 0) * needed.x + map(1, 1) * needed.y;
  cv::warpAffine(from(needed), to, map, to.size(), cv::INTER_LINEAR, cv::BORDER_CONSTANT);
  return square;
}

void changeColours(Image& image, Random& random) {
  const double contrast = random.between(0.6, 1.4), brightness = random.between(-40, 40);
  const bool inverted = random.chance(0.1), grey = random.chance(0.1);
  std::array<std::array<std::uint8_t, 256>, 3> tables;
  for (auto& table : tables) {
    const double tint = random.between(0.85, 1.15);
    for (int v = 0; v < 256; ++v) {
      const double value = ((inverted ? 255 - v : v) - 128) * contrast + 128 + brightness;
      table[std::size_t(v)] = std::uint8_t(std::clamp(std::lround(value * tint), 0L, 255L));
    }
  }
  for (std::size_t i = 0; i < image.bgr.size(); i += 3) {
    std::uint8_t* pixel = image.bgr.data() + i;
    for (std::size_t c = 0; c < 3; ++c) pixel[c] = tables[c][pixel[c]];
    // The weights of luminance in 256ths (ITU-R BT.601).
    if (grey) pixel[0] = pixel[1] = pixel[2] = std::uint8_t((29 * pixel[0] + 150 * pixel[1] + 77 * pixel[2]) >> 8);
  }
}

TrainingPicture augment(const LabelledImage& labelled, int size, const AugmentationOptions& options, Random& random) {
  const Image& image = labelled.image;
  View view = drawView(image.height, image.width, labelled.regions, size, options, random);
  TrainingPicture picture{applyView(image, view, size), std::move(view.regions)};
  if (random.chance(options.colour)) changeColours(picture.image, random);
  return picture;
}

}  // namespace ocrdet
