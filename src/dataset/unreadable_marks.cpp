#include "dataset/unreadable_marks.h"

#include <algorithm>
#include <cctype>

namespace ocrdet {

bool isUnreadableMark(std::string_view text) {
  return text == "###" || text == "*";
}

bool looksUnreadableButIsNot(std::string_view text) {
  if (isUnreadableMark(text)) return false;
  std::string letters;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i, 3) == "\xEF\xBC\x83") {  // ＃
      letters += '#';
      i += 2;
    } else if (text[i] != ' ' && text[i] != '\t' && text[i] != '\r') {
      letters += char(std::tolower(static_cast<unsigned char>(text[i])));
    }
  }
  const auto consistsOf = [&](char sign) {
    return letters.size() >= 2 && letters.size() <= 8 &&
           std::all_of(letters.begin(), letters.end(), [sign](char c) { return c == sign; });
  };
  // Stars are no sign of it: receipts and forms have them as decoration.
  return consistsOf('#') || letters == "dontcare" || letters == "don'tcare" || letters == "donotcare";
}

bool isControl(char c) {
  return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F;
}

std::string withoutControls(const std::string& text) {
  std::string kept;
  std::copy_if(text.begin(), text.end(), std::back_inserter(kept), [](char c) { return !isControl(c); });
  return kept;
}

}  // namespace ocrdet
