#include "dataset/list_line.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "base/paths.h"
#include "dataset/text_lines.h"

namespace ocrdet {
namespace {

namespace fs = std::filesystem;

std::string normal(const std::string& name) {
  return fs::path(name).lexically_normal().string();
}

std::string withSlashes(std::string name) {
  std::replace(name.begin(), name.end(), '\\', '/');
  return normal(name);
}

bool isAbsolute(const std::string& slashed) {
  const bool drive = slashed.size() > 2 && std::isalpha(static_cast<unsigned char>(slashed[0])) && slashed[1] == ':';
  return slashed.starts_with('/') || drive;
}

// What follows the folder of images in a path; of an absolute one without that folder, the file's name.
std::string insideFolder(const std::string& slashed, const fs::path& images) {
  const fs::path folder = lastFolder(images), path(slashed);
  fs::path rest;
  bool inside = false;
  for (const fs::path& part : path) {
    rest = part == folder ? fs::path() : rest / part;
    inside = inside || part == folder;
  }
  if (inside) return rest.string();
  return isAbsolute(slashed) ? path.filename().string() : std::string();
}

bool isImageOf(const fs::path& images, const std::string& name) {
  return !name.empty() && isFile(images / name);
}

}  // namespace

std::vector<ListedImage> readingsOf(std::string_view line) {
  const std::string whole(content(line));
  std::vector<ListedImage> readings{{whole}};
  for (const char separator : {'\t', ',', ' '}) {
    const std::size_t end = whole.find(separator);
    if (end == whole.npos) continue;
    std::string name(trimmed(std::string_view(whole).substr(0, end)));
    if (!name.empty())
      readings.push_back({std::move(name), std::string(trimmed(std::string_view(whole).substr(end + 1)))});
  }
  return readings;
}

std::optional<ListedImage> listedImage(std::string_view line, const SplitFolders& folders) {
  std::vector<ListedImage> readings = readingsOf(line);
  for (ListedImage& reading : readings)
    if (isImageOf(folders.images, reading.name)) {
      reading.name = normal(reading.name);
      return reading;
    }
  for (ListedImage& reading : readings) {
    const std::string slashed = withSlashes(reading.name);
    for (const std::string& name : {slashed, insideFolder(slashed, folders.images)})
      if (!leavesFolder(name) && isImageOf(folders.images, name)) return ListedImage{name, reading.label, true};
  }
  return {};
}

bool leavesFolder(const std::string& name) {
  const fs::path path = fs::path(name).lexically_normal();
  return path.is_absolute() || (!path.empty() && *path.begin() == "..");
}

std::optional<fs::path> labelFile(const ListedImage& image, const SplitFolders& folders) {
  const std::string label = withSlashes(image.label);
  if (label.empty() || leavesFolder(label)) return {};
  for (const fs::path& file :
       {folders.list.parent_path() / label, folders.truths / label, folders.truths / fs::path(label).filename()})
    if (isFile(file)) return file.lexically_normal();
  return {};
}

}  // namespace ocrdet
