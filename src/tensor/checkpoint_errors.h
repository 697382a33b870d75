// The errors of reading a checkpoint, so that the readers say one thing in one line.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "ocrdet/error.h"

namespace ocrdet {

// Names and texts out of a file, made fit for a message: control characters become '?', long ones are cut.
std::string inQuotes(std::string_view text);

// The file ends before what it promises.
[[noreturn]] void failTruncated(std::string message);

// The file contradicts itself.
[[noreturn]] void failCorrupt(std::string message);

// The file asks for more than a checkpoint of this size can need.
[[noreturn]] void failTooLarge(std::string message);

// Sound, but of a kind that ocrdet does not read.
[[noreturn]] void failUnsupported(std::string message, std::string advice);

// The same problems, said about the file of that name.
Error aboutFile(const Error& error, const std::filesystem::path& path);

}  // namespace ocrdet
