// Signs in texts that mark what cannot be read, and those that the doctor reports and `fix` mends; one rule for all.
#pragma once

#include <string>
#include <string_view>

namespace ocrdet {

// `###` or `*`: the text is there, but is neither learnt nor counted.
bool isUnreadableMark(std::string_view text);

// `##`, `####`, ` ###`, full-width `＃＃＃`, `# # #`, `don't care` …: meant as ###, but taken for text.
bool looksUnreadableButIsNot(std::string_view text);

// A byte below space other than a tab, or DEL. White space at the ends of lines has gone by then.
bool isControl(char c);

std::string withoutControls(const std::string& text);

}  // namespace ocrdet
