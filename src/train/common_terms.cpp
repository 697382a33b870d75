#include "train/common_terms.h"

#include <fmt/format.h>

#include "base/mapped_file.h"
#include "base/sha256.h"

namespace ocrdet {
namespace {

std::string hashOf(const std::vector<NamedTensor>& state) {
  std::string hashes;
  for (const NamedTensor& entry : state) hashes += entry.name + " " + sha256(contiguousBytes(entry.tensor)) + "\n";
  return sha256(std::as_bytes(std::span(hashes))).substr(0, 16);
}

std::string hashOf(const std::filesystem::path& file) {
  return sha256(MappedFile::open(file)->bytes()).substr(0, 16);
}

std::string countOf(const std::optional<std::int64_t>& texts) {
  return texts ? std::to_string(*texts) : "unknown";
}

}  // namespace

std::string commonTerms(const TrainingOptions& options, const std::string& number_type,
                        const std::vector<WeightedSource>& sources, std::int64_t steps_per_epoch,
                        const Standing& standing, const std::vector<NamedTensor>& state) {
  std::string terms = options.common_configuration;
  terms += fmt::format("number type = {}\n", number_type);
  terms += fmt::format("keep-initial = {}\n", options.keep_initial.value_or(0));
  terms += fmt::format("hash of the teacher = {}\n", options.teacher.empty() ? "none" : hashOf(options.teacher));
  terms += fmt::format("sources of pictures = {}\n", sources.size());
  int number = 0;
  for (const auto& [source, times] : sources) {
    ++number;
    terms += fmt::format("pictures of source {} = {} (times {})\n", number, source.size, times);
    terms +=
        fmt::format("texts of source {} = {}, ignored {}\n", number, countOf(source.cared), countOf(source.ignored));
  }
  terms += fmt::format("steps an epoch = {}\n", steps_per_epoch);
  terms += fmt::format("step to start from = {}\n", standing.step);
  terms += fmt::format("epochs that are done = {}\n", standing.epoch);
  return terms + fmt::format("hash of the weights = {}\n", hashOf(state));
}

}  // namespace ocrdet
