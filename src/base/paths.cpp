#include "base/paths.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "ocrdet/error.h"

namespace ocrdet {

namespace fs = std::filesystem;

bool isThere(const fs::path& path) {
  std::error_code refused;
  return fs::exists(path, refused);
}

bool isFile(const fs::path& path) {
  std::error_code refused;
  return fs::is_regular_file(path, refused);
}

bool isFolder(const fs::path& path) {
  std::error_code refused;
  return fs::is_directory(path, refused);
}

std::vector<fs::path> entriesOf(const fs::path& folder, std::error_code& refused) {
  std::vector<fs::path> entries;
  for (fs::directory_iterator entry(folder, refused); !refused && entry != fs::directory_iterator();
       entry.increment(refused))
    entries.push_back(entry->path());
  return entries;
}

std::vector<std::string> fileNames(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code refused;
  for (const fs::path& entry : entriesOf(folder, refused))
    if (isFile(entry)) names.push_back(entry.filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<fs::path> filesBelow(const fs::path& folder, const std::function<void(const fs::path&)>& closed) {
  const auto mayBeRead = [](const fs::path& path) { return access(path.c_str(), R_OK | X_OK) == 0; };
  std::vector<fs::path> files;
  std::error_code problem;
  const auto options =
      closed && mayBeRead(folder) ? fs::directory_options::skip_permission_denied : fs::directory_options::none;
  for (fs::recursive_directory_iterator entry(folder, options, problem), end; !problem && entry != end;
       entry.increment(problem)) {
    if (isFile(entry->path()))
      files.push_back(entry->path());
    else if (closed && isFolder(entry->path()) && !mayBeRead(entry->path()))
      closed(entry->path());
  }
  if (problem)
    throw Error({&codes::kFileUnreadable,
                 fmt::format("{} cannot be searched for files.", folder.string()),
                 "Check that the folder, and every folder in it, exists and may be read.",
                 {{"path", folder.string()}},
                 problem.message()});
  std::sort(files.begin(), files.end());
  return files;
}

std::string lastFolder(const fs::path& path) {
  return (fs::absolute(path) / "").lexically_normal().parent_path().filename().string();
}

void makeFolder(const fs::path& folder) {
  std::error_code problem;
  fs::create_directories(folder, problem);
  if (problem)
    throw Error({&codes::kFileUnwritable,
                 fmt::format("{}: the folder cannot be made.", folder.string()),
                 "Choose another folder, or check that the one above it may be written to.",
                 {{"path", folder.string()}},
                 problem.message()});
}

std::string shortenedName(std::string name) {
  constexpr std::size_t kLongest = 200;
  if (name.size() <= kLongest) return name;
  std::size_t end = kLongest;
  while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0) == 0x80) --end;
  name.resize(end);
  return name;
}

}  // namespace ocrdet
