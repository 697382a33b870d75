#include "base/mapped_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "ocrdet/error.h"

namespace ocrdet {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path, int error) {
  const bool missing = error == ENOENT || error == ENOTDIR;
  throw Error({missing ? &codes::kFileMissing : &codes::kFileUnreadable,
               missing ? fmt::format("There is no file {}.", path.string())
                       : fmt::format("{} cannot be read: {}.", path.string(), std::strerror(error)),
               missing ? "Check the path; relative paths start at the current folder."
                       : "Give a regular file that this user may read.",
               {{"path", path.string()}}});
}

}  // namespace

std::shared_ptr<const MappedFile> MappedFile::open(const std::filesystem::path& path) {
  // O_NONBLOCK: opening a FIFO must not hang; only regular files are accepted below.
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) fail(path, errno);
  struct stat status {};
  if (fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
    close(descriptor);
    fail(path, S_ISDIR(status.st_mode) ? EISDIR : EINVAL);
  }
  std::shared_ptr<MappedFile> file(new MappedFile);
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size > 0) {
    void* address = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    const int error = errno;
    if (address == MAP_FAILED) {
      close(descriptor);
      fail(path, error);
    }
    file->bytes_ = {static_cast<const std::byte*>(address), size};
  }
  close(descriptor);
  return file;
}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

}  // namespace ocrdet
