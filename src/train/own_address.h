// Where other machines reach this one.
#pragma once

#include <cstdint>
#include <string>

namespace ocrdet {

// The address, as digits, from which this machine speaks to `host`. Nothing is sent. A machine's own name serves worse:
// Debian lets it mean 127.0.1.1, where no other machine gets through. Throws std::invalid_argument when `host` means
// nothing, or no network leads there.
std::string ownAddressTowards(const std::string& host, std::uint16_t port);

}  // namespace ocrdet
