#include "cli/result_folder.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>

#include "base/atomic_file.h"
#include "image/encode.h"
#include "ocrdet/error.h"

namespace ocrdet::cli {
namespace {

namespace fs = std::filesystem;

void makeFolder(const fs::path& folder) {
  std::error_code problem;
  fs::create_directories(folder, problem);
  if (problem)
    throw Error({&codes::kFileUnwritable,
                 fmt::format("{}: the folder cannot be made.", folder.string()),
                 "Choose another folder with --out.",
                 {},
                 problem.message()});
}

}  // namespace

ResultFolder::ResultFolder(const fs::path& parent) {
  makeFolder(parent);
  const std::string stem = fmt::format("outputs_{:%Y%m%d%H%M%S}", fmt::localtime(std::time(nullptr)));
  std::error_code problem;
  path_ = parent / stem;
  for (int i = 2; !fs::create_directory(path_, problem) && !problem; ++i)
    path_ = parent / fmt::format("{}-{}", stem, i);
  if (problem) makeFolder(path_);  // says why
}

std::string ResultFolder::uniqueName(const fs::path& input_name) {
  std::string stem;  // no way out of the folder, whatever the input is called
  const fs::path without_extension = fs::path(input_name).replace_extension();
  for (const fs::path& part : without_extension)
    if (part != ".." && part != "." && part != "/") stem += (stem.empty() ? "" : "/") + part.string();
  std::string name = stem;
  for (int i = 2; !names_.insert(name).second; ++i) name = fmt::format("{}-{}", stem, i);
  return name;
}

fs::path ResultFolder::writePicture(const std::string& name, const Image& image) const {
  fs::path file = path_ / "visualization" / (name + ".jpg");
  makeFolder(file.parent_path());
  writeFileAtomically(file, encodeJpeg(image, 92));
  return file;
}

void ResultFolder::writeJson(const std::string& name, const Json& json) const {
  const fs::path file = path_ / "json" / (name + ".json");
  makeFolder(file.parent_path());
  writeFileAtomically(file, toText(json));
}

}  // namespace ocrdet::cli
