#include "base/paths.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

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

std::vector<std::string> fileNames(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code refused, unknown;
  for (fs::directory_iterator entry(folder, refused); !refused && entry != fs::directory_iterator();
       entry.increment(refused))
    if (entry->is_regular_file(unknown)) names.push_back(entry->path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<fs::path> filesBelow(const fs::path& folder, fs::directory_options options) {
  std::vector<fs::path> files;
  std::error_code problem;
  for (fs::recursive_directory_iterator entry(folder, options, problem), end; !problem && entry != end;
       entry.increment(problem))
    if (isFile(entry->path())) files.push_back(entry->path());
  if (problem)
    throw Error({&codes::kFileUnreadable,
                 fmt::format("{} cannot be searched for files.", folder.string()),
                 "Check that the folder, and every folder in it, exists and may be read.",
                 {{"path", folder.string()}},
                 problem.message()});
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace ocrdet
