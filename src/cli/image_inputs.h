// The pictures that a command line names: files, folders, patterns, or `-` for paths from stdin; and the pages of files
// that have several.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace ocrdet::cli {

struct ImageInput {
  std::filesystem::path path;
  // Below which results are filed: the path inside the folder that was named, or the file's name; with "-page-2" behind
  // the stem if the file has several pages.
  std::filesystem::path name;
  int page = 1;  // from 1
  int pages = 1;
};

// "scan.tif", or "scan.tif, page 2 of 3".
std::string describe(const ImageInput& input);

// Files that are named are taken whatever they are; of folders, searched to any depth, those whose name ends like a
// picture's, in the order of their paths. Patterns (`scans/*.jpg` in quotes) are expanded here, too. A file of several
// pages becomes as many inputs, or with `page` that one. Throws file.missing for a folder or pattern without pictures;
// a missing or damaged file is left to the one who decodes it.
std::vector<ImageInput> imageInputs(const std::vector<std::string>& arguments, std::optional<int> page = {});

}  // namespace ocrdet::cli
