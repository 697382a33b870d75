#include "base/atomic_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/cancellation.h"
#include "ocrdet/error.h"

namespace ocrdet {

AtomicFile::AtomicFile(std::filesystem::path target) : target_(std::move(target)) {
  std::filesystem::path folder = target_.parent_path();
  if (folder.empty()) folder = ".";
  std::string name = (folder / ("." + target_.filename().string() + ".tmp-XXXXXX")).string();
  descriptor_ = mkostemp(name.data(), O_CLOEXEC);
  temporary_ = name;
  if (descriptor_ < 0) fail("create");
  registerTemporaryFile(temporary_.string());
  // mkostemp gives 0600; a published file should have the permissions that a plain open() would give.
  const mode_t mask = umask(0);
  umask(mask);
  fchmod(descriptor_, 0666 & ~mask);
}

AtomicFile::~AtomicFile() {
  if (descriptor_ < 0) return;
  close(descriptor_);
  unlink(temporary_.c_str());
  forgetTemporaryFile(temporary_.string());
}

void AtomicFile::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("write");
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

void AtomicFile::write(std::string_view text) {
  write(std::as_bytes(std::span(text.data(), text.size())));
}

void AtomicFile::overwriteStart(std::string_view text) {
  if (lseek(descriptor_, 0, SEEK_SET) != 0) fail("rewind");
  write(text);
  if (lseek(descriptor_, 0, SEEK_END) < 0) fail("rewind");
}

void AtomicFile::commit() {
  if (fsync(descriptor_) != 0) fail("flush");
  if (rename(temporary_.c_str(), target_.c_str()) != 0) fail("rename");
  forgetTemporaryFile(temporary_.string());
  close(std::exchange(descriptor_, -1));
  const std::filesystem::path folder = target_.parent_path();
  const int folder_descriptor = open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder_descriptor >= 0) {
    fsync(folder_descriptor);
    close(folder_descriptor);
  }
}

void AtomicFile::fail(const char* step) const {
  const int error = errno;
  throw Error({&codes::kFileUnwritable,
               fmt::format("Could not {} {}: {}.", step, target_.string(), std::strerror(error)),
               "Check that the folder exists, that it may be written to, and that the disk has room.",
               {{"path", target_.string()}, {"errno", std::int64_t{error}}}});
}

void refuseToReplace(const std::filesystem::path& target, bool overwrite, const std::filesystem::path& source) {
  std::error_code unreadable;
  if (std::filesystem::equivalent(target, source, unreadable))
    throw Error({&codes::kFileExists,
                 fmt::format("{} is what the output is made from.", target.string()),
                 "Choose another name for the output.",
                 {{"path", target.string()}}});
  if (std::filesystem::is_directory(target, unreadable))
    throw Error({&codes::kFileExists,
                 fmt::format("{} is a folder.", target.string()),
                 "Name a file for the output.",
                 {{"path", target.string()}}});
  if (!overwrite && std::filesystem::exists(target, unreadable))
    throw Error({&codes::kFileExists,
                 fmt::format("{} exists already.", target.string()),
                 "Choose another name for the output, or replace the file with --force.",
                 {{"path", target.string()}}});
}

void writeFileAtomically(const std::filesystem::path& target, std::string_view bytes) {
  AtomicFile file(target);
  file.write(bytes);
  file.commit();
}

void removeTemporaryFilesOf(const std::set<std::filesystem::path>& targets) {
  std::set<std::filesystem::path> folders;
  for (const std::filesystem::path& target : targets) folders.insert(target.parent_path());
  std::error_code unreadable;
  for (const std::filesystem::path& folder : folders)
    for (const auto& entry : std::filesystem::directory_iterator(folder, unreadable)) {
      const std::string name = entry.path().filename().string();
      const std::size_t end = name.rfind(".tmp-");
      if (!name.starts_with('.') || end == name.npos) continue;
      std::error_code gone;
      if (targets.contains(folder / name.substr(1, end - 1))) std::filesystem::remove(entry.path(), gone);
    }
}

}  // namespace ocrdet
