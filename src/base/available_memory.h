// How much memory this process may still take.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace ocrdet {

// Bytes: what the kernel says is available (MemAvailable), or less when a control group (version 1 or 2, this one or
// one above it) limits the process. Nothing when neither can be read.
std::optional<std::int64_t> availableMemory();

// The same below another root than "/", so that it can be tested: reads `proc/meminfo`, `proc/self/cgroup` and
// `sys/fs/cgroup` there.
std::optional<std::int64_t> availableMemory(const std::filesystem::path& root);

}  // namespace ocrdet
