// `ocrdet version`: which program this is.

#include <fmt/format.h>

#include "cli/commands.h"
#include "ocrdet/version.h"

namespace ocrdet::cli {

void addVersion(Commands& commands) {
  commands.add("version", "Say which version this is.",
               {"ocrdet version", "ocrdet version --json", "ONNXRUNTIME_ROOT=/opt/onnxruntime ocrdet version"},
               [](const Console& console) {
                 console.text(fmt::format("ocrdet {}", kVersion));
                 console.document(Json{{"version", kVersion}});
                 return ExitStatus::kDone;
               });
}

}  // namespace ocrdet::cli
