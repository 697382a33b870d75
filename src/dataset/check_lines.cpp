#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>

#include "dataset/check_truth.h"
#include "dataset/text_encoding.h"
#include "dataset/text_lines.h"
#include "dataset/unreadable_marks.h"
#include "ocrdet/error.h"

namespace ocrdet {
namespace {

// Also "nan", "inf" and 1e99, which strtod reads and the format does not allow.
bool isAnyNumber(std::string_view field) {
  const std::string text(trimmed(field));
  char* end = nullptr;
  std::strtod(text.c_str(), &end);
  return !text.empty() && *end == '\0';
}

std::string shown(std::string_view line) {
  constexpr std::size_t kShown = 60;
  line = trimmed(line);
  return line.size() <= kShown ? std::string(line) : std::string(line.substr(0, kShown)) + " …";
}

// Why parseTruthLine refused a line.
void explainLine(std::string_view line, int number_of_line, TruthForm form, Findings& findings) {
  const std::string_view inner = content(line);
  const std::vector<std::string_view> fields = splitFields(inner, ',');
  std::size_t leading = 0, readable = 0;
  while (leading < fields.size() && isAnyNumber(fields[leading])) ++leading;
  while (readable < leading && number(fields[readable]) && std::abs(*number(fields[readable])) <= 1e7) ++readable;
  const std::size_t first_eight = std::min<std::size_t>(8, fields.size());
  const auto numbers_after = [&](std::size_t from) {
    return from < first_eight && std::any_of(fields.begin() + std::ptrdiff_t(from),
                                             fields.begin() + std::ptrdiff_t(first_eight), isAnyNumber);
  };
  if (readable < leading && readable < 8)
    findings.add(kinds::kTruthNotFinite, number_of_line,
                 fmt::format("coordinate {} is \"{}\": {}", readable + 1, trimmed(fields[readable]), shown(line)));
  else if (form == TruthForm::kPolygons && leading >= 6)
    findings.add(kinds::kTruthOddCount, number_of_line,
                 fmt::format("{} coordinates, two a corner are needed: {}", leading, shown(line)));
  else if (leading < 8 && numbers_after(leading + 1))
    findings.add(kinds::kTruthNotANumber, number_of_line,
                 fmt::format("coordinate {} is \"{}\": {}", leading + 1, trimmed(fields[leading]), shown(line)));
  else
    findings.add(kinds::kTruthCount, number_of_line,
                 fmt::format("{} number{} instead of 8{}: {}", leading, leading == 1 ? "" : "s",
                             leading == 4 ? " (a rectangle; write its four corners)" : "", shown(line)));
}

// `1 2 3 4 5 6 7 8 text` or with semicolons or tabs: the same line with commas behind its numbers.
std::optional<std::string> withCommas(std::string_view line) {
  std::string_view rest = content(line);
  std::string rewritten;
  for (int i = 0; i < 8; ++i) {
    const std::size_t end = std::min(rest.find_first_of(" \t;"), rest.size());
    if (!number(rest.substr(0, end)) || (end == rest.size() && i < 7)) return {};
    rewritten += fmt::format("{}{}", i ? "," : "", rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    while (i < 7 && !rest.empty() && (rest.front() == ' ' || rest.front() == '\t')) rest.remove_prefix(1);
  }
  return rewritten + "," + std::string(rest);
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
  if (looksUnreadableButIsNot(text))
    findings.add(kinds::kTextIgnoreMark, number_of_line,
                 fmt::format("the text is \"{}\"; the mark is ###", shown(text)));
  if (std::any_of(text.begin(), text.end(), isControl))
    findings.add(kinds::kTextControl, number_of_line, "the text holds control characters");
  if (text.find("\xEF\xBF\xBD") != text.npos)
    findings.add(kinds::kTextDamaged, number_of_line, fmt::format("the text is \"{}\"", shown(text)));
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
    ++number_of_line;
    if (content(line).empty()) {
      findings.add(kinds::kTruthBlankLine, number_of_line, "the line is empty");
      continue;
    }
    std::string repaired(line);
    try {
      checked.truth.push_back({number_of_line, parseTruthLine(line, form)});
    } catch (const Error&) {
      const auto separated = form == TruthForm::kQuads ? withCommas(line) : std::nullopt;
      if (!separated) {
        explainLine(line, number_of_line, form, findings);
        checked.unreadable = true;
        continue;
      }
      findings.add(kinds::kTruthSeparator, number_of_line,
                   fmt::format("no commas between the numbers: {}", shown(line)));
      repaired = *separated;
      checked.truth.push_back({number_of_line, parseTruthLine(repaired, form)});
    }
    checkText(repaired, checked.truth.back().truth, number_of_line, form, findings);
  }
  checked.no_text = checked.truth.empty() && !checked.unreadable;
  return checked;
}

}  // namespace ocrdet
