#include "runtime/interrupt_watch.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>
#include <stop_token>
#include <thread>

#include "base/cancellation.h"

namespace ocrdet {
namespace {

using namespace std::chrono_literals;

class Watcher {
 public:
  Watcher() : thread_([this](const std::stop_token& stop) { watch(stop); }) {}

  void add(Ort::RunOptions& run) {
    const std::lock_guard lock(mutex_);
    runs_.insert(&run);
    changed_.notify_one();
  }

  void remove(Ort::RunOptions& run) {
    const std::lock_guard lock(mutex_);
    runs_.erase(&run);
  }

 private:
  void watch(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (changed_.wait(lock, stop, [this] { return !runs_.empty(); })) {
      if (interrupted())
        for (Ort::RunOptions* run : runs_) run->SetTerminate();
      changed_.wait_for(lock, stop, 20ms, [] { return false; });
    }
  }

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::set<Ort::RunOptions*> runs_;
  std::jthread thread_;  // last: it uses the others from its first moment
};

Watcher& watcher() {
  static Watcher instance;
  return instance;
}

}  // namespace

InterruptWatch::InterruptWatch(Ort::RunOptions& run) : run_(run) {
  watcher().add(run_);
}

InterruptWatch::~InterruptWatch() {
  watcher().remove(run_);
}

}  // namespace ocrdet
