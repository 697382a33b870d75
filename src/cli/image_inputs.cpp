#include "cli/image_inputs.h"

#include <fmt/format.h>
#include <glob.h>

#include <algorithm>
#include <iostream>

#include "base/log.h"
#include "base/mapped_file.h"
#include "base/paths.h"
#include "image/decode.h"
#include "ocrdet/error.h"

namespace ocrdet::cli {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void failMissing(const std::string& what) {
  throw Error(
      {&codes::kFileMissing, what, "Name image files, a folder with some, or `-` to read paths from stdin.", {}, {}});
}

void addFolder(const fs::path& folder, std::vector<ImageInput>& inputs) {
  const auto closed = [](const fs::path& inner) {
    logWarning(fmt::format("{} may not be read: its pictures are left out.", inner.string()));
  };
  for (const fs::path& file : filesBelow(folder, closed))
    if (hasImageName(file)) inputs.push_back({file, file.lexically_relative(folder)});
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

// The header alone is read. What cannot be read counts as one page, so that its error comes in its turn.
int pagesOf(const fs::path& path) {
  try {
    return readImageInfo(MappedFile::open(path)->bytes()).pages;
  } catch (const Error&) {
    return 1;
  }
}

void addPages(const ImageInput& file, std::optional<int> page, std::vector<ImageInput>& inputs) {
  const int pages = pagesOf(file.path);
  if (pages == 1) {
    inputs.push_back(file);
    return;
  }
  const std::string stem = file.name.stem().string(), extension = file.name.extension().string();
  for (int number = page.value_or(1); number <= page.value_or(pages); ++number) {
    fs::path name = file.name;
    name.replace_filename(fmt::format("{}-page-{}{}", stem, number, extension));
    inputs.push_back({file.path, std::move(name), number, pages});
  }
}

void addInput(const std::string& argument, std::vector<ImageInput>& inputs) {
  const std::size_t before = inputs.size();
  const bool pattern = !isThere(argument) && argument.find_first_of("*?[") != std::string::npos;
  for (const std::string& path : pattern ? expanded(argument) : std::vector{argument}) {
    if (isFolder(path))
      addFolder(path, inputs);
    else
      inputs.push_back({path, fs::path(path).filename()});
  }
  if (inputs.size() == before)
    failMissing(fmt::format("{}: there is no image in {}.", argument, pattern ? "what it matches" : "this folder"));
}

}  // namespace

std::string describe(const ImageInput& input) {
  if (input.pages == 1) return input.path.string();
  return fmt::format("{}, page {} of {}", input.path.string(), input.page, input.pages);
}

std::vector<ImageInput> imageInputs(const std::vector<std::string>& arguments, std::optional<int> page) {
  std::vector<ImageInput> files;
  for (const std::string& argument : arguments) {
    if (argument != "-") {
      addInput(argument, files);
      continue;
    }
    for (std::string line; std::getline(std::cin, line);) {
      if (line.ends_with('\r') && !isThere(line)) line.pop_back();  // a list from Windows
      if (!line.empty()) addInput(line, files);
    }
  }
  if (files.empty()) failMissing("No image was named.");
  std::vector<ImageInput> inputs;
  for (const ImageInput& file : files) addPages(file, page, inputs);
  return inputs;
}

}  // namespace ocrdet::cli
