// A verdict as JSON, the same in `--json`, in the REST interface and on the page.
#pragma once

#include "base/json.h"
#include "ocrdet/contract.h"

namespace ocrdet {

// {"height": 800, "width": 600}
Json toJson(Size size);
// {"code", "message", "advice", "details", "level"}
Json toJson(const Finding& finding);
// {"height", "width", "valid", "findings": [{"code", "level", "message", "advice", "details"}],
//  "suggestions": {"below", "above", "closest"}, "pytorch_message"}; the last two only when there is something to say.
Json toJson(const Verdict& verdict);

}  // namespace ocrdet
