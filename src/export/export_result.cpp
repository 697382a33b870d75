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
  if (result.rounded_from && result.rounded_to) {
    json["rounded_from"] = toJson(*result.rounded_from);
    json["rounded_to"] = toJson(*result.rounded_to);
  }
  json["remarks"] = Json::array();
  for (const Finding& finding : result.remarks) json["remarks"].push_back(toJson(finding));
  json["verification"] = result.verification ? toJson(*result.verification) : Json(nullptr);
  json["seconds"] = result.seconds;
  return json;
}

std::string exportSnippet(const ExportResult& result, SnippetLanguage language) {
  const Graph graph = readOnnx(result.path);
  const Value& input = graph.inputs.at(0);
  SnippetFile file;
  file.name = result.path.filename().string();
  file.contract = readFileContract(graph.metadata).value_or(FileContract{});
  file.batch = input.shape.at(0).fixed() ? input.shape[0].length : 1;
  file.float16_io = graph.outputs.at(0).dtype == DType::kFloat16;
  return snippet(language, file);
}

}  // namespace ocrdet
