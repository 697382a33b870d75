#include "contract/verdict_json.h"

namespace ocrdet {

Json toJson(Size size) {
  return Json{{"height", size.height}, {"width", size.width}};
}

Json toJson(const Verdict& verdict) {
  Json json = toJson(verdict.size);
  json["valid"] = verdict.valid();
  json["findings"] = Json::array();
  for (const Finding& finding : verdict.findings) {
    Json entry = toJson(Problem{finding.code, finding.message, finding.advice, finding.details, ""});
    entry["level"] = name(finding.level);
    json["findings"].push_back(entry);
  }
  if (verdict.suggestions) {
    json["suggestions"] = {{"below", toJson(verdict.suggestions->below)},
                           {"above", toJson(verdict.suggestions->above)},
                           {"closest", toJson(verdict.suggestions->closest)}};
  }
  if (!verdict.pytorch_message.empty()) json["pytorch_message"] = verdict.pytorch_message;
  return json;
}

}  // namespace ocrdet
