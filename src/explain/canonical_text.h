// One spelling for a pasted text, so that patterns need not care how it was copied.
//
// Lower case; white space and line breaks are single spaces, none beside punctuation and quotes; all quotes are ';
// full-width punctuation is ASCII; colour codes of terminals and backslashes of JSON strings are gone.
// "failed:Protobuf" and "failed:\n  protobuf" become the same. Every character remembers where it came from.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ocrdet {

// What lies behind is ignored: no error message is longer, and a whole log would only add false matches.
inline constexpr std::size_t kLongestText = 64 * 1024;

struct CanonicalText {
  std::string text;
  std::vector<std::uint32_t> origin;  // per character of `text`: its first byte in `original`
  std::string original;

  // The original words of text[begin, end).
  std::string_view originalWords(std::size_t begin, std::size_t end) const;
};

CanonicalText canonicalText(std::string_view text);

}  // namespace ocrdet
