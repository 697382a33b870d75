// `ocrdet inspect`: what a checkpoint or an ONNX file is.

#include <fmt/format.h>

#include "cli/commands.h"
#include "export/inspect_checkpoint.h"
#include "export/inspect_onnx.h"

namespace ocrdet::cli {
namespace {

ExitStatus run(const std::filesystem::path& path, bool all_layers, const Console& console) {
  if (looksLikeOnnx(path)) {
    const OnnxReport report = inspectOnnx(path, {.onnxruntime = console.onnxruntime});
    console.text(toText(report));
    console.document(toJson(report));
  } else {
    const CheckpointReport report = inspectCheckpoint(path);
    console.text(toText(report, all_layers));
    console.document(toJson(report));
  }
  return ExitStatus::kDone;
}

}  // namespace

void addInspect(Commands& commands) {
  auto path = std::make_shared<std::filesystem::path>();
  auto all_layers = std::make_shared<bool>(false);
  CLI::App& command = commands.add("inspect", "Show what a checkpoint or an ONNX file is.",
                                   {"ocrdet inspect pytorch_model.pt", "ocrdet inspect ch_PP-OCRv4_det_infer.onnx",
                                    "ocrdet inspect model_800x800.onnx --json"},
                                   [=](const Console& console) { return run(*path, *all_layers, console); });
  command.add_option("FILE", *path, "Checkpoint (PyTorch, safetensors) or ONNX file")->required();
  command.add_flag("--layers", *all_layers, "List every layer with its weights");
  commands.addRuntimeOption(command);
}

}  // namespace ocrdet::cli
