#include "dataset/number_separators.h"

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "dataset/text_lines.h"

namespace ocrdet {
namespace {

constexpr std::string_view kFullWidthComma = "\xEF\xBC\x8C";

void skipBlanks(std::string_view& rest) {
  while (!rest.empty() && (rest.front() == ' ' || rest.front() == '\t')) rest.remove_prefix(1);
}

// Takes what separates two fields from the front: at most one sign, and blanks around it. Returns whether it is no
// plain comma.
bool takeSeparator(std::string_view& rest) {
  const std::size_t before = rest.size();
  skipBlanks(rest);
  const bool comma = rest.starts_with(',');
  if (comma || rest.starts_with(';'))
    rest.remove_prefix(1);
  else if (rest.starts_with(kFullWidthComma))
    rest.remove_prefix(kFullWidthComma.size());
  skipBlanks(rest);
  return !comma && rest.size() < before;
}

struct LeadingNumbers {
  std::vector<std::string_view> numbers;
  std::vector<std::string_view> rests;  // what follows each number and its separator
  std::vector<bool> unusual;            // whether that is another one than a comma
};

LeadingNumbers numbersInFront(std::string_view rest) {
  LeadingNumbers found;
  while (!rest.empty()) {
    const std::size_t end = std::min({rest.find_first_of(" \t;,"), rest.find(kFullWidthComma), rest.size()});
    if (!isAnyNumber(rest.substr(0, end))) break;
    found.numbers.push_back(rest.substr(0, end));
    rest.remove_prefix(end);
    found.unusual.push_back(takeSeparator(rest));
    found.rests.push_back(rest);
  }
  return found;
}

}  // namespace

bool isAnyNumber(std::string_view field) {
  const std::string text(trimmed(field));
  char* end = nullptr;
  std::strtod(text.c_str(), &end);
  return !text.empty() && *end == '\0';
}

std::optional<std::string> withCommas(std::string_view line, TruthForm form) {
  constexpr std::size_t kOfTriangle = 6, kOfQuad = 8;
  const LeadingNumbers found = numbersInFront(content(line));
  const bool polygon = form == TruthForm::kPolygons;
  const std::size_t count = polygon ? found.numbers.size() : kOfQuad;
  if (found.numbers.size() < (polygon ? kOfTriangle : kOfQuad)) return {};
  if (!polygon && found.numbers.size() >= 2 * kOfQuad) return {};
  // Behind seven commas `12 34` is a text.
  const auto told = found.unusual.begin() + std::ptrdiff_t(std::min(count, polygon ? kOfQuad - 1 : kOfQuad));
  const bool unusual = std::find(found.unusual.begin(), told, true) != told;
  std::string rewritten;
  for (std::size_t i = 0; i < count; ++i) rewritten += std::string(found.numbers[i]) + ",";
  return unusual ? std::optional(rewritten + std::string(found.rests[count - 1])) : std::nullopt;
}

}  // namespace ocrdet
