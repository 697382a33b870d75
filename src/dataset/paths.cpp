#include "dataset/paths.h"

#include <algorithm>
#include <system_error>

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

}  // namespace ocrdet
