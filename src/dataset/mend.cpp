#include "dataset/mend.h"

#include <optional>
#include <utility>

#include "base/cancellation.h"
#include "dataset/seen_shapes.h"
#include "dataset/shape.h"
#include "dataset/unreadable_marks.h"

namespace ocrdet {
namespace {

Point mendedPoint(const Point& point, CoordinateSlip slip, const MendContext& context) {
  const PictureFrame& frame = context.frame;
  if (slip == CoordinateSlip::kNormalised) return {point.x * frame.upright.width, point.y * frame.upright.height};
  if (slip != CoordinateSlip::kSwapped) return point;
  if (frame.stored == frame.upright) return {point.y, point.x};
  return uprightPoint(point, context.orientation, frame.stored);
}

// A guess is not to be learnt.
void mendOrder(TruthLine& line) {
  auto [points, guessed] = inOrder(line.points);
  line.points = std::move(points);
  line.ignored = line.ignored || guessed;
}

void mendText(TruthLine& line, TruthForm form) {
  if (form == TruthForm::kDifficulty || form == TruthForm::kRotatedBoxes) line.text = "text";
  line.text = withoutControls(line.text);
  line.ignored = line.ignored || isUnreadableMark(line.text) || looksUnreadableButIsNot(line.text);
}

}  // namespace

std::vector<TruthLine> mendTruth(const std::vector<NumberedTruth>& truth, const MendContext& context) {
  const CoordinateSlip slip = coordinateSlip(tellingShapes(truth), context.frame.upright, context.frame.stored);
  std::vector<TruthLine> mended;
  SeenShapes seen;
  for (const NumberedTruth& item : truth) {
    throwIfInterrupted();
    TruthLine line = item.truth;
    for (Point& point : line.points) point = mendedPoint(point, slip, context);
    mendOrder(line);
    mendText(line, context.form);
    if (isNoShape(line.points)) continue;
    const double share = shareInside(line.points, context.frame.upright);
    if (share == 0) continue;
    line.ignored = line.ignored || share < kReadableShare || isTiny(line.points);
    const auto twin = seen.findOrAdd(line.points, mended.size());
    if (!twin)
      mended.push_back(std::move(line));
    else if (mended[*twin].ignored && !line.ignored)
      mended[*twin] = std::move(line);
  }
  return mended;
}

}  // namespace ocrdet
