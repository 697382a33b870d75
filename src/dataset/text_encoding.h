// Bytes of a text file to UTF-8, and what was unusual about them.
#pragma once

#include <string>
#include <string_view>

namespace ocrdet {

struct DecodedText {
  std::string text;                    // UTF-8 without marks at the front, lines end in line feeds (or both signs)
  bool mark = false;                   // began with a UTF-8 byte order mark
  bool utf16 = false;                  // was UTF-16, with a mark or seen from its zero bytes
  bool lone_returns = false;           // some lines ended in carriage returns alone
  int first_bad_line = 0;              // where it was not UTF-8; 0: everywhere fine
  std::string_view read_as = "UTF-8";  // "GB18030", "ISO 8859-1" or "damaged UTF-8" when it was not
};

// Never fails. Bytes that are not UTF-8 are read as UTF-8 with damages (U+FFFD) when more signs are sound than bytes
// are not, as GB18030 (most Chinese files) when they look like it, and else as ISO 8859-1.
DecodedText decodeText(std::string_view bytes);

}  // namespace ocrdet
