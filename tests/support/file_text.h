// A file's bytes, as they are.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace ocrdet::test {

inline std::string readText(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace ocrdet::test
