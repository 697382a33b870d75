// JSON as ocrdet writes it: keys keep their order, so that the same result gives the same text.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "ocrdet/error.h"

namespace ocrdet {

using Json = nlohmann::ordered_json;

// {"code", "message", "advice", "details": {…}, "cause"}; the last two only when there is something to say.
Json toJson(const Problem& problem);
// {"success": false, "error": {…first problem…}, "problems": [{…}, …]}
Json toJson(const Error& error);
// Serialises on one line or indented; bytes that are not UTF-8 (file names) become U+FFFD instead of an exception.
std::string jsonText(const Json& json, bool indented = true);
// The same replacement for a text alone.
std::string validUtf8(const std::string& text);

}  // namespace ocrdet
