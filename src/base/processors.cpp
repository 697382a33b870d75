#include "base/processors.h"

#include <sched.h>

#include <algorithm>
#include <thread>

namespace ocrdet {

int usableProcessors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) != 0) return std::max(1, int(std::thread::hardware_concurrency()));
  return std::max(1, CPU_COUNT(&set));
}

}  // namespace ocrdet
