// `ocrdet version`: which program this is, and which ONNX Runtime it found.

#include "ocrdet/version.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/commands.h"
#include "runtime/runtime.h"

namespace ocrdet::cli {
namespace {

// A missing runtime is worth saying, not worth failing: several commands work without it.
ExitStatus sayVersion(const Console& console) {
  Json document{{"version", kVersion}};
  console.text(fmt::format("ocrdet {}", kVersion));
  try {
    const RuntimeInfo runtime = loadRuntime(console.onnxruntime);
    console.text(fmt::format("ONNX Runtime {}  {}", runtime.version, runtime.path.string()));
    console.text(fmt::format("providers: {}", fmt::join(runtime.providers, ", ")));
    document["onnxruntime"] = {
        {"version", runtime.version}, {"path", runtime.path.string()}, {"providers", runtime.providers}};
  } catch (const Error& error) {
    const Problem& problem = error.problems().front();
    console.text(fmt::format("ONNX Runtime: none. {} {}", problem.message, problem.advice));
    document["onnxruntime"] = nullptr;
    document["problem"] = toJson(problem);
  }
  console.document(document);
  return ExitStatus::kDone;
}

}  // namespace

void addVersion(Commands& commands) {
  CLI::App& command = commands.add("version", "Say which version this is, and which ONNX Runtime it uses.",
                                   {"ocrdet version", "ocrdet version --json",
                                    "ocrdet version --onnxruntime /opt/onnxruntime/lib/libonnxruntime.so"},
                                   sayVersion);
  commands.addRuntimeOption(command);
}

}  // namespace ocrdet::cli
