#include "base/cancellation.h"

#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <mutex>

#include "ocrdet/error.h"

namespace ocrdet {
namespace {

// A signal handler may touch only lock-free atomics and async-signal-safe calls, hence the fixed table of paths: a slot
// is written while `used` is false and read by the handler only while it is true.
struct TemporarySlot {
  std::atomic<bool> used{false};
  char path[4096];
};
std::array<TemporarySlot, 64> temporary_slots;
std::mutex temporary_slots_mutex;
std::atomic<std::int64_t> asked_at{0};  // nanoseconds; 0: nobody has asked
static_assert(std::atomic<std::int64_t>::is_always_lock_free && std::atomic<bool>::is_always_lock_free);

// One Ctrl-C often arrives twice: the terminal, or `timeout`, signals the whole group, and whatever started the program
// passes its own signal on.
constexpr std::int64_t kSameRequest = 500'000'000;

// CLOCK_MONOTONIC counts from the start of the machine, so that it is never 0 here.
std::int64_t now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return std::int64_t(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

void onSignal(int) {
  std::int64_t first = 0;
  const std::int64_t time = now();
  if (asked_at.compare_exchange_strong(first, time) || time - first < kSameRequest) return;
  for (TemporarySlot& slot : temporary_slots) {
    if (slot.used.load() && unlink(slot.path) != 0) rmdir(slot.path);
  }
  _exit(static_cast<int>(ExitStatus::kInterrupted));
}

}  // namespace

void installInterruptHandler() {
  struct sigaction action {};
  action.sa_handler = onSignal;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  signal(SIGPIPE, SIG_IGN);
}

bool interrupted() {
  return asked_at.load(std::memory_order_relaxed) != 0;
}

void throwIfInterrupted() {
  if (interrupted()) {
    throw Error(
        {&codes::kRunInterrupted, "Stopped on request; nothing half-written was left.", "Run the command again."});
  }
}

void setInterrupted(bool value) {
  asked_at.store(value ? now() : 0);
}

void registerTemporaryFile(const std::string& path) {
  std::lock_guard lock(temporary_slots_mutex);
  for (TemporarySlot& slot : temporary_slots) {
    if (slot.used.load() || path.size() >= sizeof slot.path) continue;
    std::memcpy(slot.path, path.c_str(), path.size() + 1);
    slot.used.store(true);
    return;
  }
}

void forgetTemporaryFile(const std::string& path) {
  std::lock_guard lock(temporary_slots_mutex);
  for (TemporarySlot& slot : temporary_slots) {
    if (slot.used.load() && path == slot.path) slot.used.store(false);
  }
}

}  // namespace ocrdet
