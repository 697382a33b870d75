// Small pieces of reading text: lines, white space, byte order marks, numbers.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ocrdet {

// Without white space at both ends.
std::string_view trimmed(std::string_view text);

// Without UTF-8 byte order marks at the front: joined files have several.
std::string_view withoutMark(std::string_view text);

// What is left of a line when white space and marks are gone.
std::string_view content(std::string_view line);

// Split at line feeds; a carriage return stays at the end of its line. A line feed at the end begins no further line.
std::vector<std::string_view> splitLines(std::string_view text);

std::vector<std::string_view> splitFields(std::string_view text, char separator);

// What stands between stretches of white space.
std::vector<std::string_view> splitAtBlanks(std::string_view text);

// A finite number with nothing but white space around it.
std::optional<double> number(std::string_view text);

// All bytes of a text file. Throws file.missing, file.unreadable, and dataset.text-too-large above 64 MB: no list and
// no ground truth of one picture is that long.
std::string readTextFile(const std::filesystem::path& path);

}  // namespace ocrdet
