#include "cli/shipped_model.h"

#include <fmt/format.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "ocrdet/error.h"

namespace ocrdet::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFile = "ocrdet-line.safetensors";

// A folder that somebody named is never passed over in silence for another one.
std::vector<fs::path> foldersToLook() {
  if (const char* named = std::getenv("OCRDET_MODELS"); named != nullptr && *named != '\0') return {named};
  const fs::path above = fs::read_symlink("/proc/self/exe").parent_path().parent_path();
  return {above / OCRDET_MODEL_FOLDER,      // bin/ocrdet of an installation (cmake/install.cmake)
          above.parent_path() / "models"};  // build/bin/ocrdet
}

}  // namespace

fs::path shippedModel() {
  std::string looked;
  for (const fs::path& folder : foldersToLook()) {
    std::error_code unreadable;
    if (fs::is_regular_file(folder / kFile, unreadable)) return folder / kFile;
    looked += (looked.empty() ? "" : ", ") + folder.string();
  }
  throw Error({&codes::kUsageOption,
               fmt::format("--model is needed: the shipped model, {}, is not there; looked in {}.", kFile, looked),
               "Name an ONNX file or weights with --model, or the folder of the shipped model with OCRDET_MODELS.",
               {{"looked_in", looked}}});
}

}  // namespace ocrdet::cli
