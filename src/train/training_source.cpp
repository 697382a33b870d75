#include "train/training_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <memory>

#include "base/paths.h"
#include "dataset/layout.h"
#include "image/decode.h"
#include "ocrdet/error.h"
#include "synth/synth.h"

namespace ocrdet {
namespace {

struct KnownPicture {
  std::filesystem::path path;
  std::vector<TextRegion> regions;
};

std::vector<TextRegion> regionsOf(const std::vector<TruthLine>& lines) {
  std::vector<TextRegion> regions;
  for (const TruthLine& line : lines) regions.push_back({line.points, line.ignored});
  return regions;
}

// "receipts@2" is the folder receipts, twice.
std::pair<std::filesystem::path, double> parseDataset(const std::string& text) {
  const std::size_t at = text.rfind('@');
  std::error_code unknown;
  if (at == std::string::npos || std::filesystem::exists(text, unknown)) return {text, 1};
  char* end = nullptr;
  const double times = std::strtod(text.c_str() + at + 1, &end);
  if (*end != 0 || !(times > 0) || times > 1000)
    throw Error({&codes::kUsageOption, fmt::format("\"{}\" is no data set and how often it counts.", text),
                 "Write FOLDER, or FOLDER@TIMES with a number up to 1000: receipts@2, streets@0.5."});
  return {text.substr(0, at), times};
}

struct TextCounts {
  std::int64_t cared = 0, ignored = 0;
};

// Up to the first text that may be learnt, so that nearly always one record is read.
TextCounts countTexts(const PackedSet& set, const std::vector<std::size_t>& items) {
  TextCounts counts;
  for (std::size_t i = 0; i < items.size() && counts.cared == 0; ++i)
    for (const TruthLine& line : truthOf(set, items[i])) ++(line.ignored ? counts.ignored : counts.cared);
  return counts;
}

}  // namespace

std::string originOf(const std::filesystem::path& file) {
  std::error_code problem;
  const std::filesystem::path canonical = std::filesystem::canonical(file, problem);
  return problem ? file.string() : canonical.string();
}

std::string originOf(const std::filesystem::path& packed, std::size_t item) {
  return fmt::format("{}#{}", originOf(packed), item);
}

std::vector<TruthLine> truthOf(const PackedSet& set, std::size_t item) {
  try {
    return set.read(item).truth;
  } catch (const Error& error) {
    if (error.exitStatus() != ExitStatus::kInput) throw;
    return {};
  }
}

LabelledImage readItem(const PackedSet& set, const std::filesystem::path& file, std::size_t item) {
  const PackedSet::Sample sample = set.read(item);
  try {
    return {decodeImage(sample.image), regionsOf(sample.truth), true};
  } catch (const Error& error) {
    Problem problem = error.problems().front();
    problem.message = fmt::format("{}, {}: {}", file.string(), set.item(item).name, problem.message);
    throw Error(std::move(problem));
  }
}

std::vector<std::size_t> itemsToUse(const PackedSet& set, std::string_view split) {
  std::vector<std::size_t> items = set.itemsOf(split);
  return items.empty() ? set.itemsOf("") : items;
}

TrainingSource folderSource(const std::filesystem::path& folder) {
  auto pictures = std::make_shared<std::vector<KnownPicture>>();
  std::int64_t cared = 0, ignored = 0;
  const std::vector<TruthImage> files = findTruth(folder, "train");
  const std::vector<std::vector<TruthLine>> truths = readTruths(files);
  for (std::size_t i = 0; i < files.size(); ++i) {
    pictures->push_back({files[i].image, regionsOf(truths[i])});
    for (const TruthLine& line : truths[i]) ++(line.ignored ? ignored : cared);
  }
  return {folder.string(),
          pictures->size(),
          cared,
          ignored,
          [pictures](std::size_t index, Random&) {
            const KnownPicture& picture = (*pictures)[index];
            return LabelledImage{readImage(picture.path), picture.regions, true};
          },
          [pictures](std::size_t index) { return originOf((*pictures)[index].path); }};
}

TrainingSource packedSource(const std::filesystem::path& file) {
  const auto set = std::make_shared<PackedSet>(PackedSet::open(file));
  const std::vector<std::size_t> items = itemsToUse(*set, "train");
  const auto [cared, ignored] = countTexts(*set, items);
  return {file.string(),
          items.size(),
          cared,
          ignored,
          [set, file, items](std::size_t index, Random&) { return readItem(*set, file, items[index]); },
          [file, items](std::size_t index) { return originOf(file, items[index]); }};
}

TrainingSource drawnSource(std::size_t size, bool words) {
  SynthOptions options;
  options.level = words ? synth::Level::kWord : synth::Level::kLine;
  return {"drawn pictures", size, std::nullopt, std::nullopt, [options](std::size_t index, Random& random) {
            SynthImage made = synthesise(options, random.next(), index);
            return LabelledImage{std::move(made.image), regionsOf(made.truth), true};
          }};
}

TrainingSource unlabelledSource(const std::filesystem::path& folder) {
  auto pictures = std::make_shared<std::vector<std::filesystem::path>>(filesBelow(folder));
  std::erase_if(*pictures, [](const std::filesystem::path& file) { return !hasImageName(file); });
  if (pictures->empty()) throw holdsNoPictures(folder);
  return {folder.string(),
          pictures->size(),
          0,
          0,
          [pictures](std::size_t index, Random&) {
            return LabelledImage{readImage((*pictures)[index]), {}, false};
          },
          [pictures](std::size_t index) { return originOf((*pictures)[index]); }};
}

Error noTrainingPictures(std::string_view name) {
  return Error({&codes::kTrainNothingToLearn, fmt::format("{} holds no training pictures.", name),
                "Give a folder with train_images and train_gts, or another data set."});
}

void requireSources(const TrainingOptions& options) {
  for (const std::string& dataset : options.datasets) requireThere(parseDataset(dataset).first);
  for (const auto* folders : {&options.unlabelled, &options.validation})
    for (const std::filesystem::path& folder : *folders) requireThere(folder);
}

std::vector<WeightedSource> trainingSources(const TrainingOptions& options) {
  std::vector<WeightedSource> sources;
  for (const std::string& dataset : options.datasets) {
    const auto [folder, times] = parseDataset(dataset);
    sources.push_back({PackedSet::looksLikeOne(folder) ? packedSource(folder) : folderSource(folder), times});
  }
  for (const WeightedSource& each : sources)
    if (each.source.size == 0) throw noTrainingPictures(each.source.name);
  std::int64_t ignored = 0;
  bool anything = options.datasets.empty() || options.drawn > 0 || !options.teacher.empty();
  for (const WeightedSource& each : sources) {
    anything = anything || each.source.cared.value_or(1) > 0;
    ignored += each.source.ignored.value_or(0);
  }
  if (!anything)
    throw Error(
        {&codes::kTrainAllIgnored,
         ignored == 0
             ? "The data sets hold no texts at all to learn from."
             : fmt::format("The data sets hold no text to learn from: {} texts, all marked as ignored.", ignored),
         ignored == 0 ? "Add pictures with texts, drawn ones (--synthetic), or a --teacher."
                      : "Texts that may be learnt need another transcription than ### and *; any word will do.",
         {{"ignored", ignored}}});
  if (options.drawn > 0) sources.push_back({drawnSource(std::size_t(options.drawn), options.drawn_words), 1});
  for (const std::filesystem::path& folder : options.unlabelled) sources.push_back({unlabelledSource(folder), 1});
  return sources;
}

std::unordered_set<std::string> originsOf(const std::vector<WeightedSource>& sources) {
  std::unordered_set<std::string> origins;
  for (const auto& [source, times] : sources)
    for (std::size_t i = 0; source.origin && i < source.size; ++i) origins.insert(source.origin(i));
  return origins;
}

SampleOrder::SampleOrder(const std::vector<WeightedSource>& sources, std::uint64_t seed) : seed_(seed) {
  for (const WeightedSource& each : sources) {
    // At least one: a small share of a small set must not mean nothing.
    const long long least = each.source.size > 0 ? 1 : 0;
    const auto samples =
        static_cast<std::size_t>(std::max(least, std::llround(static_cast<double>(each.source.size) * each.times)));
    shares_.push_back({each.source.size, samples});
    samples_per_epoch_ += samples;
  }
}

std::vector<SampleOrder::Pick> SampleOrder::epoch(std::uint64_t number) const {
  std::vector<Pick> picks;
  picks.reserve(samples_per_epoch_);
  for (std::size_t source = 0; source < shares_.size(); ++source) {
    const Share& share = shares_[source];
    std::vector<std::size_t> order;
    for (std::size_t taken = 0; taken < share.samples; ++taken) {
      if (taken % share.size == 0) order = Random::of({seed_, number, source, taken}).permutation(share.size);
      picks.push_back({source, order[taken % share.size]});
    }
  }
  std::vector<Pick> shuffled;
  shuffled.reserve(picks.size());
  for (const std::size_t i : Random::of({seed_, number, 0x5eed}).permutation(picks.size()))
    shuffled.push_back(picks[i]);
  return shuffled;
}

}  // namespace ocrdet
