// `ocrdet detect`: boxes on pictures.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <new>
#include <optional>
#include <set>
#include <utility>

#include "base/atomic_file.h"
#include "base/cancellation.h"
#include "base/log.h"
#include "base/ordered_parallel.h"
#include "base/paths.h"
#include "base/progress.h"
#include "cli/commands.h"
#include "cli/detector_options.h"
#include "cli/image_inputs.h"
#include "cli/result_folder.h"
#include "detect/detection_json.h"
#include "image/decode.h"
#include "image/draw.h"
#include "ocrdet/detector.h"

namespace ocrdet::cli {
namespace {

struct DetectArguments {
  std::vector<std::string> inputs;
  std::string page = "all";
  std::filesystem::path out;
  std::filesystem::path icdar;
  bool ndjson = false;
  bool heatmap = false;
  bool resume = false;
};

// Nothing for "all".
std::optional<int> chosenPage(const std::string& text) {
  if (text == "all") return {};
  int page = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), page);
  if (problem == std::errc() && end == text.data() + text.size() && page >= 1) return page;
  throw Error({&codes::kUsageOption,
               fmt::format("--page \"{}\" is neither a number from 1 nor \"all\".", text),
               "Leave it out to take every page.",
               {},
               {}});
}

std::string cornersText(const Polygon& points) {
  std::string text;
  for (const Point& point : points)
    text += fmt::format("{}{},{}", text.empty() ? "" : " ", std::lround(point.x), std::lround(point.y));
  return text;
}

std::string describe(const Detection& detection, const ImageInput& input, bool with_boxes) {
  std::string text = fmt::format("{}: {} {}, seen at {}x{}, {:.0f} ms", describe(input), detection.boxes.size(),
                                 detection.boxes.size() == 1 ? "box" : "boxes", detection.network_height,
                                 detection.network_width, detection.timings.total_ms());
  if (!detection.why_empty.empty()) text += "\n  " + detection.why_empty;
  if (!with_boxes || detection.boxes.empty()) return text;
  text += "\n  box  score  corners x,y";
  for (std::size_t i = 0; i < detection.boxes.size(); ++i)
    text += fmt::format("\n{:5}  {:.3f}  {}", i + 1, detection.boxes[i].score, cornersText(detection.boxes[i].points));
  return text;
}

std::filesystem::path icdarFile(const std::filesystem::path& folder, const std::string& name) {
  const std::filesystem::path file = folder / name;
  return file.parent_path() / ("res_" + file.filename().string() + ".txt");
}

// The official result format: whole numbers, one box a line, in res_NAME.txt.
void writeIcdar(const std::filesystem::path& file, const Detection& detection) {
  std::string lines;
  for (const TextBox& box : detection.boxes) {
    std::string line;
    for (const Point& point : box.points)
      line += fmt::format("{}{},{}", line.empty() ? "" : ",", std::lround(point.x), std::lround(point.y));
    lines += line + "\n";
  }
  makeFolder(file.parent_path());
  writeFileAtomically(file, lines);
}

RunRecord runRecord(const DetectArguments& options, const DetectorArguments& arguments,
                    const std::vector<ImageInput>& inputs) {
  Json settings = settingsJson(arguments);
  settings["page"] = options.page;
  settings["heatmap"] = options.heatmap;
  const bool relative =
      std::any_of(inputs.begin(), inputs.end(), [](const ImageInput& input) { return input.path.is_relative(); });
  return newRunRecord(arguments.model, std::move(settings), inputs.size(), relative);
}

// What is left of one input when it is done.
struct Outcome {
  Json json;
  std::string text;
  std::optional<Error> error;
};

// One run over all inputs, several at a time; a failing picture does not stop the others.
class Run {
 public:
  Run(const DetectArguments& options, const DetectorArguments& arguments, std::vector<ImageInput> inputs,
      const Console& console)
      : options_(options),
        console_(console),
        inputs_(std::move(inputs)),
        detector_options_(detectorOptions(arguments, inputs_.size(), console)) {
    detector_options_.keep_map = options.heatmap;
    detector_.emplace(Detector::open(arguments.model, detector_options_));
    if (options.out.empty()) return;
    const RunRecord record = runRecord(options, arguments, inputs_);
    folder_.emplace(options.resume ? ResultFolder::resume(options.out, record)
                                   : ResultFolder::create(options.out, record));
  }

  ExitStatus overAll() {
    nameInputs();
    std::optional<Progress> progress;
    if (unfinished_.size() > 1 && !console_.quiet)
      progress.emplace("detect", "images", std::int64_t(unfinished_.size()));
    try {
      const auto work = [&](std::size_t i) { return overOne(unfinished_[i]); };
      orderedParallel(unfinished_.size(), detector_options_.images_at_a_time, work,
                      [&](std::size_t i, Outcome&& outcome) {
                        if (progress) progress->hide();
                        report(unfinished_[i], std::move(outcome));
                        if (progress) progress->advance();
                      });
    } catch (const Error& error) {
      if (folder_ && error.exitStatus() == ExitStatus::kInterrupted) throw resumable(error);
      throw;
    }
    progress.reset();
    return conclude();
  }

 private:
  // Names for all results, and which inputs are left to do.
  void nameInputs() {
    ResultNames names;
    results_.resize(inputs_.size());
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      const ImageInput& input = inputs_[i];
      names_.push_back(folder_ ? folder_->nameFor(input) : names.add(input.name));
      std::optional<Json> finished;
      const bool has_icdar = options_.icdar.empty() || isThere(icdarFile(options_.icdar, names_.back()));
      if (options_.resume && has_icdar) finished = folder_->finished(names_.back(), input);
      if (!finished) unfinished_.push_back(i);
      if (finished && console_.json) results_[i] = std::move(*finished);
    }
    if (options_.resume && !options_.icdar.empty()) {
      std::set<std::filesystem::path> unfinished_files;
      for (const std::size_t i : unfinished_) unfinished_files.insert(icdarFile(options_.icdar, names_[i]));
      removeTemporaryFilesOf(unfinished_files);
    }
    if (options_.resume && unfinished_.size() < inputs_.size())
      logInfo(fmt::format("{}: {} of {} images are done already.", folder_->path().string(),
                          inputs_.size() - unfinished_.size(), inputs_.size()));
  }

  // Runs on many threads at once.
  Outcome overOne(std::size_t index) const {
    throwIfInterrupted();
    const ImageInput& input = inputs_[index];
    const PictureName picture{input.path.string(), input.page, input.pages};
    Outcome outcome;
    try {
      const Detection detection = detectAndSave(input, names_[index]);
      outcome.json = toJson(detection, picture);
      outcome.text = describe(detection, input, options_.out.empty());
    } catch (const Error& error) {
      if (error.exitStatus() == ExitStatus::kInterrupted || &error.code() == &codes::kFileUnwritable) throw;
      outcome.error = error;
    } catch (const std::bad_alloc&) {
      outcome.error = Error({&codes::kMemoryExhausted,
                             fmt::format("{}: memory ran out.", describe(input)),
                             "Use a smaller size, or --low-memory.",
                             {},
                             {}});
    }
    if (outcome.error) outcome.json = failureJson(*outcome.error, picture);
    if (folder_) folder_->writeJson(names_[index], outcome.json);  // last: it says that the input is done
    return outcome;
  }

  Detection detectAndSave(const ImageInput& input, const std::string& name) const {
    const auto start = std::chrono::steady_clock::now();
    const Image picture = readImage(input.path, {.max_pixels = detector_options_.max_pixels, .page = input.page - 1});
    const double decode_ms =
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
    Detection detection = detector_->detect({picture.bgr.data(), picture.height, picture.width, 0, PixelOrder::kBgr});
    detection.timings.decode_ms = decode_ms;
    if (!options_.icdar.empty()) writeIcdar(icdarFile(options_.icdar, name), detection);
    if (folder_) folder_->writePicture(name, drawn(picture, detection));
    return detection;
  }

  Image drawn(const Image& picture, const Detection& detection) const {
    std::vector<Polygon> shapes;
    for (const TextBox& box : detection.boxes) shapes.push_back(box.points);
    if (!options_.heatmap) return drawShapes(picture, shapes);
    return drawShapes(drawHeatmap(picture, {detection.map, detection.map_height, detection.map_width,
                                            detection.picture_on_map_height, detection.picture_on_map_width}),
                      shapes);
  }

  void report(std::size_t index, Outcome&& outcome) {
    ++reported_;
    if (outcome.error) {
      ++failed_;
      if (!console_.json && !options_.ndjson) printError(*outcome.error, false);
    }
    if (options_.ndjson) {
      printResult(jsonText(outcome.json, false), true);
    } else if (!outcome.text.empty()) {
      console_.text(outcome.text);
    }
    if (console_.json) results_[index] = std::move(outcome.json);
  }

  ExitStatus conclude() {
    if (folder_) folder_->finish(failed_);
    if (folder_ && !options_.ndjson) console_.text(fmt::format("results: {}", folder_->path().string()));
    Json document{{"success", failed_ == 0}, {"failed", failed_}, {"settings", detector_->description()}};
    if (folder_) document["out"] = folder_->path().string();
    document["images"] = std::move(results_);
    console_.document(document);
    return failed_ == 0 ? ExitStatus::kDone : ExitStatus::kSomeFailed;
  }

  Error resumable(const Error& interruption) const {
    Problem problem = interruption.problems().front();
    problem.message =
        fmt::format("Stopped on request after {} of {} images; {} has what is done.",
                    inputs_.size() - unfinished_.size() + reported_, inputs_.size(), folder_->path().string());
    problem.advice = "Run the same command with --resume to go on.";
    return Error(std::move(problem));
  }

  const DetectArguments& options_;
  const Console& console_;
  const std::vector<ImageInput> inputs_;
  DetectorOptions detector_options_;
  std::optional<Detector> detector_;
  std::optional<ResultFolder> folder_;
  std::vector<std::string> names_;       // of results, one an input
  std::vector<std::size_t> unfinished_;  // indices of inputs
  std::vector<Json> results_;            // with --json, one an input
  std::size_t reported_ = 0, failed_ = 0;
};

}  // namespace

void addDetect(Commands& commands) {
  auto options = std::make_shared<DetectArguments>();
  auto arguments = std::make_shared<DetectorArguments>();
  CLI::App& command = commands.add(
      "detect", "Find text on pictures.",
      {"ocrdet detect street.jpg", "ocrdet detect scans/ --model model_800x800.onnx --out results --resume",
       "ocrdet detect page.png --model ch_PP-OCRv4_det_infer.onnx --json"},
      [=](const Console& console) {
        const DetectorArguments chosen = withModel(*arguments);
        return Run(*options, chosen, imageInputs(options->inputs, chosenPage(options->page)), console).overAll();
      });
  command.add_option("INPUT", options->inputs, "Image files, folders, patterns, or - for paths from stdin")->required();
  command.add_option("--page", options->page, "Page of TIFF files with several: a number from 1, or all")
      ->capture_default_str();
  CLI::Option* out = command.add_option("--out", options->out, "Folder for pictures with boxes and JSON files");
  command.add_flag("--resume", options->resume, "Go on with the newest unfinished run of --out")->needs(out);
  command.add_flag("--heatmap", options->heatmap, "Lay the probabilities over the pictures of --out")->needs(out);
  command.add_option("--icdar", options->icdar, "Folder for result files of the ICDAR evaluation");
  command.add_flag("--ndjson", options->ndjson, "One JSON line an image, as they come")
      ->excludes(command.get_option("--json"));
  addDetectorOptions(commands, command, arguments);
}

}  // namespace ocrdet::cli
