#include "support/formula_checkpoint.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>

namespace ocrdet::test {

std::filesystem::path formulaCheckpoint(const std::string& name) {
  const std::filesystem::path folder = std::filesystem::path(OCRDET_BUILD_DIR) / "tests" / "weights";
  const std::filesystem::path target = folder / name;
  if (std::filesystem::exists(target)) return target;
  std::filesystem::create_directories(folder);
  // Each program unpacks for itself and renames: the last one wins, and nobody sees half a file.
  const std::filesystem::path temporary = folder / fmt::format("{}.{}", name, getpid());
  const std::string command =
      fmt::format("xz -dc '{}/weights/{}.xz' > '{}'", OCRDET_GOLDEN_DIR, name, temporary.string());
  if (std::system(command.c_str()) != 0) throw std::runtime_error("cannot unpack with xz: " + command);
  std::filesystem::rename(temporary, target);
  return target;
}

}  // namespace ocrdet::test
