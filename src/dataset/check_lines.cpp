#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <optional>
#include <utility>

#include "base/cancellation.h"
#include "dataset/check_truth.h"
#include "dataset/form_votes.h"
#include "dataset/number_separators.h"
#include "dataset/shape.h"
#include "dataset/text_encoding.h"
#include "dataset/text_lines.h"
#include "dataset/unreadable_marks.h"
#include "ocrdet/error.h"
#include "postprocess/extent.h"

namespace ocrdet {
namespace {

std::string shown(std::string_view line) {
  constexpr std::size_t kShown = 60;
  line = trimmed(line);
  return line.size() <= kShown ? std::string(line) : std::string(line.substr(0, kShown)) + " …";
}

// The fields of a line where its numbers stand: of polygons all before the text.
struct NumberFields {
  std::vector<std::string_view> fields;
  std::size_t coordinates = 0;  // how many of the first can be read

  // Numbers stand behind the first field that is none.
  bool goOn() const {
    return coordinates < fields.size() &&
           std::any_of(fields.begin() + std::ptrdiff_t(coordinates) + 1, fields.end(), isAnyNumber);
  }
  // … and that one is empty or has digits, as in `30,1O,30,word`: a slip. `30,Tokyo, 2020, Japan` ends in a text, as do
  // `30,"12,30"` and `30,$1,200`.
  bool slip() const {
    if (!goOn()) return false;
    const std::string_view field = trimmed(fields[coordinates]);
    if (field.empty()) return true;
    const bool begins = std::isalnum(static_cast<unsigned char>(field.front())) ||
                        std::string_view("+-.").find(field.front()) != std::string_view::npos;
    return begins && field.find_first_of("0123456789") != field.npos;
  }
};

NumberFields numberFields(std::string_view line, TruthForm form) {
  const bool blanks = form == TruthForm::kRotatedBoxes;
  NumberFields numbers;
  auto& [fields, coordinates] = numbers;
  fields = blanks ? splitAtBlanks(content(line)) : splitFields(content(line), ',');
  const std::size_t most = form == TruthForm::kPolygons ? fields.size() - 1 : blanks ? 7 : 8;
  fields.resize(std::min(fields.size(), most));
  while (coordinates < fields.size() && coordinate(fields[coordinates])) ++coordinates;
  return numbers;
}

std::string countMessage(std::size_t count, TruthForm form) {
  const bool boxes = form == TruthForm::kRotatedBoxes;
  const char* corners = form == TruthForm::kPolygons ? "at least 6" : "8";
  return fmt::format("{} number{} instead of {}{}", count, count == 1 ? "" : "s", boxes ? "7" : corners,
                     count == 4 && !boxes ? " (a rectangle; write its four corners)" : "");
}

// Why readLine refused a line.
void explainLine(std::string_view line, int number_of_line, TruthForm form, Findings& findings) {
  const NumberFields numbers = numberFields(line, form);
  const std::size_t count = numbers.coordinates;
  const auto add = [&](const FindingKind& kind, const std::string& what) {
    findings.add(kind, number_of_line, fmt::format("{}: {}", what, shown(line)));
  };
  const std::string_view other = count < numbers.fields.size() ? trimmed(numbers.fields[count]) : std::string_view();
  if (isAnyNumber(other))
    add(kinds::kTruthNotFinite, fmt::format("number {} is \"{}\"", count + 1, shown(other)));
  else if (numbers.goOn())
    add(kinds::kTruthNotANumber, fmt::format("number {} is \"{}\"", count + 1, shown(other)));
  else if (form == TruthForm::kPolygons && count > 2 * kMostCorners)
    add(kinds::kTruthManyCorners, fmt::format("{} coordinates, {} are the most", count, 2 * kMostCorners));
  else if (form == TruthForm::kPolygons && count >= 6)
    add(kinds::kTruthOddCount, fmt::format("{} coordinates, two a corner are needed", count));
  else
    add(kinds::kTruthCount, countMessage(count, form));
}

// Whether a line of a set of quads goes on with corners that lie near the first four and along one outline: at least
// two, since a text of two numbers is no rarity.
bool looksLikePolygon(std::string_view line) {
  const std::string text = withCommas(line, TruthForm::kPolygons).value_or(std::string(line));
  const std::size_t numbers = polygonNumbers(content(text));
  if (numbers < 12 || numbers % 2 != 0 || numbers > 2 * kMostCorners) return false;
  const std::vector<std::string_view> fields = splitFields(content(text), ',');
  Polygon corners;
  for (std::size_t i = 0; i < numbers; i += 2) corners.push_back({*number(fields[i]), *number(fields[i + 1])});
  const Extent first = extentOf({corners.begin(), corners.begin() + 4}), all = extentOf(corners);
  const double near = 2 * std::max(first.width(), first.height());
  return all.left >= first.left - near && all.right <= first.right + near && all.top >= first.top - near &&
         all.bottom <= first.bottom + near && !crossesItself(corners);
}

// A polygon that ends with its last coordinate: the same line with an empty text.
std::optional<std::string> withText(std::string_view line) {
  std::string ended = std::string(content(line)) + ",";
  const NumberFields numbers = numberFields(ended, TruthForm::kPolygons);
  if (numbers.coordinates < numbers.fields.size() || numbers.coordinates % 2 != 0) return {};
  return ended;
}

// A line that cannot be read as it stands, but whose meaning is plain.
std::string repairedLine(std::string_view line, int number_of_line, TruthForm form, Findings& findings) {
  const auto separated = form == TruthForm::kRotatedBoxes ? std::nullopt : withCommas(line, form);
  if (separated)
    findings.add(kinds::kTruthSeparator, number_of_line,
                 fmt::format("not only commas between the numbers: {}", shown(line)));
  std::string repaired = separated.value_or(std::string(line));
  const auto ended = form == TruthForm::kPolygons ? withText(repaired) : std::nullopt;
  if (ended)
    findings.add(kinds::kTruthNoText, number_of_line, fmt::format("no text behind the numbers: {}", shown(line)));
  return ended.value_or(std::move(repaired));
}

std::optional<TruthLine> readLine(std::string_view line, TruthForm form) {
  // parseTruthLine would end the polygon at the slip, and take the other corners for its text.
  if (form == TruthForm::kPolygons && numberFields(line, form).slip()) return {};
  try {
    return parseTruthLine(line, form);
  } catch (const Error&) {
    return {};
  }
}

void checkText(std::string_view line, const TruthLine& truth, int number_of_line, TruthForm form, Findings& findings) {
  if (form == TruthForm::kRotatedBoxes || form == TruthForm::kDifficulty) return;
  const std::string_view inner = content(line);
  const std::size_t fields = splitFields(inner, ',').size();
  if (form == TruthForm::kQuads && fields == 8)
    findings.add(kinds::kTruthNoText, number_of_line, fmt::format("no text behind the eight numbers: {}", shown(line)));
  const std::string& text = truth.text;
  const std::size_t last_comma = text.rfind(',');
  const bool quoted = inner.ends_with('"');  // then the last piece ends in a quote, and is no mark
  if (last_comma != text.npos && text.substr(last_comma + 1) == "###" && !quoted)
    findings.add(kinds::kTextCommaIgnored, number_of_line, fmt::format("the text is \"{}\"", shown(text)));
  else if (last_comma != text.npos)
    findings.add(kinds::kTextComma, number_of_line, fmt::format("the text is \"{}\"", shown(text)));
  if (text == "*") findings.add(kinds::kTextStar, number_of_line, "the text is `*`");
  if (quoted && text == "###")
    findings.add(kinds::kTextIgnoreMark, number_of_line, "the mark ### is in quotes");
  else if (looksUnreadableButIsNot(text))
    findings.add(kinds::kTextIgnoreMark, number_of_line,
                 fmt::format("the text is \"{}\"; the mark is ###", shown(text)));
  if (std::any_of(text.begin(), text.end(), isControl))
    findings.add(kinds::kTextControl, number_of_line, "the text holds control characters");
  if (text.find("\xEF\xBF\xBD") != text.npos)
    findings.add(kinds::kTextDamaged, number_of_line, fmt::format("the text is \"{}\"", shown(text)));
}

// What can be read of a line; of the rest the findings say why not.
std::optional<TruthLine> checkLine(std::string_view line, int number_of_line, TruthForm form, Findings& findings) {
  if (form == TruthForm::kQuads && looksLikePolygon(line)) {
    findings.add(kinds::kTruthMixedForm, number_of_line, fmt::format("more than four corners: {}", shown(line)));
    return {};
  }
  std::string readable(line);
  std::optional<TruthLine> truth = readLine(readable, form);
  if (!truth) {
    readable = repairedLine(line, number_of_line, form, findings);
    truth = readLine(readable, form);
  }
  if (truth)
    checkText(readable, *truth, number_of_line, form, findings);
  else
    explainLine(readable, number_of_line, form, findings);
  return truth;
}

void checkEncoding(const DecodedText& decoded, Findings& findings) {
  if (decoded.mark) findings.add(kinds::kEncodingMark, 1, "begins with a UTF-8 byte order mark");
  if (decoded.utf16) findings.add(kinds::kEncodingUtf16, 0, "is UTF-16, not UTF-8");
  if (decoded.first_bad_line > 0)
    findings.add(kinds::kEncodingNotUtf8, decoded.first_bad_line,
                 fmt::format("is not UTF-8; it can be read as {}", decoded.read_as));
  if (decoded.lone_returns) findings.add(kinds::kEncodingLineEnds, 0, "lines end in carriage returns alone");
}

}  // namespace

DecodedText decodeAndCheck(std::string_view bytes, Findings& findings) {
  DecodedText decoded = decodeText(bytes);
  checkEncoding(decoded, findings);
  int number_of_line = 0;
  for (const std::string_view line : splitLines(decoded.text)) {
    throwIfInterrupted();
    ++number_of_line;
    if (line != withoutMark(line))
      findings.add(kinds::kEncodingMark, number_of_line, "the line begins with a UTF-8 byte order mark");
  }
  return decoded;
}

CheckedLines checkLines(std::string_view bytes, TruthForm form, Findings& findings) {
  const DecodedText decoded = decodeAndCheck(bytes, findings);
  CheckedLines checked;
  const std::string_view start = trimmed(decoded.text).substr(0, 1);
  if (start == "{" || start == "[" || start == "<") {
    findings.add(kinds::kTruthOtherFormat, 1, fmt::format("begins with \"{}\"", shown(decoded.text.substr(0, 100))));
    checked.unreadable = true;
    return checked;
  }
  int number_of_line = 0;
  for (const std::string_view line : splitLines(decoded.text)) {
    throwIfInterrupted();
    ++number_of_line;
    if (content(line).empty()) {
      findings.add(kinds::kTruthBlankLine, number_of_line, "the line is empty");
      continue;
    }
    if (auto truth = checkLine(line, number_of_line, form, findings))
      checked.truth.push_back({number_of_line, std::move(*truth)});
    else
      checked.unreadable = true;
  }
  checked.no_text = checked.truth.empty() && !checked.unreadable;
  return checked;
}

}  // namespace ocrdet
