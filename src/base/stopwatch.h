// How long something took, by a clock that nobody sets.
#pragma once

#include <chrono>

namespace ocrdet {

class Stopwatch {
 public:
  // Since the last lap began: at construction, or at a call of lap().
  double seconds() const { return secondsUntil(Clock::now()); }
  double milliseconds() const { return 1000 * seconds(); }

  // The seconds of this lap; the next one begins.
  double lap() {
    const auto now = Clock::now();
    const double seconds = secondsUntil(now);
    start_ = now;
    return seconds;
  }

 private:
  using Clock = std::chrono::steady_clock;
  double secondsUntil(Clock::time_point now) const { return std::chrono::duration<double>(now - start_).count(); }

  Clock::time_point start_ = Clock::now();
};

}  // namespace ocrdet
