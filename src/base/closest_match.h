// "Did you mean …?": the known word nearest to a misspelt one.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace ocrdet {

// Number of single-character insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`.
int editDistance(std::string_view a, std::string_view b);

// The candidate with the smallest edit distance; nothing when even that one shares less than half of its letters.
std::optional<std::string> closestMatch(std::string_view word, std::span<const std::string> candidates);

}  // namespace ocrdet
