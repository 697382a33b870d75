#include "base/json.h"

namespace ocrdet {

Json toJson(const Problem& problem) {
  Json json{{"code", problem.code->name}, {"message", problem.message}, {"advice", problem.advice}};
  for (const Detail& detail : problem.details) {
    std::visit([&](const auto& value) { json["details"][detail.name] = value; }, detail.value);
  }
  if (!problem.cause.empty()) json["cause"] = problem.cause;
  return json;
}

Json toJson(const Error& error) {
  Json problems = Json::array();
  for (const Problem& problem : error.problems()) problems.push_back(toJson(problem));
  return Json{{"success", false}, {"error", problems.front()}, {"problems", problems}};
}

std::string jsonText(const Json& json, bool indented) {
  return json.dump(indented ? 2 : -1, ' ', false, Json::error_handler_t::replace);
}

std::string validUtf8(const std::string& text) {
  return Json::parse(jsonText(Json(text), false)).get<std::string>();
}

}  // namespace ocrdet
