// `ocrdet detect`: boxes on pictures.

#include <fmt/format.h>

#include <cmath>
#include <new>
#include <optional>
#include <utility>

#include "base/atomic_file.h"
#include "base/cancellation.h"
#include "base/progress.h"
#include "cli/commands.h"
#include "cli/detector_options.h"
#include "cli/image_inputs.h"
#include "cli/result_folder.h"
#include "detect/detection_json.h"
#include "detect/ordered_parallel.h"
#include "image/decode.h"
#include "image/draw.h"
#include "ocrdet/detector.h"

namespace ocrdet::cli {
namespace {

struct Options {
  std::vector<std::string> inputs;
  std::filesystem::path out;
  std::filesystem::path icdar;
  bool ndjson = false;
  bool heatmap = false;
};

std::string cornersText(const Polygon& points) {
  std::string text;
  for (const Point& point : points)
    text += fmt::format("{}{},{}", text.empty() ? "" : " ", std::lround(point.x), std::lround(point.y));
  return text;
}

std::string describe(const Detection& detection, const std::filesystem::path& path, bool with_boxes) {
  std::string text = fmt::format("{}: {} {}, seen at {}x{}, {:.0f} ms", path.string(), detection.boxes.size(),
                                 detection.boxes.size() == 1 ? "box" : "boxes", detection.network_height,
                                 detection.network_width, detection.timings.total_ms());
  if (!detection.why_empty.empty()) text += "\n  " + detection.why_empty;
  for (std::size_t i = 0; with_boxes && i < detection.boxes.size(); ++i)
    text += fmt::format("\n{:5}  {:.3f}  {}", i + 1, detection.boxes[i].score, cornersText(detection.boxes[i].points));
  return text;
}

// The official result format: whole numbers, one box a line, in res_NAME.txt.
void writeIcdar(const std::filesystem::path& folder, const std::string& name, const Detection& detection) {
  std::string lines;
  for (const TextBox& box : detection.boxes) {
    std::string line;
    for (const Point& point : box.points)
      line += fmt::format("{}{},{}", line.empty() ? "" : ",", std::lround(point.x), std::lround(point.y));
    lines += line + "\n";
  }
  const std::filesystem::path file = folder / std::filesystem::path(name);
  std::filesystem::create_directories(file.parent_path());
  writeFileAtomically(file.parent_path() / ("res_" + file.filename().string() + ".txt"), lines);
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
  Run(const Options& options, DetectorOptions detector_options, const std::filesystem::path& model,
      const Console& console)
      : options_(options), console_(console), detector_options_(std::move(detector_options)) {
    detector_options_.keep_map = options.heatmap;
    detector_.emplace(Detector::open(model, detector_options_));
    if (!options.out.empty()) folder_.emplace(options.out);
  }

  ExitStatus overAll(const std::vector<ImageInput>& inputs) {
    std::vector<std::string> names;
    for (const ImageInput& input : inputs)
      names.push_back(folder_ ? folder_->uniqueName(input.name) : input.name.stem().string());
    std::optional<Progress> progress;
    if (inputs.size() > 1 && !console_.quiet) progress.emplace("detect", "images", std::int64_t(inputs.size()));
    const auto work = [&](std::size_t i) { return overOne(inputs[i], names[i]); };
    orderedParallel(inputs.size(), detector_options_.images_at_a_time, work, [&](std::size_t, Outcome&& outcome) {
      report(std::move(outcome));
      if (progress) progress->advance();
    });
    progress.reset();
    if (folder_ && !options_.ndjson) console_.text(fmt::format("results: {}", folder_->path().string()));
    Json document{{"success", failed_ == 0}, {"failed", failed_}, {"settings", detector_->description()}};
    if (folder_) document["out"] = folder_->path().string();
    document["images"] = std::move(images_);
    console_.document(document);
    return failed_ == 0 ? ExitStatus::kDone : ExitStatus::kSomeFailed;
  }

 private:
  // Runs on many threads at once.
  Outcome overOne(const ImageInput& input, const std::string& name) const {
    throwIfInterrupted();
    Outcome outcome;
    try {
      const Detection detection = detector_->detectFile(input.path);
      save(input, name, detection);
      outcome.json = toJson(detection, input.path.string());
      outcome.text = describe(detection, input.path, options_.out.empty());
    } catch (const Error& error) {
      if (error.exitStatus() == ExitStatus::kInterrupted) throw;
      outcome.error = error;
    } catch (const std::bad_alloc&) {
      outcome.error = Error({&codes::kMemoryExhausted,
                             fmt::format("{}: memory ran out.", input.path.string()),
                             "Use a smaller size, or --low-memory.",
                             {},
                             {}});
    }
    if (outcome.error) outcome.json = failureJson(*outcome.error, input.path.string());
    if (folder_) folder_->writeJson(name, outcome.json);
    return outcome;
  }

  void save(const ImageInput& input, const std::string& name, const Detection& detection) const {
    if (!options_.icdar.empty()) writeIcdar(options_.icdar, name, detection);
    if (!folder_) return;
    Image picture = readImage(input.path, {.max_pixels = detector_options_.max_pixels, .page = detector_options_.page});
    if (options_.heatmap)
      picture = drawHeatmap(picture, {detection.map, detection.map_height, detection.map_width,
                                      detection.picture_on_map_height, detection.picture_on_map_width});
    std::vector<Polygon> shapes;
    for (const TextBox& box : detection.boxes) shapes.push_back(box.points);
    folder_->writePicture(name, drawShapes(picture, shapes));
  }

  void report(Outcome&& outcome) {
    if (outcome.error) {
      ++failed_;
      if (!console_.json && !options_.ndjson) printError(*outcome.error, false);
    }
    if (options_.ndjson) {
      fmt::print("{}\n", toText(outcome.json, false));
      std::fflush(stdout);
    } else if (!outcome.text.empty()) {
      console_.text(outcome.text);
    }
    if (console_.json) images_.push_back(std::move(outcome.json));
  }

  const Options& options_;
  const Console& console_;
  DetectorOptions detector_options_;
  std::optional<Detector> detector_;
  std::optional<ResultFolder> folder_;
  Json images_ = Json::array();
  int failed_ = 0;
};

}  // namespace

void addDetect(Commands& commands) {
  auto options = std::make_shared<Options>();
  auto arguments = std::make_shared<DetectorArguments>();
  CLI::App& command = commands.add("detect", "Find text on pictures.",
                                   {"ocrdet detect street.jpg --model model_dynamic.onnx",
                                    "ocrdet detect scans/ --model model_800x800.onnx --out results",
                                    "ocrdet detect page.png --model ch_PP-OCRv4_det_infer.onnx --json"},
                                   [=](const Console& console) {
                                     const std::vector<ImageInput> inputs = imageInputs(options->inputs);
                                     return Run(*options, detectorOptions(*arguments, inputs.size(), console),
                                                arguments->model, console)
                                         .overAll(inputs);
                                   });
  command.add_option("INPUT", options->inputs, "Image files, folders, patterns, or - for paths from stdin")->required();
  command.add_option("--out", options->out, "Folder for pictures with boxes and JSON files");
  command.add_option("--icdar", options->icdar, "Folder for result files of the ICDAR evaluation");
  command.add_flag("--ndjson", options->ndjson, "One JSON line an image, as they come");
  command.add_flag("--heatmap", options->heatmap, "Lay the probabilities over the pictures of --out");
  addDetectorOptions(commands, command, arguments);
}

}  // namespace ocrdet::cli
