// `ocrdet bench`: latency, throughput and memory of a detector on this machine.

#include <fmt/format.h>

#include "base/log.h"
#include "benchmark/benchmark_json.h"
#include "cli/commands.h"
#include "cli/detector_options.h"
#include "cli/image_inputs.h"
#include "cli/number_option.h"
#include "ocrdet/benchmark.h"

namespace ocrdet::cli {
namespace {

struct BenchArguments {
  BenchmarkOptions benchmark;
  std::vector<std::string> sizes;
  std::vector<std::string> images;
  std::string resize, provider;
};

ExitStatus run(const BenchArguments& given, const Console& console) {
  BenchmarkOptions options = given.benchmark;
  options.detector.onnxruntime = console.onnxruntime;
  for (const std::string& size : given.sizes) options.sizes.push_back(parseSize(size));
  if (!given.resize.empty()) options.detector.resize = resizeNamed(given.resize);
  if (!given.provider.empty()) options.detector.provider = providerNamed(given.provider);
  if (!given.images.empty()) {
    for (const ImageInput& input : imageInputs(given.images, 1)) options.images.push_back(input.path);
  }
  const BenchmarkReport report = runBenchmark(options);
  for (const UnreadablePicture& picture : report.unreadable)
    logWarning(fmt::format("{} Left out.", picture.problem.message));
  console.text(toText(report));
  console.document(toJson(report));
  return report.unreadable.empty() ? ExitStatus::kDone : ExitStatus::kSomeFailed;
}

}  // namespace

void addBench(Commands& commands) {
  auto options = std::make_shared<BenchArguments>();
  BenchmarkOptions& benchmark = options->benchmark;
  CLI::App& command = commands.add("bench", "Measure latency, throughput and memory of a detector on this machine.",
                                   {"ocrdet bench model_dynamic.onnx --size 640x640 --size 736x1280",
                                    "ocrdet bench model_800x800.onnx --images photographs/ --threads 4",
                                    "ocrdet bench model.onnx --runs 100 --json"},
                                   [options](const Console& console) { return run(*options, console); });
  command.add_option("MODEL", benchmark.model, "ONNX file of a detector")->required();
  command.add_option("--size", options->sizes, "Input, height x width; may be repeated [the file's]")
      ->allow_extra_args(false);
  command.add_option("--resize", options->resize, "Instead of --size: short:736 or long:960 [the file's]")
      ->excludes("--size");
  command.add_option("--pixel-threshold", benchmark.detector.pixel_threshold, "As for detect [the file's]")
      ->check(numberFrom(0, 1));
  command.add_option("--box-threshold", benchmark.detector.box_threshold, "As for detect [the file's]")
      ->check(numberFrom(0, 1));
  command.add_option("--images", options->images, "A picture, folder or pattern [a bundled picture]")
      ->allow_extra_args(false);
  command.add_option("--runs", benchmark.runs, "Pictures that are timed, at least [20]")->check(CLI::Range(1, 1000000));
  command.add_option("--warm-up", benchmark.warm_up, "Pictures before that [3]")->check(CLI::Range(0, 1000000));
  command.add_option("--images-at-a-time", benchmark.images_at_a_time, "Side by side [as many as threads]; 1: skip")
      ->check(CLI::Range(1, 1024));
  addThreadsOption(command, benchmark.detector.threads);
  command.add_option("--provider", options->provider, "cpu, cuda or tensorrt [cpu]");
  command.add_flag("--low-memory", benchmark.detector.low_memory, "Less memory, a little slower");
  command.add_flag("!--no-memory", benchmark.measure_memory, "Do not measure the peak of memory");
  commands.addRuntimeOption(command);
}

}  // namespace ocrdet::cli
