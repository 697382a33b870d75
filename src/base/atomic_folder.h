// A folder that appears whole or not at all: filled under a temporary name beside its place, then renamed.
#pragma once

#include <filesystem>
#include <optional>

#include "base/folder_lock.h"

namespace ocrdet {

// What may lie where the folder is to appear. Of kOurs, who asks has made sure that nothing in it is missed.
enum class Replaceable { kEmptyFolder, kOurs };

class AtomicFolder {
 public:
  // Creates the temporary folder `.NAME.tmp-XXXXXX`, and removes those that killed processes left. Throws file.exists
  // when there is something other than what may be replaced at `target`, and file.unwritable, also for a folder that
  // cannot be replaced: the working one, and one where another disk begins.
  explicit AtomicFolder(std::filesystem::path target, Replaceable replaceable = Replaceable::kEmptyFolder);
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
  Replaceable replaceable_;
  std::optional<FolderLock> lock_;  // says to others that somebody still fills the temporary folder
};

}  // namespace ocrdet
