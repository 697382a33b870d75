// What lies at a path. Where the system refuses to say (a name of more than 255 bytes, a link to itself, a folder
// closed to this user) nothing lies: a line of a list can hold anything, and must not end the program.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace ocrdet {

bool isThere(const std::filesystem::path& path);
bool isFile(const std::filesystem::path& path);  // a regular one
bool isFolder(const std::filesystem::path& path);

// Names of the regular files of a folder, not of folders in it, in order.
std::vector<std::string> fileNames(const std::filesystem::path& folder);

// Regular files of a folder and of all folders in it, in order. Throws file.unreadable.
std::vector<std::filesystem::path> filesBelow(
    const std::filesystem::path& folder,
    std::filesystem::directory_options options = std::filesystem::directory_options::none);

}  // namespace ocrdet
