// Prose for a terminal: lines broken at spaces, continued under the same margin.
#pragma once

#include <string>
#include <string_view>

namespace ocrdet::cli {

inline constexpr std::size_t kTextColumns = 96;

// `text` behind `first`, further lines behind as many spaces; Chinese characters count two columns and may be parted.
// Line breaks in `text` stay. No line break at the end.
std::string wrapped(std::string_view first, std::string_view text, std::size_t columns = kTextColumns);

}  // namespace ocrdet::cli
