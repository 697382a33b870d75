// The project's own files, for tests that read the source.
#pragma once

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "support/file_text.h"

namespace ocrdet::test {

// Files below SOURCE/folder with one of the extensions, sorted.
inline std::vector<std::filesystem::path> filesBelow(const std::string& folder,
                                                     const std::vector<std::string>& extensions) {
  std::vector<std::filesystem::path> found;
  const std::filesystem::path root = std::filesystem::path(OCRDET_SOURCE_DIR) / folder;
  if (!std::filesystem::exists(root)) return found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    for (const std::string& extension : extensions) {
      if (entry.is_regular_file() && entry.path().extension() == extension) found.push_back(entry.path());
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace ocrdet::test
