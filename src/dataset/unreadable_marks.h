// Signs in texts that the doctor reports and `fix` mends; one rule for both.
#pragma once

#include <string>
#include <string_view>

namespace ocrdet {

// `##`, `####`, ` ###`, full-width `＃＃＃`, `# # #`, `don't care` …: meant as ###, but taken for text.
bool looksUnreadableButIsNot(std::string_view text);

// A byte below space other than a tab, or DEL. White space at the ends of lines has gone by then.
bool isControl(char c);

std::string withoutControls(const std::string& text);

}  // namespace ocrdet
