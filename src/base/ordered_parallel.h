// Work on many items at a time, results in the order of the items.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace ocrdet {

// Calls produce(0 … count − 1) on `workers` threads, and consume(index, result) on the calling thread in order. At most
// two results a worker wait for their turn, so memory stays bounded however uneven the work is. The first exception, of
// produce in the order of the items or of consume, ends the run and is thrown once all workers have stopped. With one
// worker everything happens on the calling thread.
template <typename Produce, typename Consume>
void orderedParallel(std::size_t count, int workers, const Produce& produce, const Consume& consume) {
  using Result = std::invoke_result_t<Produce, std::size_t>;
  if (workers <= 1 || count <= 1) {
    for (std::size_t i = 0; i < count; ++i) consume(i, produce(i));
    return;
  }

  struct {
    std::mutex mutex;
    std::condition_variable changed;
    std::size_t next = 0, consumed = 0;
    std::map<std::size_t, std::variant<Result, std::exception_ptr>> waiting;
    bool stop = false;
  } shared;
  const std::size_t window = 2 * static_cast<std::size_t>(workers);

  const auto work = [&] {
    std::unique_lock lock(shared.mutex);
    while (true) {
      shared.changed.wait(
          lock, [&] { return shared.stop || shared.next == count || shared.next < shared.consumed + window; });
      if (shared.stop || shared.next == count) return;
      const std::size_t index = shared.next++;
      lock.unlock();
      std::variant<Result, std::exception_ptr> outcome(std::in_place_index<1>);
      try {
        outcome.template emplace<0>(produce(index));
      } catch (...) {
        outcome.template emplace<1>(std::current_exception());
      }
      lock.lock();
      shared.waiting.emplace(index, std::move(outcome));
      shared.changed.notify_all();
    }
  };

  // Declared after `shared`, so that the threads are joined before it goes, and told to stop before they are joined.
  std::vector<std::jthread> threads;
  struct Stop {
    decltype(shared)& state;
    ~Stop() {
      const std::lock_guard lock(state.mutex);
      state.stop = true;
      state.changed.notify_all();
    }
  };
  const Stop stop{shared};
  for (int i = 0; i < workers; ++i) threads.emplace_back(work);

  for (std::size_t i = 0; i < count; ++i) {
    std::unique_lock lock(shared.mutex);
    shared.changed.wait(lock, [&] { return shared.waiting.contains(i); });
    auto outcome = std::move(shared.waiting.extract(i).mapped());
    lock.unlock();
    if (outcome.index() == 1) std::rethrow_exception(std::get<1>(outcome));
    consume(i, std::move(std::get<0>(outcome)));
    lock.lock();
    shared.consumed = i + 1;
    shared.changed.notify_all();
  }
}

}  // namespace ocrdet
