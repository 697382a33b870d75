#include "contract/verdict_json.h"

namespace ocrdet {

Json toJson(Size size) {
  return Json{{"height", size.height}, {"width", size.width}};
}

Json toJson(const Finding& finding) {
  Json json = toJson(Problem{finding.code, finding.message, finding.advice, finding.details, ""});
  json["level"] = name(finding.level);
  return json;
}

Json toJson(const Verdict& verdict) {
  Json json = toJson(verdict.size);
  json["valid"] = verdict.valid();
  json["findings"] = Json::array();
  for (const Finding& finding : verdict.findings) json["findings"].push_back(toJson(finding));
  if (verdict.suggestions) {
    json["suggestions"] = {{"below", toJson(verdict.suggestions->below)},
                           {"above", toJson(verdict.suggestions->above)},
                           {"closest", toJson(verdict.suggestions->closest)}};
  }
  if (!verdict.pytorch_message.empty()) json["pytorch_message"] = verdict.pytorch_message;
  return json;
}

}  // namespace ocrdet
