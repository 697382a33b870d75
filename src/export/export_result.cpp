#include "export/export_result.h"

#include "contract/verdict_json.h"
#include "export/verify_report.h"

namespace ocrdet {

Json toJson(const ExportResult& result) {
  Json json{{"success", true},
            {"path", result.path.string()},
            {"bytes", result.file_bytes},
            {"passes", result.passes},
            {"source_sha256", result.source_sha256},
            {"predicted_peak_bytes", result.predicted_peak_bytes}};
  if (result.rounded_from) json["rounded_from"] = toJson(*result.rounded_from);
  json["remarks"] = Json::array();
  for (const Finding& finding : result.remarks) json["remarks"].push_back(toJson(finding));
  json["verification"] = result.verification ? toJson(*result.verification) : Json(nullptr);
  json["seconds"] = result.seconds;
  return json;
}

}  // namespace ocrdet
