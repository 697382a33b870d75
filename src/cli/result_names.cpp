#include "cli/result_names.h"

#include <fmt/format.h>

namespace ocrdet::cli {
namespace {

namespace fs = std::filesystem;

// File systems take 255 bytes; temporary files and extensions need some of them. Cut between characters of UTF-8.
std::string shortened(std::string part) {
  constexpr std::size_t kLongest = 200;
  if (part.size() <= kLongest) return part;
  std::size_t end = kLongest;
  while (end > 0 && (static_cast<unsigned char>(part[end]) & 0xC0) == 0x80) --end;
  part.resize(end);
  return part;
}

std::string stemOf(const fs::path& input_name) {
  const fs::path without_extension = fs::path(input_name).replace_extension();
  std::string stem;
  for (const fs::path& part : without_extension)
    if (part != ".." && part != "." && part != "/" && !part.empty())
      stem += (stem.empty() ? "" : "/") + shortened(part.string());
  return stem.empty() ? "image" : stem;
}

}  // namespace

std::string ResultNames::add(const fs::path& input_name, const std::function<bool(const std::string&)>& free) {
  const std::string stem = stemOf(input_name);
  std::string name = stem;
  for (int i = 2; taken_.contains(name) || !free(name); ++i) name = fmt::format("{}-{}", stem, i);
  taken_.insert(name);
  return name;
}

}  // namespace ocrdet::cli
