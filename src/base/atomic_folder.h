// A folder that appears whole or not at all: filled under a temporary name beside its place, then renamed.
#pragma once

#include <filesystem>

namespace ocrdet {

class AtomicFolder {
 public:
  // Creates the temporary folder `.NAME.tmp-XXXXXX`. Throws file.exists when there is something other than an empty
  // folder at `target`, and file.unwritable, also for an empty folder that cannot be replaced: the working one, and one
  // where another disk begins.
  explicit AtomicFolder(std::filesystem::path target);
  // Removes the temporary folder unless commit() was called.
  ~AtomicFolder();
  AtomicFolder(const AtomicFolder&) = delete;
  AtomicFolder& operator=(const AtomicFolder&) = delete;

  // Where to write.
  const std::filesystem::path& path() const { return temporary_; }

  // Throws file.unwritable, or file.exists when another program was faster; the target is then untouched.
  void commit();

 private:
  std::filesystem::path target_, temporary_;
};

}  // namespace ocrdet
