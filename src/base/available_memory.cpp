#include "base/available_memory.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <limits>
#include <string>
#include <string_view>

namespace ocrdet {
namespace {

namespace fs = std::filesystem;

// The file names of one version of control groups.
struct ControlGroupFiles {
  const char* folder;
  const char* limit;
  const char* usage;
  const char* reclaimable;  // key in memory.stat: page cache that the kernel would give up
};
constexpr ControlGroupFiles kVersion2{"sys/fs/cgroup", "memory.max", "memory.current", "inactive_file"};
constexpr ControlGroupFiles kVersion1{"sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes",
                                      "total_inactive_file"};

std::optional<std::int64_t> parseNumber(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end == text.data()) return std::nullopt;
  return value;
}

std::optional<std::int64_t> numberIn(const fs::path& file) {
  std::ifstream stream(file);
  std::string word;
  stream >> word;
  return parseNumber(word);  // "max" is no number: no limit
}

// The number behind `key` in a file of lines "key number".
std::optional<std::int64_t> numberAfter(const fs::path& file, std::string_view key) {
  std::ifstream stream(file);
  std::string word, number;
  while (stream >> word) {
    if (word != key) continue;
    stream >> number;
    return parseNumber(number);
  }
  return std::nullopt;
}

// The group of this process: "0::/a/b" in version 2, "5:memory:/a/b" in version 1.
std::string groupPath(const fs::path& root, bool version2) {
  std::ifstream stream(root / "proc/self/cgroup");
  std::string line;
  while (std::getline(stream, line)) {
    const std::size_t first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    const bool ours = version2 ? controllers == ",," : controllers.find(",memory,") != std::string::npos;
    if (ours) return line.substr(second + 1);
  }
  return "/";
}

// What the tightest limit from this group up to the root leaves.
std::optional<std::int64_t> leftByGroups(const fs::path& root, const ControlGroupFiles& files, bool version2) {
  const fs::path top = root / files.folder;
  std::optional<std::int64_t> least;
  fs::path group = fs::path(groupPath(root, version2)).relative_path();
  for (;;) {
    const fs::path folder = top / group;
    const auto limit = numberIn(folder / files.limit), usage = numberIn(folder / files.usage);
    if (limit && usage) {
      const std::int64_t used = *usage - numberAfter(folder / "memory.stat", files.reclaimable).value_or(0);
      // Version 1 writes "no limit" as a number near 2^63.
      const std::int64_t left = std::max<std::int64_t>(0, *limit - std::max<std::int64_t>(0, used));
      least = std::min(least.value_or(left), left);
    }
    if (group.empty()) return least;
    group = group.parent_path();
  }
}

}  // namespace

std::optional<std::int64_t> availableMemory() {
  return availableMemory("/");
}

std::optional<std::int64_t> availableMemory(const std::filesystem::path& root) {
  std::optional<std::int64_t> least;
  const auto consider = [&](std::optional<std::int64_t> bytes) {
    if (bytes) least = std::min(least.value_or(*bytes), *bytes);
  };
  if (const auto kilobytes = numberAfter(root / "proc/meminfo", "MemAvailable:")) consider(*kilobytes * 1024);
  consider(leftByGroups(root, kVersion2, true));
  consider(leftByGroups(root, kVersion1, false));
  return least;
}

}  // namespace ocrdet
