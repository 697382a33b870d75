#include "cli/detector_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "base/processors.h"
#include "cli/number_option.h"
#include "cli/shipped_model.h"
#include "cli/word_option.h"
#include "detect/thread_plan.h"
#include "ocrdet/contract.h"
#include "ocrdet/error.h"

namespace ocrdet::cli {
ResizeOptions resizeNamed(const std::string& text) {
  ResizeOptions resize;
  const std::map<std::string, ResizeMode> kModes = {{"short", ResizeMode::kShortSide},
                                                    {"long", ResizeMode::kLongSide},
                                                    {"exact", ResizeMode::kExact},
                                                    {"letterbox", ResizeMode::kLetterbox}};
  const std::size_t colon = text.find(':');
  resize.mode = wordIn(kModes, text.substr(0, colon), "--resize");
  if (colon == text.npos) return resize;
  const char* end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data() + colon + 1, end, resize.length);
  if (problem != std::errc() || stop != end || resize.length <= 0 || resize.length > kPossibleSides.largest)
    throw Error({&codes::kUsageOption,
                 fmt::format("--resize \"{}\" does not end in a length of 1 to {}.", text, kPossibleSides.largest),
                 "Write it like short:736.",
                 {},
                 {}});
  return resize;
}

ExecutionProvider providerNamed(const std::string& name) {
  return wordIn<ExecutionProvider>({{"cpu", ExecutionProvider::kCpu},
                                    {"cuda", ExecutionProvider::kCuda},
                                    {"tensorrt", ExecutionProvider::kTensorRt}},
                                   name, "--provider");
}

void addDetectorOptions(Commands& commands, CLI::App& command, const std::shared_ptr<DetectorArguments>& arguments) {
  DetectorOptions& options = arguments->options;
  command.add_option("--model", arguments->model,
                     "ONNX file of a detector, or weights (default: the shipped line model)");
  command.add_option("--resize", arguments->resize, "short:736, long:960, exact or letterbox (default: the file's)");
  command.add_option("--size", arguments->size, "Height x width for exact and letterbox");
  command.add_option("--pixel-threshold", options.pixel_threshold, "A pixel is text above it (default: the file's)")
      ->check(numberFrom(0, 1));
  command.add_option("--box-threshold", options.box_threshold, "A box is kept from this score")
      ->check(numberFrom(0, 1));
  command.add_option("--unclip-ratio", options.unclip_ratio, "Growth of boxes")->check(numberFrom(0, 10));
  command.add_option("--growth", arguments->growth, "unclip or invert-shrink: of the box found, or of what it becomes");
  command.add_flag("--polygons", options.polygons, "Outlines instead of rectangles");
  command.add_flag("--score-contour", options.score_contour, "Score inside the outline, not inside the box");
  command.add_option("--compat", arguments->compat, "Repeat modelscope, mhliao or paddleocr exactly");
  command.add_option("--family", arguments->family, "Settings for files without metadata: dbnet or paddleocr");
  command.add_option("--provider", arguments->provider, "cpu, cuda or tensorrt");
  addThreadsOption(command, options.threads);
  command.add_option("--batch", options.batch, "Pictures in one run of the network (default: 1; 8 on accelerators)")
      ->check(CLI::Range(0, 64));
  command.add_flag("--low-memory", options.low_memory, "Less memory, a little slower");
  command.add_option("--max-pixels", options.max_pixels, "Largest picture that is decoded")->check(CLI::PositiveNumber);
  commands.addRuntimeOption(command);
}

DetectorArguments withModel(DetectorArguments arguments) {
  if (arguments.model.empty()) arguments.model = shippedModel();
  return arguments;
}

Json settingsJson(const DetectorArguments& arguments) {
  const auto text = [](const std::string& given) { return given.empty() ? Json() : Json(given); };
  const auto number = [](const std::optional<double>& given) { return given ? Json(*given) : Json(); };
  const DetectorOptions& options = arguments.options;
  return {{"resize", text(arguments.resize)},
          {"size", text(arguments.size)},
          {"pixel_threshold", number(options.pixel_threshold)},
          {"box_threshold", number(options.box_threshold)},
          {"unclip_ratio", number(options.unclip_ratio)},
          {"growth", text(arguments.growth)},
          {"polygons", options.polygons},
          {"score_contour", options.score_contour},
          {"compat", text(arguments.compat)},
          {"family", text(arguments.family)},
          {"batch", options.batch == 0 ? Json("default") : Json(options.batch)},  // batches pad pictures
          {"provider", text(arguments.provider)}};
}

DetectorOptions detectorOptions(const DetectorArguments& arguments, std::size_t images, const Console& console) {
  DetectorOptions options = arguments.options;
  if (options.threads == 0) options.threads = usableProcessors();
  options.onnxruntime = console.onnxruntime;
  if (!arguments.resize.empty()) options.resize = resizeNamed(arguments.resize);
  if (!arguments.size.empty()) {
    const Size size = parseSize(arguments.size);
    options.resize.height = int(size.height);
    options.resize.width = int(size.width);
    if (options.resize.mode == ResizeMode::kFromFile) options.resize.mode = ResizeMode::kExact;
  }
  if (!arguments.family.empty())
    options.family = wordIn<ModelFamily>({{"dbnet", ModelFamily::kDbNet}, {"paddleocr", ModelFamily::kPaddleOcr}},
                                         arguments.family, "--family");
  if (!arguments.compat.empty())
    options.compatibility = wordIn<Compatibility>({{"modelscope", Compatibility::kModelScope},
                                                   {"mhliao", Compatibility::kMhLiao},
                                                   {"paddleocr", Compatibility::kPaddleOcr}},
                                                  arguments.compat, "--compat");
  if (!arguments.growth.empty())
    options.growth = wordIn<Growth>({{"unclip", Growth::kUnclip}, {"invert-shrink", Growth::kInvertShrink}},
                                    arguments.growth, "--growth");
  if (!arguments.provider.empty()) options.provider = providerNamed(arguments.provider);
  const int batch = largestBatch(options);
  const int most = batch > 1 ? std::max(options.threads, 2 * batch) : options.threads;
  if (!options.low_memory) options.images_at_a_time = int(std::clamp<std::size_t>(images, 1, std::size_t(most)));
  return options;
}

}  // namespace ocrdet::cli
