#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace ocrdet {

// SHA-256 of the bytes as 64 lower-case hexadecimal digits.
std::string sha256(std::span<const std::byte> bytes);

}  // namespace ocrdet
