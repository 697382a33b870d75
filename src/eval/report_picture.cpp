#include "eval/report_picture.h"

#include <fmt/format.h>

#include "image/resize.h"

namespace ocrdet {
namespace {

// Collects outlines of a picture that was shrunk by `scale`.
class Outlines {
 public:
  explicit Outlines(double scale) : scale_(scale) {}

  void add(const Polygon& shape, const ShapeKind& kind, int number = 0) {
    Outline outline{.points = shape, .colour = kind.colour, .style = kind.style, .fill = kind.fill};
    for (Point& point : outline.points) point = {point.x * scale_, point.y * scale_};
    if (*kind.label != 0) outline.label = fmt::format("{}{}", kind.label, number);
    outlines_.push_back(std::move(outline));
  }
  const std::vector<Outline>& all() const { return outlines_; }

 private:
  double scale_;
  std::vector<Outline> outlines_;
};

}  // namespace

Image reportPicture(const EvaluatedImage& evaluated, const Image& picture) {
  const Image small = shrunk(picture, kReportPictureSide);
  Outlines outlines(double(small.width) / picture.width);
  const Fates fates = fatesOf(evaluated);
  int misses = 0, false_alarms = 0;
  for (std::size_t i = 0; i < fates.truth.size(); ++i) {
    const Polygon& shape = evaluated.truth[i].points;
    if (fates.truth[i] == TruthFate::kIgnored) outlines.add(shape, kIgnoredKind);
    if (fates.truth[i] == TruthFate::kFound) outlines.add(shape, kFoundKind);
    if (fates.truth[i] == TruthFate::kMissed) outlines.add(shape, kMissedKind, ++misses);
  }
  for (std::size_t i = 0; i < fates.found.size(); ++i) {
    const Polygon& shape = evaluated.detection.boxes[i].points;
    if (fates.found[i] == FoundFate::kExcluded) outlines.add(shape, kIgnoredKind);
    if (fates.found[i] == FoundFate::kRight) outlines.add(shape, kRightKind);
    if (fates.found[i] == FoundFate::kFalseAlarm) outlines.add(shape, kFalseAlarmKind, ++false_alarms);
  }
  constexpr double kLines = 1.7;  // a card shows the picture at half its size
  return drawOutlines(small, outlines.all(), kLines);
}

}  // namespace ocrdet
