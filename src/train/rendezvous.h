// Where several processes meet: HOST:PORT of process 0, which listens there, or a file that all can reach.
//
// Knows nothing of LibTorch, so that the command line can check it.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>

namespace ocrdet {

struct Rendezvous {
  std::string host;  // empty: a file
  std::uint16_t port = 0;
  std::string file;
};

// A text with a slash, or without a colon, is a file. Nothing when what follows the colon is no port.
inline std::optional<Rendezvous> parseRendezvous(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (text.empty() || colon == 0) return {};
  if (colon == std::string::npos || text.find('/') != std::string::npos) return Rendezvous{"", 0, text};
  std::uint16_t port = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, problem] = std::from_chars(text.data() + colon + 1, end, port);
  if (problem != std::errc() || stopped != end || port == 0) return {};
  return Rendezvous{text.substr(0, colon), port, ""};
}

}  // namespace ocrdet
