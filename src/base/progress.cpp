#include "base/progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

#include "base/log.h"

namespace ocrdet {
namespace {

using Clock = std::chrono::steady_clock;

// Redrawn often enough to look alive, rarely enough to cost nothing.
constexpr auto kTerminalInterval = std::chrono::milliseconds(100);
constexpr auto kLineInterval = std::chrono::seconds(5);

std::string remaining(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::llround(seconds));
  if (whole >= 3600) return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

int terminalColumns() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace

Progress::Progress(std::string title, std::string unit, std::int64_t total)
    : title_(std::move(title)),
      unit_(std::move(unit)),
      total_(total),
      terminal_(isatty(STDERR_FILENO) != 0),
      quiet_(logLevel() == LogLevel::kQuiet),
      start_(Clock::now()),
      last_shown_(start_) {}

Progress::~Progress() {
  if (!quiet_ && (shown_ || terminal_)) show(true);
}

void Progress::advance(std::int64_t steps) {
  done_ += steps;
  if (quiet_) return;
  const auto now = Clock::now();
  if (!(terminal_ && hidden_) &&
      now - last_shown_ < (terminal_ ? Clock::duration(kTerminalInterval) : Clock::duration(kLineInterval)))
    return;
  last_shown_ = now;
  show(false);
}

void Progress::hide() {
  if (!terminal_ || hidden_) return;
  std::fputs("\r\033[K", stderr);
  hidden_ = true;
}

void Progress::show(bool last) {
  const double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
  const std::string text = describe(title_, unit_, done_, total_, seconds, terminal_ ? terminalColumns() : 0);
  std::fputs(terminal_ ? ("\r" + text + "\033[K" + (last ? "\n" : "")).c_str() : (text + "\n").c_str(), stderr);
  shown_ = true;
  hidden_ = false;
}

std::string Progress::describe(const std::string& title, const std::string& unit, std::int64_t done, std::int64_t total,
                               double seconds, int columns) {
  const double rate = seconds > 0 ? static_cast<double>(done) / seconds : 0;
  std::string text =
      total > 0 ? fmt::format("{} {}/{} {}", title, done, total, unit) : fmt::format("{} {} {}", title, done, unit);
  if (rate > 0) text += fmt::format(", {:.1f}/s", rate);
  if (rate > 0 && total > done) text += fmt::format(", {} left", remaining(static_cast<double>(total - done) / rate));
  const int room = columns - static_cast<int>(text.size()) - 4;
  if (total > 0 && room >= 10) {
    const int width = std::min(room, 40);
    const auto filled = static_cast<int>(static_cast<double>(width) * static_cast<double>(std::min(done, total)) /
                                         static_cast<double>(total));
    text += " [" + std::string(static_cast<std::size_t>(filled), '#') +
            std::string(static_cast<std::size_t>(width - filled), '.') + "]";
  }
  return text;
}

}  // namespace ocrdet
