// Sizes as people type them: "800x600", "800 × 600", "800,600".

#include <fmt/format.h>

#include <charconv>

#include "ocrdet/contract.h"

namespace ocrdet {
namespace {

constexpr std::string_view kSpaces = " \t\r\n";
constexpr std::string_view kTimesSign = "\xC3\x97";  // ×
constexpr std::size_t kShownLength = 60;

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kSpaces);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpaces) - first + 1);
}

std::string shown(std::string_view text) {
  if (text.size() <= kShownLength) return std::string(text);
  return std::string(text.substr(0, kShownLength)) + "…";
}

// The pieces between separators; spaces separate only where no other sign does.
std::vector<std::string> pieces(std::string_view text) {
  std::string plain(trimmed(text));
  for (std::size_t at; (at = plain.find(kTimesSign)) != std::string::npos;) plain.replace(at, kTimesSign.size(), "x");
  for (char& c : plain) {
    if (c == 'X' || c == '*' || c == ',') c = 'x';
  }
  const bool by_spaces = plain.find('x') == std::string::npos;
  std::vector<std::string> found;
  std::string_view rest = plain;
  while (true) {
    const std::size_t end = by_spaces ? rest.find_first_of(kSpaces) : rest.find('x');
    found.emplace_back(trimmed(rest.substr(0, end)));
    if (end == std::string_view::npos) return found;
    rest = by_spaces ? trimmed(rest.substr(end)) : rest.substr(end + 1);
  }
}

bool isNumber(const std::string& piece) {
  if (piece.find_first_of("0123456789") == std::string::npos) return false;
  const std::size_t start = piece[0] == '-' || piece[0] == '+' ? 1 : 0;
  if (piece[start] != '.' && (piece[start] < '0' || piece[start] > '9')) return false;
  return piece.find_first_not_of("0123456789.eE+-", start) == std::string::npos;
}

Problem notASize(std::string_view text, const std::vector<std::string>& found) {
  Problem problem{&codes::kUsageOption,
                  fmt::format("\"{}\" is not a size.", shown(text)),
                  "Write the height, an x and the width, for instance 800x800.",
                  {{"given", shown(text)}},
                  ""};
  bool numbers = true;
  for (const std::string& piece : found) numbers = numbers && isNumber(piece);
  if (numbers && found.size() == 1) {
    problem.message = fmt::format("\"{}\" is one number, and a size is two: height x width.", shown(text));
    problem.advice = fmt::format("For a square write {0}x{0}.", shown(found[0]));
  } else if (numbers && found.size() > 2) {
    problem.message =
        fmt::format("\"{}\" has {} numbers, and a size is two: height x width.", shown(text), found.size());
    problem.advice = fmt::format("Leave batch and channels out, for instance {}x{}.", shown(found[found.size() - 2]),
                                 shown(found.back()));
  }
  return problem;
}

// Adds to `problems` what is wrong with a piece that is a number.
std::int64_t readSide(const std::string& piece, const char* side, std::vector<Problem>& problems) {
  std::int64_t value = 0;
  const char* end = piece.data() + piece.size();
  const auto [stop, error] = std::from_chars(piece.data(), end, value);
  const bool whole = stop == end;
  if (whole && error == std::errc() && value > 0) return value;
  Problem problem{&codes::kSizeNotPositive,
                  fmt::format("{} {} is not a whole number.", side, shown(piece)),
                  "Write whole numbers of pixels, for instance 800x800.",
                  {{"side", side}, {"given", shown(piece)}},
                  ""};
  if (whole && error == std::errc::result_out_of_range && piece[0] != '-') {
    problem.code = &codes::kSizeOutOfRange;
    problem.message = fmt::format("{} {} is far above the largest, {}.", side, shown(piece), kPossibleSides.largest);
    problem.advice = fmt::format("Use {} to {}.", kUsualSides.smallest, kUsualSides.largest);
  } else if (whole) {
    problem.message = fmt::format("{} {} is not above zero.", side, shown(piece));
    problem.advice =
        fmt::format("Use a multiple of {} from {} to {}.", kSizeMultiple, kUsualSides.smallest, kUsualSides.largest);
  }
  problems.push_back(std::move(problem));
  return 0;
}

}  // namespace

std::string toText(Size size) {
  return fmt::format("{}x{}", size.height, size.width);
}

Size parseSize(std::string_view text) {
  const std::vector<std::string> found = pieces(text);
  if (found.size() != 2 || !isNumber(found[0]) || !isNumber(found[1])) throw Error(notASize(text, found));
  std::vector<Problem> problems;
  const Size size{readSide(found[0], "height", problems), readSide(found[1], "width", problems)};
  if (!problems.empty()) throw Error(std::move(problems));
  return size;
}

}  // namespace ocrdet
