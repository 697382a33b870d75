// Amounts of memory and file sizes in words.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ocrdet {

// "48.7 MB", "1.2 GB": decimal units, as file managers and disks count.
std::string byteCount(std::int64_t bytes);

// "2GB", "1.5 GB", "800M", "512MiB", "1000000" (bytes). Throws usage.option.
std::int64_t parseByteCount(std::string_view text);

}  // namespace ocrdet
