#include "model/name_places.h"

#include <algorithm>
#include <cctype>
#include <map>

namespace ocrdet {
namespace {

// "a/b/key" to ("a/b", "key")
std::pair<std::string_view, std::string_view> splitPath(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return {{}, path};
  return {path.substr(0, slash), path.substr(slash + 1)};
}

bool isAverage(const NamePlace& place) {
  std::string text = place.wrapper + "/" + place.prefix;
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text.find("ema") != std::string::npos;
}

}  // namespace

NamePlace findPlace(const std::vector<NamedTensor>& entries, const NameEndings& names) {
  std::vector<NamePlace> places;
  std::map<std::pair<std::string_view, std::string_view>, std::size_t> known;  // wrapper and prefix to position
  for (const NamedTensor& entry : entries) {
    const auto [wrapper, key] = splitPath(entry.name);
    const std::string_view name = names.find(key);
    if (name.empty()) continue;
    const std::string_view prefix = key.substr(0, key.size() - name.size());
    const auto [position, is_new] = known.try_emplace({wrapper, prefix}, places.size());
    if (is_new) places.push_back({std::string(wrapper), std::string(prefix), 0});
    ++places[position->second].matched;
  }
  const auto best = std::ranges::max_element(
      places, {}, [](const NamePlace& place) { return std::pair(place.matched, !isAverage(place)); });
  if (best != places.end()) return *best;
  return {std::string(splitPath(entries.front().name).first), "", 0};
}

std::vector<NamedTensor> entriesAt(const std::vector<NamedTensor>& entries, const NamePlace& place) {
  std::vector<NamedTensor> found;
  for (const NamedTensor& entry : entries) {
    const auto [wrapper, key] = splitPath(entry.name);
    if (wrapper == place.wrapper) found.push_back({std::string(key), entry.tensor});
  }
  return found;
}

}  // namespace ocrdet
