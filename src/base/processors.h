// How many processors this process may use.
#pragma once

namespace ocrdet {

// By the scheduler's affinity mask (taskset, containers with pinned processors); at least 1.
int usableProcessors();

}  // namespace ocrdet
