// A file's bytes, mapped read-only: large checkpoints are read without a second copy in memory.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>

namespace ocrdet {

class MappedFile {
 public:
  // Throws file.missing or file.unreadable (also for folders). An empty file gives an empty span.
  static std::shared_ptr<const MappedFile> open(const std::filesystem::path& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::span<const std::byte> bytes() const { return bytes_; }

 private:
  MappedFile() = default;
  std::span<const std::byte> bytes_;
};

}  // namespace ocrdet
