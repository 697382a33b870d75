#include "export/export_result.h"

#include "contract/file_contract.h"
#include "contract/verdict_json.h"
#include "export/verify_report.h"
#include "onnx/read.h"

namespace ocrdet {

Json toJson(const ExportResult& result) {
  Json json{{"success", true},
            {"path", result.path.string()},
            {"bytes", result.file_bytes},
            {"passes", result.passes},
            {"source_sha256", result.source_sha256},
            {"predicted_peak_bytes", result.predicted_peak_bytes},
            {"memory", result.memory_sentence}};
  if (result.rounded_from) json["rounded_from"] = toJson(*result.rounded_from);
  json["remarks"] = Json::array();
  for (const Finding& finding : result.remarks) json["remarks"].push_back(toJson(finding));
  json["verification"] = result.verification ? toJson(*result.verification) : Json(nullptr);
  json["seconds"] = result.seconds;
  return json;
}

std::string exportSnippet(const ExportResult& result, SnippetLanguage language) {
  const std::optional<FileContract> contract = readFileContract(readOnnx(result.path).metadata);
  return snippet(language, contract.value_or(FileContract{}), result.path.filename().string());
}

}  // namespace ocrdet
