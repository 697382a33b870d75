#include "base/atomic_folder.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <utility>

#include "ocrdet/error.h"

namespace ocrdet {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void failExists(const fs::path& target) {
  throw Error({&codes::kFileExists,
               fmt::format("{} exists and is not an empty folder.", target.string()),
               "Name a folder that is not there yet.",
               {{"path", target.string()}},
               {}});
}

[[noreturn]] void failWrite(const char* step, const fs::path& target, int error) {
  throw Error({&codes::kFileUnwritable,
               fmt::format("Could not {} {}: {}.", step, target.string(), std::strerror(error)),
               "Check that the folder above it may be written to, and that the disk has room.",
               {{"path", target.string()}, {"errno", std::int64_t{error}}},
               {}});
}

}  // namespace

AtomicFolder::AtomicFolder(fs::path target) : target_(std::move(target)) {
  if (!target_.has_filename()) target_ = target_.parent_path();  // `out/`
  std::error_code problem;
  if (fs::exists(target_, problem) && !(fs::is_directory(target_, problem) && fs::is_empty(target_, problem)))
    failExists(target_);
  const fs::path parent = target_.has_parent_path() ? target_.parent_path() : fs::path(".");
  fs::create_directories(parent, problem);
  std::string name = (parent / ("." + target_.filename().string() + ".tmp-XXXXXX")).string();
  if (mkdtemp(name.data()) == nullptr) failWrite("create", target_, errno);
  temporary_ = name;
  // mkdtemp gives 0700; a published folder should have the permissions that a plain mkdir would give.
  const mode_t mask = umask(0);
  umask(mask);
  chmod(temporary_.c_str(), 0777 & ~mask);
}

AtomicFolder::~AtomicFolder() {
  std::error_code ignored;
  if (!temporary_.empty()) fs::remove_all(temporary_, ignored);
}

void AtomicFolder::commit() {
  // rename() replaces an empty folder, and nothing else.
  if (std::rename(temporary_.c_str(), target_.c_str()) != 0) {
    if (errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR) failExists(target_);
    failWrite("rename", target_, errno);
  }
  temporary_.clear();
}

}  // namespace ocrdet
