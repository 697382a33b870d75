// A file that appears whole or not at all: written under a temporary name in the same folder, flushed to disk, renamed.
#pragma once

#include <filesystem>
#include <set>
#include <span>
#include <string_view>

namespace ocrdet {

class AtomicFile {
 public:
  // Creates the temporary file `.NAME.tmp-XXXXXX` beside `target`. Throws file.unwritable.
  explicit AtomicFile(std::filesystem::path target);
  // Removes the temporary file unless commit() was called.
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  // Throws file.unwritable (disk full, for instance); the target is then untouched.
  void write(std::span<const std::byte> bytes);
  void write(std::string_view text);
  // Replaces the first bytes of what was written: a header that is known only at the end.
  void overwriteStart(std::string_view text);

  // For writers that want a descriptor (protobuf) or read the file back before it is published.
  int descriptor() const { return descriptor_; }
  const std::filesystem::path& temporaryPath() const { return temporary_; }

  // fsync, rename over the target, fsync of the folder. Throws file.unwritable.
  void commit();

 private:
  [[noreturn]] void fail(const char* step) const;

  std::filesystem::path target_;
  std::filesystem::path temporary_;
  int descriptor_ = -1;
};

// What stands before every output that a user named: throws file.exists when something is at `target` already, unless
// `overwrite`; and, even then, when that is `source`, what the output is made from.
void refuseToReplace(const std::filesystem::path& target, bool overwrite, const std::filesystem::path& source);

// The common case: `bytes` become the whole content of `target`.
void writeFileAtomically(const std::filesystem::path& target, std::string_view bytes);

// Removes what a process that was killed left of these files: `.NAME.tmp-XXXXXX` beside each.
void removeTemporaryFilesOf(const std::set<std::filesystem::path>& targets);

}  // namespace ocrdet
