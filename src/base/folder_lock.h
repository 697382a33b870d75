// A folder that one process works on at a time.
#pragma once

#include <filesystem>

namespace ocrdet {

// Held as long as the object lives; the system lets go of it however the process ends.
class FolderLock {
 public:
  // Throws run.busy while another process holds it. A folder that cannot be opened, and a file system without locks,
  // are trusted.
  explicit FolderLock(const std::filesystem::path& folder);
  ~FolderLock();
  FolderLock(FolderLock&& other) noexcept;
  FolderLock& operator=(FolderLock&& other) noexcept;

 private:
  int descriptor_;
};

}  // namespace ocrdet
