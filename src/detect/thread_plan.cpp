#include "detect/thread_plan.h"

#include <algorithm>

#include "base/processors.h"

namespace ocrdet {

int largestBatch(const DetectorOptions& options) {
  if (options.batch > 0) return options.batch;
  return options.provider == ExecutionProvider::kCpu ? 1 : 8;
}

ThreadPlan planThreads(const DetectorOptions& options) {
  const int budget = options.threads > 0 ? options.threads : usableProcessors();
  const int batch = largestBatch(options);
  if (batch == 1) {
    const int pictures = std::clamp(options.images_at_a_time, 1, budget);
    return {budget - pictures + 1, pictures, pictures};
  }
  // Half of the processors run the batch while the others prepare the next one; an accelerator needs one to feed it.
  const int session = options.provider == ExecutionProvider::kCpu ? (budget + 1) / 2 : 1;
  const int pictures = budget - session + 1;
  return {session, pictures, std::max({options.images_at_a_time, pictures, 2 * batch})};
}

}  // namespace ocrdet
