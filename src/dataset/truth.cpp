#include "dataset/truth.h"

#include <fmt/format.h>

#include <cmath>
#include <span>

#include "dataset/text_encoding.h"
#include "dataset/text_lines.h"
#include "dataset/unreadable_marks.h"
#include "ocrdet/error.h"

namespace ocrdet {
namespace {

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != text.npos; at += to.size()) text.replace(at, from.size(), to);
  return text;
}

// The official reading of a quoted transcription.
std::string unquoted(std::string_view text) {
  const std::string_view inner = trimmed(text);
  if (inner.size() < 2 || inner.front() != '"' || inner.back() != '"') return std::string(text);
  return replaced(replaced(std::string(inner.substr(1, inner.size() - 2)), "\\\\", "\\"), "\\\"", "\"");
}

[[noreturn]] void failUnreadable(std::string_view line, const std::string& what, const char* form) {
  throw Error({&codes::kDatasetLineUnreadable,
               fmt::format("\"{}\" {}.", line.substr(0, 80), what),
               fmt::format("Lines are {}.", form),
               {},
               {}});
}

// What stands behind the first comma; nothing where there is none.
std::string_view behindComma(std::string_view text) {
  const std::size_t comma = text.find(',');
  return comma == text.npos ? std::string_view() : text.substr(comma + 1);
}

TruthLine parseQuad(std::string_view line, std::string_view rest, TruthForm form) {
  TruthLine truth;
  for (int i = 0; i < 8; ++i) {
    const std::size_t comma = rest.find(',');
    const auto value = coordinate(rest.substr(0, comma));
    if (!value || (comma == rest.npos && i < 7))
      failUnreadable(line, fmt::format("does not begin with eight numbers: number {} is missing or not one", i + 1),
                     "x1,y1,x2,y2,x3,y3,x4,y4,text");
    if (i % 2 == 0)
      truth.points.push_back({*value, 0});
    else
      truth.points.back().y = *value;
    rest = behindComma(rest);
  }
  truth.text = unquoted(form == TruthForm::kScripts ? behindComma(rest) : rest);
  return truth;
}

TruthLine parsePolygon(std::string_view line, std::string_view rest) {
  const std::vector<std::string_view> fields = splitFields(rest, ',');
  std::vector<double> numbers;
  for (const std::string_view field : std::span(fields).first(fields.size() - 1)) {
    const auto value = coordinate(field);
    if (!value) break;
    numbers.push_back(*value);
  }
  if (numbers.size() < 6 || numbers.size() % 2 != 0 || numbers.size() > 2 * kMostCorners)
    failUnreadable(line,
                   fmt::format("has {} numbers before its text; a polygon has two a corner, 6 to {} in all",
                               numbers.size(), 2 * kMostCorners),
                   "x1,y1,…,xn,yn,text");
  TruthLine truth;
  for (std::size_t i = 0; i < numbers.size(); i += 2) truth.points.push_back({numbers[i], numbers[i + 1]});
  truth.text = unquoted(rest.substr(std::size_t(fields[numbers.size()].data() - rest.data())));
  return truth;
}

TruthLine parseRotatedBox(std::string_view line, std::string_view rest) {
  const std::vector<std::string_view> fields = splitAtBlanks(rest);
  double values[7];
  for (std::size_t i = 0; i < std::size(values); ++i) {
    const auto read = i < fields.size() ? coordinate(fields[i]) : std::nullopt;
    if (!read) failUnreadable(line, "does not hold seven numbers", "index difficulty x y w h angle");
    values[i] = *read;
  }
  const auto [index, difficulty, left, top, width, height, angle] = values;
  const double x = left + width / 2, y = top + height / 2, cosine = std::cos(angle), sine = std::sin(angle);
  TruthLine truth;
  for (const auto& [dx, dy] : {std::pair{-width, -height}, {width, -height}, {width, height}, {-width, height}})
    truth.points.push_back({x + (dx * cosine - dy * sine) / 2, y + (dx * sine + dy * cosine) / 2});
  truth.ignored = difficulty != 0;
  return truth;
}

}  // namespace

std::string_view name(TruthForm form) {
  switch (form) {
    case TruthForm::kQuads:
      return "quads";
    case TruthForm::kDifficulty:
      return "quads with difficulty";
    case TruthForm::kScripts:
      return "quads with script";
    case TruthForm::kPolygons:
      return "polygons";
    case TruthForm::kRotatedBoxes:
      return "rotated boxes";
  }
  return "";
}

std::optional<double> coordinate(std::string_view field) {
  constexpr double kLargest = 1e7;
  const auto value = number(field);
  return value && std::abs(*value) <= kLargest ? value : std::nullopt;
}

TruthLine parseTruthLine(std::string_view line, TruthForm form) {
  const std::string_view rest = withoutMark(trimmed(line));
  if (form == TruthForm::kRotatedBoxes) return parseRotatedBox(line, rest);
  TruthLine truth = form == TruthForm::kPolygons ? parsePolygon(line, rest) : parseQuad(line, rest, form);
  truth.ignored = isUnreadableMark(truth.text) || (form == TruthForm::kDifficulty && truth.text == "1");
  return truth;
}

std::vector<TruthLine> readTruthFile(const std::filesystem::path& path, TruthForm form) {
  std::vector<TruthLine> truth;
  const std::string text = decodeText(readTextFile(path)).text;
  const std::vector<std::string_view> lines = splitLines(text);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (content(lines[i]).empty()) continue;
    try {
      truth.push_back(parseTruthLine(lines[i], form));
    } catch (const Error& error) {
      Problem problem = error.problems().front();
      problem.message = fmt::format("{}, line {}: {}", path.string(), i + 1, problem.message);
      problem.details = {{"path", path.string()}, {"line", std::int64_t(i + 1)}};
      throw Error(std::move(problem));
    }
  }
  return truth;
}

std::string truthText(const TruthLine& line) {
  std::string text;
  for (const Point& point : line.points)
    for (const double value : {point.x, point.y}) text += fmt::format("{},", std::round(value * 100) / 100 + 0.0);
  if (line.ignored) return text + "###";
  // Quotes at both ends would be taken off again when the line is read; the originals, which take what is behind the
  // last comma for the text, would ignore `10,###`; and behind a polygon `12,30,Tokyo` would be a further corner.
  const std::string_view inner = trimmed(line.text);
  const bool quoted = inner.size() >= 2 && inner.front() == '"' && inner.back() == '"';
  const std::size_t comma = line.text.find(',');
  const bool numbers = comma != line.text.npos && number(std::string_view(line.text).substr(0, comma));
  if (!quoted && !numbers && !line.text.ends_with(",###") && !isUnreadableMark(line.text)) return text + line.text;
  return text + '"' + replaced(replaced(line.text, "\\", "\\\\"), "\"", "\\\"") + '"';
}

}  // namespace ocrdet
