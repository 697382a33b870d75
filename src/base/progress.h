// Progress of long work on stderr: a bar with rate and remaining time on a terminal, one line every few seconds
// elsewhere, nothing with --quiet.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace ocrdet {

class Progress {
 public:
  // `total` of 0 means unknown: only the count and rate are shown. `unit` is a plural noun ("images").
  Progress(std::string title, std::string unit, std::int64_t total);
  ~Progress();  // ends the line
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void advance(std::int64_t steps = 1);

  // Takes the bar off the terminal until the next update. Call it before other text is printed there.
  void hide();

  // The text of one update; separate so that it can be tested without a terminal. `columns` of 0 leaves the bar out.
  static std::string describe(const std::string& title, const std::string& unit, std::int64_t done, std::int64_t total,
                              double seconds, int columns);

 private:
  void show(bool last);

  std::string title_, unit_;
  std::int64_t total_, done_ = 0;
  bool terminal_, quiet_, shown_ = false, hidden_ = true;
  std::chrono::steady_clock::time_point start_, last_shown_;
};

}  // namespace ocrdet
