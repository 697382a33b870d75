#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/cancellation.h"
#include "dataset/check_truth.h"
#include "dataset/seen_shapes.h"
#include "dataset/shape.h"

namespace ocrdet {
namespace {

constexpr double kSmallSide = 8;  // min_text_size of MhLiao's trainer

// What a reader sees of a shape: its extent, rounded.
std::string shown(const Polygon& shape) {
  const Extent extent = extentOf(shape);
  return fmt::format("x {:.0f} to {:.0f}, y {:.0f} to {:.0f}", extent.left, extent.right, extent.top, extent.bottom);
}

// Order, crossing, area. Returns whether the shape is sound enough for questions about its size.
bool checkForm(const NumberedTruth& item, TruthForm form, Findings& findings) {
  const Polygon& points = item.truth.points;
  if (crossesItself(points)) {
    findings.add(kinds::kBoxSelfIntersecting, item.line, fmt::format("sides cross: {}", shown(points)));
    return false;
  }
  const double area = signedArea(points);
  if (isNoShape(points)) {
    findings.add(kinds::kBoxNoArea, item.line, fmt::format("{:.2f} square pixels: {}", std::abs(area), shown(points)));
    return false;
  }
  if (area < 0)
    findings.add(kinds::kBoxCounterClockwise, item.line,
                 fmt::format("corners run counter-clockwise: {}", shown(points)));
  if (form != TruthForm::kQuads && form != TruthForm::kScripts) return true;
  if (!isConvex(points)) findings.add(kinds::kBoxConcave, item.line, fmt::format("concave: {}", shown(points)));
  const auto nearest = std::min_element(points.begin(), points.end(),
                                        [](const Point& a, const Point& b) { return a.x + a.y < b.x + b.y; });
  if (nearest->x + nearest->y < points[0].x + points[0].y)
    findings.add(kinds::kBoxFirstCorner, item.line,
                 fmt::format("begins with corner {}: {}", nearest - points.begin() + 1, shown(points)));
  return true;
}

void checkPlace(const NumberedTruth& item, PixelSize picture, Findings& findings) {
  const Polygon points = inOrder(item.truth.points).points;
  if (isNoShape(points)) return;
  const double share = shareInside(points, picture);
  const std::string where =
      fmt::format("{} in an image {} wide and {} high", shown(points), picture.width, picture.height);
  if (share == 0)
    findings.add(kinds::kBoxOutside, item.line, fmt::format("wholly outside: {}", where));
  else if (share < kReadableShare && !item.truth.ignored)
    findings.add(kinds::kBoxMostlyOutside, item.line, fmt::format("{:.0f} % inside: {}", share * 100, where));
  else if (share < 1)
    findings.add(kinds::kBoxBeyondEdge, item.line, fmt::format("{:.0f} % inside: {}", share * 100, where));
}

void checkSize(const NumberedTruth& item, Findings& findings) {
  if (item.truth.ignored) return;
  const double side = shorterExtent(item.truth.points);
  if (isTiny(item.truth.points))
    findings.add(kinds::kBoxTiny, item.line, fmt::format("{:.1f} pixels: {}", side, shown(item.truth.points)));
  else if (side < kSmallSide)
    findings.add(kinds::kBoxSmall, item.line, fmt::format("{:.1f} pixels: {}", side, shown(item.truth.points)));
}

void checkDuplicates(const std::vector<NumberedTruth>& truth, Findings& findings) {
  SeenShapes seen;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    throwIfInterrupted();
    const Polygon points = inOrder(truth[i].truth.points).points;
    if (const auto earlier = seen.findOrAdd(points, i))
      findings.add(kinds::kBoxDuplicate, truth[i].line,
                   fmt::format("the same as line {}: {}", truth[*earlier].line, shown(points)));
  }
}

}  // namespace

std::vector<Polygon> tellingShapes(const std::vector<NumberedTruth>& truth) {
  std::vector<Polygon> all, readable;
  for (const NumberedTruth& item : truth) {
    all.push_back(item.truth.points);
    if (!item.truth.ignored) readable.push_back(item.truth.points);
  }
  return readable.empty() ? all : readable;
}

void checkShapes(const std::vector<NumberedTruth>& truth, const PictureFrame& frame, TruthForm form,
                 Findings& findings) {
  const std::vector<Polygon> shapes = tellingShapes(truth);
  const CoordinateSlip slip = coordinateSlip(shapes, frame.upright, frame.stored);
  if (slip == CoordinateSlip::kNormalised) {
    findings.add(kinds::kTruthNormalised, 0, fmt::format("all {} shapes lie between 0 and 1", shapes.size()));
    return;
  }
  checkDuplicates(truth, findings);
  if (slip == CoordinateSlip::kSwapped) {
    const bool turned = !(frame.stored == frame.upright);
    findings.add(
        turned ? kinds::kImageTurned : kinds::kTruthSwappedAxes, 0,
        fmt::format("the {} shapes do not fit an image {} wide and {} high, but one {} wide and {} high", shapes.size(),
                    frame.upright.width, frame.upright.height, frame.upright.height, frame.upright.width));
    return;
  }
  for (const NumberedTruth& item : truth) {
    throwIfInterrupted();
    const bool sound = checkForm(item, form, findings);
    checkPlace(item, frame.upright, findings);
    if (sound) checkSize(item, findings);
  }
}

}  // namespace ocrdet
