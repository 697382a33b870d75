#include "dataset/set_writer.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/atomic_file.h"
#include "base/json.h"
#include "base/paths.h"
#include "dataset/text_lines.h"

namespace ocrdet {
namespace {

namespace fs = std::filesystem;

// `a/b.c.jpg` becomes `a_b_c`, with the UTF-8 that lists are read as. Blanks and marks at its ends, which readers of
// lists cut off, go as well.
std::string plainStem(const std::string& name) {
  std::string stem = validUtf8(fs::path(name).replace_extension().lexically_normal().string());
  std::replace_if(
      stem.begin(), stem.end(), [](char c) { return c == '/' || c == '.' || c == '\n' || c == '\r' || c == '\t'; },
      '_');
  stem = content(shortenedName(stem));
  return stem.empty() ? "picture" : stem;
}

// Whether readers could take the ground truth of one picture for another's: `gt_1.txt` may be that of `1.jpg`.
bool isTaken(const std::set<std::string>& stems, const std::string& stem) {
  constexpr std::string_view kMark = "gt_";
  return stems.contains(stem) || stems.contains(std::string(kMark) + stem) ||
         (stem.starts_with(kMark) && stems.contains(stem.substr(kMark.size())));
}

std::string folderOf(const std::string& split, const char* kind) {
  return split.empty() ? kind : split + "_" + kind;
}

}  // namespace

std::string SetWriter::add(const std::string& split, const std::string& name, std::string_view image_bytes,
                           std::span<const TruthLine> truth) {
  Split& part = splits_[split];
  const fs::path images = folder_.path() / folderOf(split, "images"), truths = folder_.path() / folderOf(split, "gts");
  if (part.stems.empty()) {
    makeFolder(images);
    makeFolder(truths);
  }
  const std::string wanted = plainStem(name);
  std::string stem = wanted;
  for (int i = 2; isTaken(part.stems, stem); ++i) stem = fmt::format("{}_{}", wanted, i);
  part.stems.insert(stem);
  std::string used = stem + fs::path(name).extension().string();
  std::string lines;
  for (const TruthLine& line : truth) lines += truthText(line) + "\n";
  writeFileAtomically(images / used, image_bytes);
  writeFileAtomically(truths / (stem + ".txt"), lines);
  part.list += used + "\n";
  return used;
}

std::string SetWriter::add(const std::string& split, const std::string& name, std::span<const std::byte> image_bytes,
                           std::span<const TruthLine> truth) {
  return add(split, name, std::string_view(reinterpret_cast<const char*>(image_bytes.data()), image_bytes.size()),
             truth);
}

void SetWriter::finish() {
  for (const auto& [split, part] : splits_)
    writeFileAtomically(folder_.path() / (split.empty() ? "list.txt" : split + "_list.txt"), part.list);
  folder_.commit();
}

}  // namespace ocrdet
