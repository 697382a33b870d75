#include "dataset/form_votes.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "dataset/number_separators.h"
#include "dataset/text_lines.h"

namespace ocrdet {
namespace {

// Of the ICDAR competitions on multilingual text (MLT 2017 and 2019).
constexpr std::string_view kScripts[] = {"Arabic", "Latin", "Chinese", "Japanese", "Korean",
                                         "Bangla", "Hindi", "Symbols", "Mixed",    "None"};

bool isScript(std::string_view field) {
  return std::find(std::begin(kScripts), std::end(kScripts), trimmed(field)) != std::end(kScripts);
}

std::size_t leadingNumbers(const std::vector<std::string_view>& fields) {
  const auto text =
      std::find_if_not(fields.begin(), fields.end(), [](auto field) { return number(field).has_value(); });
  return std::size_t(text - fields.begin());
}

}  // namespace

std::size_t polygonNumbers(std::string_view line) {
  const std::vector<std::string_view> fields = splitFields(line, ',');
  const std::size_t numbers = leadingNumbers(fields);
  return numbers == fields.size() ? numbers / 2 * 2 : numbers;
}

void FormVotes::add(std::string_view line) {
  const std::string commas = withCommas(line, TruthForm::kPolygons).value_or(std::string(line));
  const std::vector<std::string_view> fields = splitFields(commas, ',');
  const std::size_t numbers = polygonNumbers(commas);
  ++lines_;
  // Quads of amounts, `…,75,000`, would be pentagons without text.
  const bool amount = fields.size() == 10 && leadingNumbers(fields) == 10;
  if (numbers > 8 && numbers % 2 == 0 && !amount) ++many_corners_;
  if (fields.size() == 9 && numbers == 8 && (trimmed(fields[8]) == "0" || trimmed(fields[8]) == "1")) ++labels_;
  if (fields.size() > 9 && numbers == 8 && isScript(fields[8])) ++scripts_;
}

TruthForm FormVotes::form(bool called_td) const {
  // A few texts such as `12,34,x` behind a quad look like further corners; of polygons most lines have more.
  if (many_corners_ * 3 >= lines_ && many_corners_ > 0) return TruthForm::kPolygons;
  if (scripts_ * 10 >= lines_ * 9 && scripts_ > 0) return TruthForm::kScripts;
  if (called_td && labels_ == lines_ && lines_ > 0) return TruthForm::kDifficulty;
  return TruthForm::kQuads;
}

}  // namespace ocrdet
