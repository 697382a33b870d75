#include "dataset/truth.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/mapped_file.h"
#include "image/decode.h"
#include "ocrdet/error.h"

namespace ocrdet {
namespace {

namespace fs = std::filesystem;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n\f\v";
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::string_view withoutMark(std::string_view text) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  while (text.substr(0, kByteOrderMark.size()) == kByteOrderMark) text.remove_prefix(kByteOrderMark.size());
  return text;
}

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

std::optional<double> number(std::string_view text) {
  text = trimmed(text);
  double value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || end != text.data() + text.size() || text.empty()) return {};
  return value;
}

std::vector<std::string> linesOf(const fs::path& path) {
  const auto file = MappedFile::open(path);
  std::string_view rest(reinterpret_cast<const char*>(file->bytes().data()), file->bytes().size());
  std::vector<std::string> lines;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    lines.emplace_back(rest.substr(0, end));
    rest.remove_prefix(std::min(rest.size(), end + 1));
  }
  return lines;
}

std::vector<std::string> picturesIn(const fs::path& folder) {
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder))
    if (entry.is_regular_file() && hasImageName(entry.path())) names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

// The image's name of a list's line: the whole line if it is a file, otherwise what stands before a tab, comma or
// blank.
std::string listedName(const std::string& line, const fs::path& images) {
  std::string whole(trimmed(withoutMark(trimmed(line))));
  if (fs::exists(images / whole)) return whole;
  for (const char* separators : {"\t", ",", " "}) {
    std::string first(trimmed(whole.substr(0, whole.find_first_of(separators))));
    if (!first.empty() && fs::exists(images / first)) return first;
  }
  return whole;
}

std::vector<std::string> listedNames(const fs::path& list, const fs::path& images) {
  std::vector<std::string> names;
  for (const std::string& line : linesOf(list))
    if (!trimmed(line).empty()) names.push_back(listedName(line, images));
  return names;
}

std::optional<fs::path> truthOf(const fs::path& truths, const std::string& name) {
  const fs::path path(name);
  const std::string stem = path.stem().string(), whole = path.filename().string();
  for (const std::string& candidate : {stem + ".txt", whole + ".txt", "gt_" + stem + ".txt", "gt_" + whole + ".txt",
                                       whole.substr(0, whole.find('.')) + ".txt"})
    for (const fs::path& folder : {truths / path.parent_path(), truths})
      if (fs::is_regular_file(folder / candidate)) return folder / candidate;
  return {};
}

struct Layout {
  fs::path list, images, truths;
};

Layout layoutOf(const fs::path& folder, const std::string& split) {
  const Layout layouts[] = {{folder / (split + "_list.txt"), folder / (split + "_images"), folder / (split + "_gts")},
                            {folder / "list.txt", folder / "images", folder / "gts"},
                            {folder / "list.txt", folder / "images", folder / "labels"},
                            {folder / "list.txt", folder, folder}};
  for (const Layout& layout : layouts)
    if (fs::is_directory(layout.images) && fs::is_directory(layout.truths) &&
        (layout.images != folder || !picturesIn(folder).empty()))
      return layout;
  throw Error(
      {&codes::kDatasetLayoutUnknown,
       fmt::format("{}: neither {}_images/ with {}_gts/, nor images/ with gts/, nor images beside their text files.",
                   folder.string(), split, split),
       "docs/eval.md shows the layouts that are read.",
       {{"path", folder.string()}},
       {}});
}

}  // namespace

TruthLine parseTruthLine(std::string_view line) {
  std::string_view rest = withoutMark(trimmed(line));
  TruthLine truth;
  for (int i = 0; i < 8; ++i) {
    const std::size_t comma = rest.find(',');
    const auto value = number(rest.substr(0, comma));
    if (!value || (comma == rest.npos && i < 7))
      throw Error({&codes::kDatasetLineUnreadable,
                   fmt::format("\"{}\" does not begin with eight numbers: number {} is missing or not one.",
                               line.substr(0, 80), i + 1),
                   "Lines are x1,y1,x2,y2,x3,y3,x4,y4,text.",
                   {},
                   {}});
    if (i % 2 == 0)
      truth.points.push_back({*value, 0});
    else
      truth.points.back().y = *value;
    rest = comma == rest.npos ? std::string_view() : rest.substr(comma + 1);
  }
  truth.text = unquoted(rest);
  truth.ignored = truth.text == "###" || truth.text == "*";
  return truth;
}

std::vector<TruthLine> readTruthFile(const fs::path& path) {
  std::vector<TruthLine> truth;
  const std::vector<std::string> lines = linesOf(path);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (trimmed(withoutMark(trimmed(lines[i]))).empty()) continue;
    try {
      truth.push_back(parseTruthLine(lines[i]));
    } catch (const Error& error) {
      Problem problem = error.problems().front();
      problem.message = fmt::format("{}, line {}: {}", path.string(), i + 1, problem.message);
      problem.details = {{"path", path.string()}, {"line", std::int64_t(i + 1)}};
      throw Error(std::move(problem));
    }
  }
  return truth;
}

std::vector<TruthImage> findTruth(const fs::path& folder, const std::string& split) {
  const Layout layout = layoutOf(folder, split);
  const std::vector<std::string> names =
      fs::is_regular_file(layout.list) ? listedNames(layout.list, layout.images) : picturesIn(layout.images);
  std::vector<TruthImage> found;
  std::vector<std::string> missing;
  for (const std::string& name : names) {
    if (const auto truth = truthOf(layout.truths, name))
      found.push_back({layout.images / name, *truth});
    else
      missing.push_back(name);
  }
  if (!missing.empty())
    throw Error({&codes::kDatasetTruthMissing,
                 fmt::format("{} of {} images have no ground truth in {}, the first is {}.", missing.size(),
                             names.size(), layout.truths.string(), missing.front()),
                 fmt::format("Name it {}.txt or gt_{}.txt; an empty file means that there is no text.",
                             fs::path(missing.front()).stem().string(), fs::path(missing.front()).stem().string()),
                 {{"missing", std::int64_t(missing.size())}, {"first", missing.front()}},
                 {}});
  return found;
}

}  // namespace ocrdet
