#include "train/freed_memory.h"

#include <cstdlib>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "base/available_memory.h"

namespace ocrdet {

// glibc returns large blocks to the system at once, which clears every page before it gives it again: 100,000 page
// faults a second, and up to two fifths of a step on a virtual machine. Its threshold for large cannot be raised above
// 32 MB, less than one map of a batch; so no block counts as large, and the heap never shrinks.
bool keepFreedMemory(std::int64_t predicted) {
#ifdef __GLIBC__
  const auto available = availableMemory();
  if (predicted == 0 || !available || *available < 2 * predicted) return false;
  constexpr int kNever = -1;
  return mallopt(M_MMAP_MAX, 0) != 0 && mallopt(M_TRIM_THRESHOLD, kNever) != 0;
#else
  static_cast<void>(predicted);
  return false;
#endif
}

}  // namespace ocrdet
