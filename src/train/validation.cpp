#include "train/validation.h"

#include <algorithm>

#include "base/cancellation.h"
#include "base/progress.h"
#include "dataset/layout.h"
#include "detect/resize_plan.h"
#include "image/decode.h"
#include "image/draw.h"
#include "image/normalise.h"
#include "ocrdet/error.h"
#include "postprocess/postprocess.h"

namespace ocrdet {
namespace {

// What an exported file asks for by default; pictures are not cut into tiles, however long.
ResizeOptions detectionSize() {
  ResizeOptions resize;
  resize.mode = ResizeMode::kShortSide;
  resize.length = 736;
  resize.max_side = 1 << 20;
  return resize;
}

std::vector<Polygon> findBoxes(const Image& image, const MapFunction& map) {
  const ResizePlan plan = planResize({image.height, image.width}, detectionSize(), 32);
  const Image resized = resize(image, plan.resized);
  std::vector<float> planes(resized.bgr.size());
  normalise(resized, {}, planes);
  const std::vector<float> probabilities = map(planes, resized.height, resized.width);
  const Frame frame{image.height, image.width, double(resized.height), double(resized.width)};
  std::vector<Polygon> boxes;
  for (FoundText& text : findText({probabilities, resized.height, resized.width}, frame).found)
    boxes.push_back(std::move(text.points));
  return boxes;
}

// Pictures beside each other at the same height.
class SampleSheet {
 public:
  bool wantsMore() const { return parts_.size() < kParts; }
  void add(const Image& image, const std::vector<Polygon>& boxes) {
    std::vector<Outline> outlines;
    for (const Polygon& box : boxes) outlines.push_back({box, kBoxColour});
    const double shrunk = double(image.height) / kHeight;
    parts_.push_back(resize(drawOutlines(image, outlines, std::max(1.0, shrunk)),
                            {kHeight, std::clamp(image.width * kHeight / image.height, 32, 3 * kHeight)}));
  }
  Image sheet() const {
    int width = 0;
    for (const Image& part : parts_) width += part.width;
    if (width == 0) return {};
    Image sheet = makeImage(kHeight, width);
    int left = 0;
    for (const Image& part : parts_) {
      for (int y = 0; y < kHeight; ++y)
        std::copy_n(part.row(y), 3 * std::size_t(part.width), sheet.row(y) + 3 * std::size_t(left));
      left += part.width;
    }
    return sheet;
  }

 private:
  static constexpr std::size_t kParts = 6;
  static constexpr int kHeight = 400;
  static constexpr Colour kBoxColour{0.86, 0.15, 0.1};
  std::vector<Image> parts_;
};

}  // namespace

ValidationSet validationSet(const std::filesystem::path& folder, int limit) {
  ValidationSet set{folder.string(), {}};
  const std::vector<TruthImage> all = findTruth(folder, "test");
  const std::size_t count = limit > 0 ? std::min(all.size(), std::size_t(limit)) : all.size();
  for (std::size_t i = 0; i < count; ++i) {
    const TruthImage& files = all[i * all.size() / count];
    ValidationPicture picture{files.image, {}};
    for (const TruthLine& line : readTruthFile(files.truth, files.form))
      picture.truth.push_back({line.points, line.ignored});
    set.pictures.push_back(std::move(picture));
  }
  return set;
}

ValidationResult validate(const std::vector<ValidationSet>& sets, const MapFunction& map) {
  std::size_t count = 0;
  for (const ValidationSet& set : sets) count += set.pictures.size();
  Progress progress("validation", "images", std::int64_t(count));
  ValidationResult result;
  SampleSheet sheet;
  SetScorer all;
  for (const ValidationSet& set : sets) {
    SetScorer scorer;
    for (const ValidationPicture& picture : set.pictures) {
      throwIfInterrupted();
      std::vector<Polygon> boxes;
      try {
        const Image image = readImage(picture.image);
        boxes = findBoxes(image, map);
        if (sheet.wantsMore()) sheet.add(image, boxes);
      } catch (const Error& error) {
        if (error.exitStatus() != ExitStatus::kInput) throw;
      }
      const ImageScore score = scoreImage(picture.truth, boxes);
      scorer.add(score);
      all.add(score);
      progress.advance();
    }
    result.sets.emplace_back(set.name, scorer.score());
    result.hmean += scorer.score().hmean / double(sets.size());
  }
  result.sample = sheet.sheet();
  result.precision = all.score().precision;
  result.recall = all.score().recall;
  return result;
}

}  // namespace ocrdet
