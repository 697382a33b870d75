// `ocrdet dataset …`: data sets checked, mended, made and packed.

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <sstream>

#include "base/byte_count.h"
#include "base/log.h"
#include "base/mapped_file.h"
#include "base/progress.h"
#include "cli/commands.h"
#include "cli/detector_options.h"
#include "cli/image_inputs.h"
#include "cli/number_option.h"
#include "dataset/check.h"
#include "dataset/fix.h"
#include "dataset/label.h"
#include "dataset/pack.h"
#include "image/decode.h"
#include "ocrdet/contract.h"
#include "synth/write_set.h"

namespace ocrdet::cli {
namespace {

struct CheckArguments {
  std::filesystem::path folder;
  CheckOptions options;
  bool headers = false, notes = false;
  std::size_t shown = 5;
};

ExitStatus runDatasetCheck(const CheckArguments& arguments, const Console& console) {
  CheckOptions options = arguments.options;
  options.image.decode = !arguments.headers;
  std::optional<Progress> progress;
  options.begin = [&](std::size_t total) { progress.emplace("check", "images", std::int64_t(total)); };
  options.after_each = [&] { progress->advance(); };
  const CheckReport report = checkDataset(arguments.folder, options);
  progress.reset();
  console.text(toText(report, arguments.shown, arguments.notes));
  console.document(toJson(report));
  return report.clean() ? ExitStatus::kDone : ExitStatus::kSomeFailed;
}

void addCheckCommand(Commands& commands) {
  auto arguments = std::make_shared<CheckArguments>();
  CLI::App& command =
      commands.add("dataset check", "Say what is wrong with a data set, with file and line.",
                   {"ocrdet dataset check icdar2015/", "ocrdet dataset check receipts/ --show 100 --notes",
                    "ocrdet dataset check signs/ --headers --json"},
                   [=](const Console& console) { return runDatasetCheck(*arguments, console); });
  command.add_option("DATASET", arguments->folder, "Folder with images and ground truth")->required();
  command.add_flag("--headers", arguments->headers, "Read images' headers only: faster, damage behind them unseen");
  command.add_flag("--notes", arguments->notes, "Also list notes: facts that are normal in good sets");
  command.add_option("--show", arguments->shown, "Findings of each kind to list, at most 1000")
      ->check(CLI::Range(0, 1000))
      ->capture_default_str();
  addThreadsOption(command, arguments->options.threads);
  command.add_option("--max-pixels", arguments->options.image.max_pixels, "Largest image that is decoded")
      ->check(CLI::PositiveNumber);
}

struct FixArguments {
  std::filesystem::path folder, out;
  CheckOptions options;
  std::size_t shown = 5;
};

ExitStatus runFix(const FixArguments& arguments, const Console& console) {
  CheckOptions options = arguments.options;
  std::optional<Progress> progress;
  options.begin = [&](std::size_t total) { progress.emplace("fix", "images", std::int64_t(total)); };
  options.after_each = [&] { progress->advance(); };
  const FixReport report = fixDataset(arguments.folder, arguments.out, options);
  progress.reset();
  console.text(toText(report, arguments.shown));
  console.document(toJson(report));
  return ExitStatus::kDone;
}

void addFixCommand(Commands& commands) {
  auto arguments = std::make_shared<FixArguments>();
  CLI::App& command =
      commands.add("dataset fix", "Write a mended copy of a data set, and say what was done.",
                   {"ocrdet dataset fix icdar2015/ icdar2015-fixed/", "ocrdet dataset fix receipts/ mended/ --show 100",
                    "ocrdet dataset fix signs/ mended/ --json"},
                   [=](const Console& console) { return runFix(*arguments, console); });
  command.add_option("DATASET", arguments->folder, "Folder with images and ground truth")->required();
  command.add_option("OUT", arguments->out, "Folder to make")->required();
  command.add_option("--show", arguments->shown, "Changes of each kind to list")
      ->check(CLI::Range(0, 1'000'000'000))
      ->capture_default_str();
  addThreadsOption(command, arguments->options.threads);
  command.add_option("--max-pixels", arguments->options.image.max_pixels, "Largest image that is decoded")
      ->check(CLI::PositiveNumber);
}

struct LabelArguments {
  std::string input;
  std::filesystem::path out;
  std::optional<double> sure;
};

struct LabelDetector {
  Detector detector;
  double sure;
};

// What the model's own threshold keeps is sure, and what lies above half of that doubtful, unless the user says
// otherwise: scores of one model are no measure for another's.
LabelDetector openLabelDetector(const LabelArguments& arguments, const std::filesystem::path& model,
                                DetectorOptions options) {
  DetectorOptions own = options;
  own.box_threshold.reset();
  const double sure = arguments.sure ? *arguments.sure : Detector::open(model, own).boxThreshold();
  if (!options.box_threshold) options.box_threshold = sure / 2;
  return {Detector::open(model, options), sure};
}

ExitStatus runLabel(const LabelArguments& arguments, const DetectorArguments& detector_arguments,
                    const Console& console) {
  std::vector<std::filesystem::path> images;
  // Training reads the first page of a picture.
  for (const ImageInput& input : imageInputs({arguments.input}, 1)) images.push_back(input.path);
  const DetectorOptions detector_options = detectorOptions(detector_arguments, images.size(), console);
  const auto [detector, sure] = openLabelDetector(arguments, detector_arguments.model, detector_options);
  LabelOptions options;
  options.sure = sure;
  options.images_at_a_time = detector_options.images_at_a_time;
  LabelResult result;
  {
    Progress progress("label", "images", std::int64_t(images.size()));
    options.after_each = [&] { progress.advance(); };
    result = labelImages(
        images, arguments.out,
        [&detect = detector](const std::filesystem::path& path) { return detect.detectFile(path); }, options);
  }
  for (const Problem& problem : result.failures)
    if (!console.json) printError(Error(problem), false);
  console.text(fmt::format("{}: {} images, {} texts, {} of them doubtful (###): scores below {:g}",
                           arguments.out.string(), result.images, result.texts, result.doubtful, sure));
  Json failures = Json::array();
  for (const Problem& problem : result.failures) failures.push_back(toJson(problem));
  console.document({{"success", result.failures.empty()},
                    {"folder", arguments.out.string()},
                    {"images", result.images},
                    {"texts", result.texts},
                    {"doubtful", result.doubtful},
                    {"sure", sure},
                    {"failures", failures}});
  return result.failures.empty() ? ExitStatus::kDone : ExitStatus::kSomeFailed;
}

void addLabelCommand(Commands& commands) {
  auto arguments = std::make_shared<LabelArguments>();
  auto detector = std::make_shared<DetectorArguments>();
  CLI::App& command =
      commands.add("dataset label", "Write ground truth for pictures with what a detector finds.",
                   {"ocrdet dataset label scans/ labelled/",
                    "ocrdet dataset label photos/ labelled/ --model ch_PP-OCRv4_det_infer.onnx --sure 0.7",
                    "ocrdet dataset label scans/ labelled/ --model model.onnx --resize short:960"},
                   [=](const Console& console) { return runLabel(*arguments, withModel(*detector), console); });
  command.add_option("INPUT", arguments->input, "Folder of pictures, or a pattern")->required();
  command.add_option("OUT", arguments->out, "Folder to make")->required();
  command.add_option("--sure", arguments->sure, "Boxes below this score are doubtful: ### [the model's threshold]")
      ->check(numberFrom(0, 1));
  addDetectorOptions(commands, command, detector);
}

struct SynthArguments {
  std::filesystem::path folder, photographs;
  std::string size = "640x640", level = "line", kinds;
  SynthSetOptions options;
};

std::vector<SynthKind> kindsIn(const std::string& text) {
  std::vector<SynthKind> kinds;
  std::istringstream words(text);
  for (std::string word; std::getline(words, word, ',');) kinds.push_back(parseSynthKind(word));
  return kinds;
}

// Their headers are read: a background that turns out to be none while drawing is passed over.
std::vector<std::filesystem::path> photographsIn(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> paths;
  if (folder.empty()) return paths;
  requireThere(folder);
  for (const std::string& name : imageNames(folder)) try {
      readImageInfo(MappedFile::open(folder / name)->bytes());
      paths.push_back(folder / name);
    } catch (const Error& error) {
      if (error.exitStatus() != ExitStatus::kInput) throw;
      logWarning(fmt::format("{}: {} No background will be made of it.", (folder / name).string(),
                             error.problems().front().message));
    }
  if (paths.empty()) throw holdsNoPictures(folder);
  return paths;
}

// No network takes larger or smaller pictures, and the largest numbers would not even fit the `int` of a side.
PixelSize sizeToDraw(const std::string& text) {
  const Size size = parseSize(text);
  if (!kPossibleSides.contains(size.height) || !kPossibleSides.contains(size.width))
    throw Error({&codes::kUsageOption,
                 fmt::format("--size {} has a side that is not from {} to {}.", toText(size), kPossibleSides.smallest,
                             kPossibleSides.largest),
                 "Write height x width like 640x640, both within that range.",
                 {{"given", toText(size)}},
                 {}});
  return {int(size.height), int(size.width)};
}

ExitStatus runSynth(const SynthArguments& arguments, const Console& console) {
  SynthSetOptions options = arguments.options;
  options.picture.size = sizeToDraw(arguments.size);
  options.picture.level = arguments.level == "word" ? synth::Level::kWord : synth::Level::kLine;
  options.picture.kinds = kindsIn(arguments.kinds);
  options.picture.photographs = photographsIn(arguments.photographs);
  if (options.count + options.test_count == 0)
    throw Error({&codes::kUsageOption, "--count and --test are both 0: there is nothing to draw.",
                 "Give one of them a number above 0."});
  SynthSetResult result;
  {
    Progress progress("synth", "images", options.count + options.test_count);
    options.after_each = [&] { progress.advance(); };
    result = writeSynthSet(arguments.folder, options);
  }
  const double rate = double(result.images) / std::max(1e-9, result.seconds_of_drawing);
  console.text(fmt::format("{}: {} images, {} texts ({} ignored)\n{:.1f} images a second and core, {:.1f} s in all",
                           arguments.folder.string(), result.images, result.texts, result.ignored, rate,
                           result.seconds));
  console.document({{"success", true},
                    {"folder", arguments.folder.string()},
                    {"images", result.images},
                    {"texts", result.texts},
                    {"ignored", result.ignored},
                    {"seconds", result.seconds},
                    {"images_per_second_and_core", rate}});
  return ExitStatus::kDone;
}

void addSynthCommand(Commands& commands) {
  auto arguments = std::make_shared<SynthArguments>();
  SynthSetOptions& options = arguments->options;
  CLI::App& command =
      commands.add("dataset synth", "Draw pictures of text, with exact ground truth.",
                   {"ocrdet dataset synth made/ --count 1000 --seed 7",
                    "ocrdet dataset synth signs/ --kind scene,vertical --level word",
                    "ocrdet dataset synth papers/ --kind document,receipt,table --chinese 0 --size 960x736"},
                   [=](const Console& console) { return runSynth(*arguments, console); });
  command.add_option("OUT", arguments->folder, "Folder to make")->required();
  command.add_option("--count", options.count, "Pictures for training")
      ->check(CLI::Range(0, 10'000'000))
      ->capture_default_str();
  command.add_option("--test", options.test_count, "Further pictures for testing")
      ->check(CLI::Range(0, 10'000'000))
      ->capture_default_str();
  command.add_option("--seed", options.seed, "Another seed gives other pictures")
      ->check(seedNumber())
      ->capture_default_str();
  command.add_option("--size", arguments->size, "Height x width")->capture_default_str();
  command.add_option("--level", arguments->level, "word or line: what one box holds")
      ->check(CLI::IsMember({"word", "line"}))
      ->capture_default_str();
  command.add_option("--kind", arguments->kinds, "scene,document,receipt,table,screenshot,seal,vertical,dot-matrix");
  command.add_option("--chinese", options.picture.chinese, "Share of Chinese pictures")
      ->check(numberFrom(0, 1))
      ->capture_default_str();
  command.add_option("--photographs", arguments->photographs, "Folder of images without text, for backgrounds");
  command.add_option("--quality", options.jpeg_quality, "Of the JPEG files")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  addThreadsOption(command, options.threads);
}

struct PackArguments {
  std::filesystem::path folder, file;
  bool force = false;
};

ExitStatus runPack(const PackArguments& arguments, const Console& console) {
  PackResult result;
  {
    Progress progress("pack", "images", 0);
    result = packDataset(arguments.folder, arguments.file, {arguments.force, [&] { progress.advance(); }});
  }
  console.text(fmt::format("{}: {} images, {} texts, {}", arguments.file.string(), result.images, result.texts,
                           byteCount(result.bytes)));
  console.document({{"success", true},
                    {"file", arguments.file.string()},
                    {"images", result.images},
                    {"texts", result.texts},
                    {"bytes", result.bytes}});
  return ExitStatus::kDone;
}

void addPackCommand(Commands& commands) {
  auto arguments = std::make_shared<PackArguments>();
  CLI::App& command =
      commands.add("dataset pack", "Put a data set into one file, which training reads faster.",
                   {"ocrdet dataset pack icdar2015/ icdar2015.pack", "ocrdet dataset pack made/ made.pack --quiet",
                    "ocrdet dataset pack receipts/ receipts.pack --json"},
                   [=](const Console& console) { return runPack(*arguments, console); });
  command.add_option("DATASET", arguments->folder, "Folder with images and ground truth")->required();
  command.add_option("FILE", arguments->file, "File to write")->required();
  command.add_flag("--force", arguments->force, "Overwrite the file");
}

}  // namespace

void addDataset(Commands& commands) {
  commands.addGroup("dataset", "Check, mend, make, pack and label data sets.",
                    {"ocrdet dataset check icdar2015/", "ocrdet dataset check icdar2015/ --json",
                     "ocrdet dataset synth made/ --count 1000"});
  addCheckCommand(commands);
  addFixCommand(commands);
  addSynthCommand(commands);
  addPackCommand(commands);
  addLabelCommand(commands);
}

}  // namespace ocrdet::cli
