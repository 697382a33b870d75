#include "base/closest_match.h"

#include <algorithm>
#include <vector>

namespace ocrdet {

// Damerau–Levenshtein in its optimal string alignment form, three rows at a time.
int editDistance(std::string_view a, std::string_view b) {
  std::vector<int> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) above[j] = static_cast<int>(j);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = static_cast<int>(i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, above);
    std::swap(above, row);
  }
  return above[b.size()];
}

std::optional<std::string> closestMatch(std::string_view word, std::span<const std::string> candidates) {
  std::optional<std::string> best;
  int best_distance = 0;
  for (const std::string& candidate : candidates) {
    const int distance = editDistance(word, candidate);
    if (best && distance >= best_distance) continue;
    best = candidate;
    best_distance = distance;
  }
  if (best && 2 * best_distance > static_cast<int>(std::max(word.size(), best->size()))) best.reset();
  return best;
}

}  // namespace ocrdet
