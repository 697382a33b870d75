#include "cli/result_names.h"

#include <fmt/format.h>

#include "base/paths.h"

namespace ocrdet::cli {
namespace {

namespace fs = std::filesystem;

std::string stemOf(const fs::path& input_name) {
  const fs::path without_extension = fs::path(input_name).replace_extension();
  std::string stem;
  for (const fs::path& part : without_extension)
    if (part != ".." && part != "." && part != "/" && !part.empty())
      stem += (stem.empty() ? "" : "/") + shortenedName(part.string());
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
