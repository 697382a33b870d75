// Files that are no checkpoint, named by what they look like: "an HTML page", "a Git LFS pointer".
#pragma once

#include <filesystem>
#include <span>

namespace ocrdet {

// Always throws: checkpoint.empty, checkpoint.tensorflow or checkpoint.not-a-checkpoint, by the content.
[[noreturn]] void refuseForeignBytes(std::span<const std::byte> bytes);

// Throws checkpoint.tensorflow when the path is, or stands for, part of a TensorFlow checkpoint: a prefix
// ("checkpoint-80000" with .index beside it), a .data file, a folder of them. Throws file.unreadable for other folders,
// with the checkpoint that lies in it.
void refuseForeignPath(const std::filesystem::path& path);

}  // namespace ocrdet
