// `ocrdet export`: a checkpoint becomes a verified ONNX file, or a file of its weights alone.

#include "ocrdet/export.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <sstream>

#include "base/atomic_file.h"
#include "base/byte_count.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/number_option.h"
#include "contract/verdict_json.h"
#include "export/box_settings.h"
#include "export/export_result.h"
#include "model/weights_file.h"
#include "onnx/snippet.h"

namespace ocrdet::cli {
namespace {

struct ExportArguments {
  std::string checkpoint, output, size, precision = "fp32", free_axes, round, target, max_memory, snippet;
  CLI::Option* round_given = nullptr;
  bool dynamic = false, any_size = false, embed = false, float16_io = false, no_verify = false, force = false;
  std::int64_t batch = 1;
  int opset = kDefaultOpset, threads = 0;
  std::vector<std::string> allow;
  std::optional<double> pixel_threshold, box_threshold, unclip_ratio;
};

void freeAxis(ExportOptions& options, const std::string& axis) {
  if (axis == "batch") {
    options.batch.reset();
  } else if (axis == "height") {
    options.height.reset();
  } else if (axis == "width") {
    options.width.reset();
  } else {
    throw Error({&codes::kUsageOption, fmt::format("There is no axis '{}'.", axis),
                 "--free takes batch, height, width, or several of them separated by commas."});
  }
}

void takeBoxSettings(const ExportArguments& arguments, ExportOptions& options) {
  options.pixel_threshold = arguments.pixel_threshold;
  options.box_threshold = arguments.box_threshold;
  options.unclip_ratio = arguments.unclip_ratio;
}

ExportOptions exportOptions(const ExportArguments& arguments, const Console& console) {
  if (arguments.dynamic && !arguments.size.empty()) {
    throw Error({&codes::kUsageOption, "--dynamic frees height and width, --size fixes them.",
                 "Give one of them; --free batch,height frees single axes beside --size."});
  }
  ExportOptions options;
  options.checkpoint = arguments.checkpoint;
  options.output = arguments.output;
  options.overwrite = arguments.force;
  options.batch = arguments.batch;
  const bool free_size = arguments.dynamic || (arguments.any_size && arguments.size.empty());
  if (free_size) options.batch = options.height = options.width = std::nullopt;
  if (!arguments.size.empty()) {
    const Size size = parseSize(arguments.size);
    options.height = size.height;
    options.width = size.width;
  }
  std::istringstream axes(arguments.free_axes);
  for (std::string axis; std::getline(axes, axis, ',');) freeAxis(options, axis);
  options.any_size = arguments.any_size;
  options.embed_preprocess = arguments.embed;
  options.precision = parsePrecision(arguments.precision);
  options.float16_io = arguments.float16_io;
  options.opset = arguments.opset;
  if (arguments.round_given->count() > 0) {
    options.round = arguments.round.empty() ? Rounding::kClosest : parseRounding(arguments.round);
  }
  options.allowed = arguments.allow;
  if (!arguments.target.empty()) options.target = &targetNamed(arguments.target);
  if (!arguments.max_memory.empty()) options.memory_limit = parseByteCount(arguments.max_memory);
  options.verify = !arguments.no_verify;
  options.onnxruntime = console.onnxruntime;
  options.threads = arguments.threads;
  takeBoxSettings(arguments, options);
  return options;
}

void printResult(const ExportResult& result, const Console& console) {
  if (result.verification) {
    console.text("Verified against the checkpoint with " + result.verification->runtime + ":");
    console.text(toText(*result.verification));
  } else {
    console.text("Not verified (--no-verify).");
  }
  console.text(fmt::format("{}  {}, {:.2f} s", result.path.string(), byteCount(result.file_bytes), result.seconds));
}

// CLI11 takes the word after a bare `--round` for its value; what is no way of rounding was meant as the checkpoint.
void takeBackCheckpoint(ExportArguments& arguments) {
  const bool is_rounding = arguments.round == "closest" || arguments.round == "up" || arguments.round == "down";
  if (arguments.checkpoint.empty() && !is_rounding) std::swap(arguments.checkpoint, arguments.round);
  if (arguments.checkpoint.empty()) {
    throw Error(
        {&codes::kUsageOption, "No checkpoint was given.", "Write for instance `ocrdet export pytorch_model.pt`."});
  }
}

// The output's name decides.
bool weightsAlone(const std::string& output) {
  return std::filesystem::path(output).extension() == ".safetensors";
}

// Most options say how an ONNX file computes or is tried. Those of the machine (--threads, --onnxruntime), which often
// come from the environment, say nothing about the file.
void refuseOptionsOfOnnx(const CLI::App& command) {
  constexpr std::array kFit{"CKPT",
                            "--output",
                            "--precision",
                            "--force",
                            "--json",
                            "--quiet",
                            "--help",
                            "--verbose",
                            "--config",
                            "--onnxruntime",
                            "--threads",
                            "--pixel-threshold",
                            "--box-threshold",
                            "--unclip-ratio"};
  std::vector<std::string> unfit;
  for (const CLI::Option* option : command.get_options()) {
    const std::string name = option->get_lnames().empty() ? option->get_name() : "--" + option->get_lnames().front();
    if (option->count() > 0 && std::ranges::find(kFit, name) == kFit.end()) unfit.push_back(name);
  }
  if (unfit.empty()) return;
  throw Error({&codes::kUsageOption,
               fmt::format("A .safetensors file holds weights alone; {} {} for ONNX files.", fmt::join(unfit, ", "),
                           unfit.size() == 1 ? "is" : "are"),
               "Leave them out, or give the output a name that ends in .onnx.",
               {{"given", fmt::format("{}", fmt::join(unfit, ", "))}}});
}

ExitStatus runWeights(const ExportArguments& arguments, const Console& console) {
  const auto start = std::chrono::steady_clock::now();
  const Precision precision = parsePrecision(arguments.precision);
  refuseToReplace(arguments.output, arguments.force, arguments.checkpoint);
  const StateDict weights = loadStateDict(arguments.checkpoint);
  ExportOptions options;
  takeBoxSettings(arguments, options);
  writeWeights(arguments.output, weights, precision, boxSettings(options, weights.source));
  const auto bytes = static_cast<std::int64_t>(std::filesystem::file_size(arguments.output));
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  console.text(fmt::format("{}  {}, weights alone, {}, {:.2f} s", arguments.output, byteCount(bytes),
                           arguments.precision, seconds));
  console.text(fmt::format("\nNext: ocrdet detect PICTURE --model {}", arguments.output));
  console.document({{"success", true},
                    {"path", arguments.output},
                    {"bytes", bytes},
                    {"precision", arguments.precision},
                    {"threshold_head", weights.has_threshold_head},
                    {"source_sha256", sourceSha256(weights.source)},
                    {"seconds", seconds}});
  return ExitStatus::kDone;
}

ExitStatus run(ExportArguments arguments, const CLI::App& command, const Console& console) {
  takeBackCheckpoint(arguments);
  if (weightsAlone(arguments.output)) {
    refuseOptionsOfOnnx(command);
    return runWeights(arguments, console);
  }
  const ExportOptions options = exportOptions(arguments, console);
  const auto language =
      arguments.snippet.empty() ? std::nullopt : std::optional(parseSnippetLanguage(arguments.snippet));
  const ExportResult result = exportOnnx(options);
  if (result.rounded_from && result.rounded_to) {
    logInfo(fmt::format("Size {} was rounded to {}.", toText(*result.rounded_from), toText(*result.rounded_to)));
  }
  for (const Finding& finding : result.remarks) {
    if (!console.json)
      logInfo(fmt::format("{} {}: {} {}", name(finding.level), finding.code->name, finding.message, finding.advice));
  }
  printResult(result, console);
  const std::string code = language ? exportSnippet(result, *language) : "";
  if (language) console.text("\n" + code);
  Json document = toJson(result);
  if (language) document["snippet"] = code;
  console.document(document);
  console.text(fmt::format("\nNext: ocrdet detect PICTURE --model {}", result.path.string()));
  return ExitStatus::kDone;
}

}  // namespace

void addExport(Commands& commands) {
  auto arguments = std::make_shared<ExportArguments>();
  auto self = std::make_shared<CLI::App*>();
  CLI::App& command = commands.add(
      "export", "Turn a PyTorch or safetensors checkpoint into a verified ONNX file, or into weights alone.",
      {"ocrdet export pytorch_model.pt                       model_800x800.onnx, verified",
       "ocrdet export best.pt --size 736x1280 --snippet python -o best.onnx",
       "ocrdet export best.pt --precision fp16 -o best.safetensors        weights alone"},
      [=](const Console& console) { return run(*arguments, **self, console); });
  *self = &command;
  command.add_option("CKPT", arguments->checkpoint, "Checkpoint: PyTorch (zip or older) or safetensors");
  command.add_option("-o,--output", arguments->output,
                     "File to write [model_{H}x{W}.onnx]; NAME.safetensors: weights alone");
  command.add_option("--size", arguments->size, "Height x width of the input [800x800]");
  command.add_flag("--dynamic", arguments->dynamic, "Free batch, height and width (multiples of 32)");
  command.add_flag("--any-size", arguments->any_size, "Take any size from 32 up: pad and crop inside the file");
  command.add_option("--free", arguments->free_axes, "Free single axes: batch,height,width");
  command.add_option("--batch", arguments->batch, "Pictures in one run [1]");
  command.add_option("--precision", arguments->precision, "fp32 or fp16 [fp32]");
  command.add_flag("--float16-io", arguments->float16_io, "With fp16: input and output are float16 too");
  command.add_flag("--embed-preprocess", arguments->embed, "Input uint8 NHWC BGR, normalised inside the file");
  command.add_option("--opset", arguments->opset, "ONNX opset, 11 to 17 [12]");
  command
      .add_option("--pixel-threshold", arguments->pixel_threshold,
                  "What detection takes: a pixel is text above it [as in CKPT, else 0.2]")
      ->check(numberFrom(0, 1));
  command
      .add_option("--box-threshold", arguments->box_threshold, "A box is kept from this score [as in CKPT, else 0.3]")
      ->check(numberFrom(0, 1));
  command.add_option("--unclip-ratio", arguments->unclip_ratio, "Growth of boxes [as in CKPT, else 1.5]")
      ->check(numberFrom(0, 10));
  arguments->round_given =
      command.add_option("--round", arguments->round, "Take a valid size instead: closest, up or down [closest]")
          ->expected(0, 1);
  command.add_option("--allow", arguments->allow, "Make the error of this code a warning (size.out-of-range)")
      ->allow_extra_args(false);
  command.add_option("--target", arguments->target, "Where the file is to run (opencv-dnn, tensorrt, …)");
  command.add_option("--max-memory", arguments->max_memory, "Refuse if running it would need more: 2GB, 800MB");
  command.add_option("--snippet", arguments->snippet, "Also print code that runs the file: cpp, python or opencv");
  command.add_flag("--no-verify", arguments->no_verify, "Do not run and compare the file before it gets its name");
  command.add_flag("--force,-f", arguments->force, "Replace the output if it is there");
  commands.addRuntimeOption(command);
  addThreadsOption(command, arguments->threads);
}

}  // namespace ocrdet::cli
