// What lies at a path. Where the system refuses to say (a name of more than 255 bytes, a link to itself, a folder
// closed to this user) nothing lies: a line of a list can hold anything, and must not end the program.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <system_error>
#include <vector>

namespace ocrdet {

bool isThere(const std::filesystem::path& path);
bool isFile(const std::filesystem::path& path);  // a regular one
bool isFolder(const std::filesystem::path& path);

// What a folder holds, in no order; `refused` says why that may not be all.
std::vector<std::filesystem::path> entriesOf(const std::filesystem::path& folder, std::error_code& refused);

// Names of the regular files of a folder, not of folders in it, in order.
std::vector<std::string> fileNames(const std::filesystem::path& folder);

// Regular files of a folder and of all folders in it, in order. `closed` is told of each folder in it that may not be
// read. Throws file.unreadable of the first folder, and of others if there is no `closed`.
std::vector<std::filesystem::path> filesBelow(const std::filesystem::path& folder,
                                              const std::function<void(const std::filesystem::path&)>& closed = {});

// Of the folder that a path means, however it is written: of ".", "sets/signs/", "sets/signs/.".
std::string lastFolder(const std::filesystem::path& path);

// With all folders above it. Throws file.unwritable.
void makeFolder(const std::filesystem::path& folder);

// A name for a file that keeps the beginning of this one, so that what programs add (an extension, a number, the mark
// of a temporary file) fits into the 255 bytes of file systems. Cut between characters of UTF-8.
std::string shortenedName(std::string name);

}  // namespace ocrdet
