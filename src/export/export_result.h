#pragma once

#include <string>

#include "base/json.h"
#include "ocrdet/export.h"
#include "onnx/snippet.h"

namespace ocrdet {

// {"success": true, "path", "bytes", "passes", "source_sha256", "predicted_peak_bytes", "remarks", "verification", …}
Json toJson(const ExportResult& result);

// Code that runs exactly this file: what the file says about itself is read back from it.
std::string exportSnippet(const ExportResult& result, SnippetLanguage language);

}  // namespace ocrdet
