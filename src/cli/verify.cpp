// `ocrdet verify`: does an ONNX file compute what its checkpoint means?

#include "ocrdet/verify.h"

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/number_option.h"
#include "export/verify_report.h"

namespace ocrdet::cli {
namespace {

ExitStatus run(const VerifyOptions& given, const Console& console) {
  VerifyOptions options = given;
  options.onnxruntime = console.onnxruntime;
  const VerifyReport report = verifyOnnx(options);
  console.text(
      fmt::format("{}: {}", options.model.string(), report.passed() ? "verified" : "does NOT compute what it should"));
  console.text(toText(report));
  console.document(toJson(report));
  return report.passed() ? ExitStatus::kDone : ExitStatus::kSomeFailed;
}

}  // namespace

void addVerify(Commands& commands) {
  auto options = std::make_shared<VerifyOptions>();
  CLI::App& command = commands.add(
      "verify", "Run an ONNX file and compare it with the checkpoint it was made from.",
      {"ocrdet verify model_800x800.onnx --against pytorch_model.pt",
       "ocrdet verify model_dynamic.onnx --against best.pt --images photographs/", "ocrdet verify model.onnx --json"},
      [options](const Console& console) { return run(*options, console); });
  command.add_option("MODEL", options->model, "ONNX file of this network")->required();
  command.add_option("--against", options->checkpoint, "Checkpoint to compare with [the file itself, unoptimised]");
  command.add_option("--images", options->images, "A picture, or a folder of pictures, to run as well");
  command.add_flag("!--no-memory", options->measure_memory, "Do not measure the peak of memory");
  addThreadsOption(command, options->threads);
  commands.addRuntimeOption(command);
}

}  // namespace ocrdet::cli
