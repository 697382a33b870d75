// The pictures that a command line names: files, folders, patterns, or `-` for paths from stdin.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace ocrdet::cli {

struct ImageInput {
  std::filesystem::path path;
  // Below which results are filed: the path inside the folder that was named, or the file's name.
  std::filesystem::path name;
};

// Files that are named are taken whatever they are; of folders, searched to any depth, those whose name ends like a
// picture's, in the order of their paths. Patterns (`scans/*.jpg` in quotes) are expanded here, too. Throws
// file.missing for a folder or pattern without pictures; a missing file is left to the one who opens it.
std::vector<ImageInput> imageInputs(const std::vector<std::string>& arguments);

}  // namespace ocrdet::cli
