#include "base/atomic_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <utility>

#include "base/paths.h"
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

// What rename() cannot put another folder in the place of, though it is empty.
void refuseToReplace(const fs::path& target, const fs::path& parent) {
  using Status = struct stat;
  Status own, above, working;
  if (stat(target.c_str(), &own) != 0 || stat(parent.c_str(), &above) != 0 || stat(".", &working) != 0) return;
  const bool is_working_folder = own.st_dev == working.st_dev && own.st_ino == working.st_ino;
  if (!is_working_folder && own.st_dev == above.st_dev) return;
  throw Error({&codes::kFileUnwritable,
               fmt::format("{} is {}: it cannot be replaced by a finished folder.", target.string(),
                           is_working_folder ? "the folder that you are in" : "where another disk begins"),
               "Name a new folder inside it.",
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

void removeAbandoned(const fs::path& parent, const std::string& prefix) {
  std::error_code ignored;
  for (const fs::path& folder : entriesOf(parent, ignored)) try {
      if (!folder.filename().string().starts_with(prefix)) continue;
      const FolderLock nobody_fills_it(folder);
      fs::remove_all(folder, ignored);
    } catch (const Error&) {
    }
}

}  // namespace

AtomicFolder::AtomicFolder(fs::path target, Replaceable replaceable)
    : target_(std::move(target)), replaceable_(replaceable) {
  if (target_.empty())
    throw Error({&codes::kFileUnwritable, "No folder was named.", "Name a folder that is not there yet.", {}, {}});
  std::error_code problem;
  // Of a link the folder that it leads to; without `.`, and without the separator at the end of `out/`.
  const fs::path resolved = fs::weakly_canonical(target_, problem);
  if (!problem) target_ = resolved;
  if (!target_.has_filename()) target_ = target_.parent_path();
  if (fs::exists(target_, problem) &&
      !(fs::is_directory(target_, problem) && (replaceable_ == Replaceable::kOurs || fs::is_empty(target_, problem))))
    failExists(target_);
  const fs::path parent = target_.has_parent_path() ? target_.parent_path() : fs::path(".");
  refuseToReplace(target_, parent);
  fs::create_directories(parent, problem);
  const std::string prefix = "." + target_.filename().string() + ".tmp-";
  removeAbandoned(parent, prefix);
  std::string name = (parent / (prefix + "XXXXXX")).string();
  if (mkdtemp(name.data()) == nullptr) failWrite("create", target_, errno);
  temporary_ = name;
  lock_.emplace(temporary_);
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
  std::error_code gone;
  const bool exchanges = replaceable_ == Replaceable::kOurs && fs::is_directory(target_, gone);
  if (exchanges && renameat2(AT_FDCWD, temporary_.c_str(), AT_FDCWD, target_.c_str(), RENAME_EXCHANGE) == 0)
    return;                                      // the destructor removes what was there
  if (exchanges) fs::remove_all(target_, gone);  // a file system that cannot exchange
  // rename() replaces an empty folder, and nothing else.
  if (std::rename(temporary_.c_str(), target_.c_str()) != 0) {
    if (errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR) failExists(target_);
    failWrite("rename", target_, errno);
  }
  temporary_.clear();
}

}  // namespace ocrdet
