#include "train/validation.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <unordered_set>

#include "base/cancellation.h"
#include "base/log.h"
#include "base/paths.h"
#include "base/progress.h"
#include "base/sha256.h"
#include "contract/file_contract.h"
#include "dataset/layout.h"
#include "dataset/pack.h"
#include "detect/network_contract.h"
#include "detect/resize_plan.h"
#include "detect/tiles.h"
#include "image/decode.h"
#include "image/draw.h"
#include "image/normalise.h"
#include "ocrdet/error.h"
#include "postprocess/postprocess.h"

namespace ocrdet {
namespace {

std::vector<Polygon> findBoxes(const Image& image, const NetworkContract& contract, const MapFunction& map) {
  const ResizePlan plan = planResize({image.height, image.width}, contract.resize, contract.multiple);
  const OwnedMap whole = mapOfPicture(resize(image, plan.resized), plan, [&](const Image& tile) {
    std::vector<float> planes(tile.bgr.size());
    normalise(tile, contract.normalisation, planes);
    return OwnedMap{map(planes, tile.height, tile.width), tile.height, tile.width};
  });
  const Frame frame = frameOf({image.height, image.width}, plan, whole);
  std::vector<Polygon> boxes;
  for (FoundText& text : findText({whole.values, whole.height, whole.width}, frame, contract.postprocess).found)
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

std::vector<ValidationPicture> folderPictures(const std::filesystem::path& folder) {
  std::vector<ValidationPicture> pictures;
  const std::vector<TruthImage> files = findTruth(folder, "test");
  const std::vector<std::vector<TruthLine>> truths = readTruths(files);
  for (std::size_t i = 0; i < files.size(); ++i)
    pictures.push_back(
        {originOf(files[i].image), [image = files[i].image] { return readImage(image); }, shapesOf(truths[i])});
  return pictures;
}

std::vector<ValidationPicture> packedPictures(const std::filesystem::path& file) {
  const auto set = std::make_shared<PackedSet>(PackedSet::open(file));
  const std::vector<std::size_t> items = itemsToUse(*set, "test");
  if (items.empty())
    throw Error({&codes::kDatasetLayoutUnknown, fmt::format("{} has no test part.", file.string()),
                 "Pack a folder that has one, or name the folder itself."});
  std::vector<ValidationPicture> pictures;
  for (const std::size_t item : items)
    pictures.push_back({originOf(file, item), [set, file, item] { return readItem(*set, file, item).image; },
                        shapesOf(truthOf(*set, item))});
  return pictures;
}

std::vector<ValidationPicture> evenlySpread(std::vector<ValidationPicture> all, std::size_t limit) {
  const std::size_t count = std::min(all.size(), limit);
  std::vector<ValidationPicture> chosen;
  for (std::size_t i = 0; i < count; ++i) chosen.push_back(std::move(all[i * all.size() / count]));
  return chosen;
}

void refuseWithoutText(const ValidationSet& set) {
  std::int64_t texts = 0;
  for (const ValidationPicture& picture : set.pictures) {
    if (scoreImage(picture.truth, {}).truth_cared > 0) return;
    texts += std::int64_t(picture.truth.size());
  }
  throw Error({&codes::kTrainAllIgnored,
               fmt::format("{} holds no text that validation counts: {} pictures with {} texts, all of them ignored or "
                           "without an area.",
                           set.path, set.pictures.size(), texts),
               "Name a set whose test part has texts with another transcription than ### and *, or leave --validation "
               "out.",
               {{"pictures", std::int64_t(set.pictures.size())}, {"texts", texts}}});
}

// Of its pictures' names and of all truth, which someone may have corrected.
std::string hashOf(const ValidationSet& set) {
  std::string all;
  for (const ValidationPicture& picture : set.pictures) {
    all += std::filesystem::path(picture.origin).filename().string() + "\n";
    for (const TruthShape& shape : picture.truth) {
      for (const Point& point : shape.points) all += fmt::format("{},{},", point.x, point.y);
      all += shape.ignored ? "ignored\n" : "\n";
    }
  }
  return sha256(std::as_bytes(std::span(all))).substr(0, 16);
}

}  // namespace

ValidationSet validationSet(const std::filesystem::path& path, int limit) {
  ValidationSet set{path.string(), lastFolder(path),
                    PackedSet::looksLikeOne(path) ? packedPictures(path) : folderPictures(path)};
  if (limit > 0) set.pictures = evenlySpread(std::move(set.pictures), std::size_t(limit));
  refuseWithoutText(set);
  return set;
}

std::vector<ValidationSet> validationSets(std::span<const std::filesystem::path> paths, int limit) {
  std::vector<ValidationSet> sets;
  std::map<std::string, int> called;
  for (const std::filesystem::path& path : paths) {
    ValidationSet& set = sets.emplace_back(validationSet(path, limit));
    if (const int number = ++called[set.name]; number > 1) set.name += fmt::format("-{}", number);
  }
  return sets;
}

std::string toText(const std::vector<ValidationSet>& sets) {
  std::string text;
  for (const ValidationSet& set : sets) text += fmt::format("{} pictures, {}\n", set.pictures.size(), hashOf(set));
  return text;
}

void warnOfLearntPictures(const std::vector<ValidationSet>& sets, const std::vector<WeightedSource>& sources) {
  if (sets.empty()) return;
  const std::unordered_set<std::string> learnt = originsOf(sources);
  for (const ValidationSet& set : sets) {
    const auto count = std::count_if(set.pictures.begin(), set.pictures.end(),
                                     [&](const ValidationPicture& picture) { return learnt.contains(picture.origin); });
    if (count == 0) continue;
    logWarning(fmt::format("{}: {} of {} validation pictures are learnt from: their hmean says nothing about others.",
                           set.path, count, set.pictures.size()));
  }
}

ValidationResult validate(const std::vector<ValidationSet>& sets, const BoxSettings& settings, const MapFunction& map) {
  FileContract exported;
  exported.boxes = settings;
  const NetworkContract contract = networkContract(exported);
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
      Image image;
      try {
        image = picture.read();
      } catch (const Error& error) {
        if (error.exitStatus() != ExitStatus::kInput) throw;
        result.unreadable.push_back(error.problems().front().message);
      }
      std::vector<Polygon> boxes;
      if (!image.empty()) {
        boxes = findBoxes(image, contract, map);
        if (sheet.wantsMore()) sheet.add(image, boxes);
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
