// Finding and loading ONNX Runtime.
//
// Looked for in this order: the path that the caller names (--onnxruntime), the folder in ONNXRUNTIME_ROOT, beside the
// program and where an installation has it, the same for libocrdet.so, the system's library path. A place that was
// named on purpose is never passed over in silence: if nothing usable lies there, that is an error, and the places
// after it are not tried.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace ocrdet {

struct RuntimeInfo {
  std::string version;                 // "1.29.0"
  std::filesystem::path path;          // of the library, links resolved
  std::vector<std::string> providers;  // as ONNX Runtime names them: "CPUExecutionProvider"
};

// Loads the library on the first call; later calls describe the one that is loaded. `wanted` is a library file or a
// folder with one (or with lib/). Throws runtime.missing with every place that was looked at, or runtime.unusable: not
// an ONNX Runtime, too old, or another one than the process has loaded already. Safe from several threads.
RuntimeInfo loadRuntime(const std::filesystem::path& wanted = {});

}  // namespace ocrdet
