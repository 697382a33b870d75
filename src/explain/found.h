// A message found in a text, as the conditions and the arithmetic see it.
#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

#include "explain/pattern.h"

namespace ocrdet {

struct Found {
  const CanonicalText& text;
  PatternMatch match;

  // What stands in a hole of the pattern, in canonical spelling.
  std::string_view hole(std::size_t index) const {
    const Span& span = match.holes.at(index);
    return std::string_view(text.text).substr(span.begin, span.end - span.begin);
  }
  // The same as it was pasted.
  std::string_view words(std::size_t index) const {
    return text.originalWords(match.holes.at(index).begin, match.holes.at(index).end);
  }
  // The whole number in a hole; -1 if it is none or too large.
  std::int64_t number(std::size_t index) const {
    const std::string_view digits = hole(index);
    std::int64_t value = -1;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return error == std::errc() && end == digits.data() + digits.size() && value >= 0 ? value : -1;
  }
  // What follows the match.
  std::string_view rest() const { return std::string_view(text.text).substr(match.whole.end); }
};

}  // namespace ocrdet
