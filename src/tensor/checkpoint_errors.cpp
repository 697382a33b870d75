#include "tensor/checkpoint_errors.h"

#include <fmt/format.h>

#include <utility>

namespace ocrdet {

std::string inQuotes(std::string_view text) {
  constexpr std::size_t kLongest = 200;
  std::string clean = "\"";
  for (const char character : text.substr(0, kLongest)) {
    const auto byte = static_cast<unsigned char>(character);
    clean += byte < 0x20 || byte == 0x7f ? '?' : character;
  }
  return clean + (text.size() > kLongest ? "…\"" : "\"");
}

void failTruncated(std::string message) {
  throw Error(
      {&codes::kCheckpointTruncated, std::move(message),
       "The download or the copy stopped early: fetch the file again and compare its size with the original's."});
}

void failCorrupt(std::string message) {
  throw Error({&codes::kCheckpointCorrupt, std::move(message),
               "The file is damaged: fetch it again, or save the weights once more."});
}

void failTooLarge(std::string message) {
  throw Error({&codes::kCheckpointTooLarge, std::move(message),
               "No checkpoint of weights looks like this; if you trust the file, save the weights alone: "
               "torch.save(model.state_dict(), \"weights.pt\")."});
}

void failUnsupported(std::string message, std::string advice) {
  throw Error({&codes::kCheckpointUnsupported, std::move(message), std::move(advice)});
}

Error aboutFile(const Error& error, const std::filesystem::path& path) {
  std::vector<Problem> problems = error.problems();
  for (Problem& problem : problems) {
    problem.message = fmt::format("{}: {}", path.string(), problem.message);
    problem.details.push_back({"path", path.string()});
  }
  return Error(std::move(problems));
}

}  // namespace ocrdet
