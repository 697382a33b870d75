#include "cli/image_inputs.h"

#include <fmt/format.h>
#include <glob.h>

#include <algorithm>
#include <iostream>

#include "image/decode.h"
#include "ocrdet/error.h"

namespace ocrdet::cli {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void failMissing(const std::string& what) {
  throw Error(
      {&codes::kFileMissing, what, "Name image files, a folder with some, or `-` to read paths from stdin.", {}, {}});
}

std::vector<ImageInput> inFolder(const fs::path& folder) {
  std::vector<ImageInput> found;
  constexpr auto kOptions = fs::directory_options::skip_permission_denied;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder, kOptions))
    if (entry.is_regular_file() && hasImageName(entry.path()))
      found.push_back({entry.path(), entry.path().lexically_relative(folder)});
  if (found.empty()) failMissing(fmt::format("{}: there is no image in this folder.", folder.string()));
  std::sort(found.begin(), found.end(), [](const ImageInput& a, const ImageInput& b) { return a.path < b.path; });
  return found;
}

std::vector<std::string> expanded(const std::string& pattern) {
  glob_t matches{};
  std::vector<std::string> paths;
  if (glob(pattern.c_str(), GLOB_TILDE, nullptr, &matches) == 0)
    paths.assign(matches.gl_pathv, matches.gl_pathv + matches.gl_pathc);
  globfree(&matches);
  if (paths.empty()) failMissing(fmt::format("{}: nothing matches this pattern.", pattern));
  return paths;
}

void addInput(const std::string& argument, std::vector<ImageInput>& inputs) {
  if (fs::is_directory(argument)) {
    const auto found = inFolder(argument);
    inputs.insert(inputs.end(), found.begin(), found.end());
  } else if (!fs::exists(argument) && argument.find_first_of("*?[") != std::string::npos) {
    for (const std::string& path : expanded(argument)) addInput(path, inputs);
  } else {
    inputs.push_back({argument, fs::path(argument).filename()});
  }
}

}  // namespace

std::vector<ImageInput> imageInputs(const std::vector<std::string>& arguments) {
  std::vector<ImageInput> inputs;
  for (const std::string& argument : arguments) {
    if (argument != "-") {
      addInput(argument, inputs);
      continue;
    }
    for (std::string line; std::getline(std::cin, line);)
      if (!line.empty()) addInput(line, inputs);
  }
  if (inputs.empty()) failMissing("No image was named.");
  return inputs;
}

}  // namespace ocrdet::cli
