// Counting threads of this process that compute, by the processor time that the kernel has written down for each.
#pragma once

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <thread>

namespace ocrdet::test {

struct ThreadCount {
  int computing = 0;      // threads with at least a twentieth of the processor time of the busiest
  int alive = 0;          // the most at a time, less those there were before
  double processors = 0;  // processor time of all by time passed: how many were kept busy on average
};

// Nanoseconds on a processor by thread, without the thread that asks.
inline std::map<std::string, std::int64_t> processorTimes() {
  std::map<std::string, std::int64_t> times;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    const std::string id = task.path().filename();
    if (id == std::to_string(gettid())) continue;
    std::ifstream(task.path() / "schedstat") >> times[id];
  }
  return times;
}

// Runs `work` and counts threads meanwhile.
template <typename Work>
ThreadCount countThreads(const Work& work) {
  using Clock = std::chrono::steady_clock;
  std::map<std::string, std::int64_t> before, used;
  std::size_t most_alive = 0;
  std::atomic<bool> ready = false, done = false;
  std::jthread observer([&] {
    before = processorTimes();
    ready = true;
    while (!done) {
      const auto now = processorTimes();
      most_alive = std::max(most_alive, now.size());
      for (const auto& [id, time] : now) used[id] = std::max(used[id], time - before[id]);
      std::this_thread::sleep_for(std::chrono::milliseconds(3));
    }
  });
  while (!ready) std::this_thread::yield();
  const auto start = Clock::now();
  const std::clock_t processor_start = std::clock();
  const std::size_t alive_before = before.size();
  work();
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  const double processor_seconds = double(std::clock() - processor_start) / CLOCKS_PER_SEC;
  done = true;
  observer.join();
  std::int64_t busiest = 1;
  for (const auto& [id, time] : used) busiest = std::max(busiest, time);
  ThreadCount count;
  for (const auto& [id, time] : used) count.computing += time * 20 >= busiest;
  count.alive = int(most_alive) - int(alive_before);
  count.processors = processor_seconds / seconds;
  return count;
}

}  // namespace ocrdet::test
