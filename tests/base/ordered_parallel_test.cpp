#include "base/ordered_parallel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <set>
#include <stdexcept>

namespace ocrdet {
namespace {

using namespace std::chrono_literals;

TEST(OrderedParallel, DeliversInOrderWhateverFinishesFirst) {
  for (const int workers : {1, 2, 7}) {
    std::vector<std::size_t> order;
    orderedParallel(
        50, workers,
        [](std::size_t i) {
          std::this_thread::sleep_for((i * 7 % 5) * 300us);
          return std::make_unique<std::size_t>(i * i);  // results need not be copyable
        },
        [&](std::size_t i, std::unique_ptr<std::size_t>&& square) {
          EXPECT_EQ(*square, i * i);
          order.push_back(i);
        });
    ASSERT_EQ(order.size(), 50U);
    EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
  }
}

TEST(OrderedParallel, KeepsAtMostTwoResultsAWorkerWaiting) {
  std::atomic<int> produced = 0, most_ahead = 0;
  int consumed = 0;
  orderedParallel(
      40, 3, [&](std::size_t i) { return ++produced, i; },
      [&](std::size_t, std::size_t) {
        std::this_thread::sleep_for(1ms);
        most_ahead = std::max(most_ahead.load(), produced - consumed);
        ++consumed;
      });
  EXPECT_EQ(consumed, 40);
  EXPECT_LE(most_ahead, 6);
}

TEST(OrderedParallel, UsesAsManyThreadsAsAskedFor) {
  std::mutex mutex;
  std::set<std::thread::id> threads;
  const auto note = [&](std::size_t i) {
    std::this_thread::sleep_for(2ms);
    const std::lock_guard lock(mutex);
    threads.insert(std::this_thread::get_id());
    return i;
  };
  const auto ignore = [](std::size_t, std::size_t) {};
  orderedParallel(30, 3, note, ignore);
  EXPECT_EQ(threads.size(), 3U);
  threads.clear();
  orderedParallel(30, 1, note, ignore);
  EXPECT_EQ(threads, std::set{std::this_thread::get_id()});
}

TEST(OrderedParallel, ThrowsTheFirstFailureAfterWhatCameBefore) {
  for (const int workers : {1, 4}) {
    std::vector<std::size_t> delivered;
    const auto fails_at_five = [](std::size_t i) {
      if (i >= 5) throw std::runtime_error("item " + std::to_string(i));
      return i;
    };
    try {
      orderedParallel(20, workers, fails_at_five, [&](std::size_t i, std::size_t) { delivered.push_back(i); });
      FAIL() << "nothing was thrown";
    } catch (const std::runtime_error& error) {
      EXPECT_STREQ(error.what(), "item 5");
    }
    EXPECT_EQ(delivered.size(), 5U);
  }
}

TEST(OrderedParallel, StopsWhenTheConsumerThrows) {
  std::atomic<int> produced = 0;
  EXPECT_THROW(orderedParallel(
                   1000, 4, [&](std::size_t i) { return ++produced, i; },
                   [](std::size_t i, std::size_t) {
                     if (i == 3) throw std::runtime_error("enough");
                   }),
               std::runtime_error);
  EXPECT_LT(produced, 50);
}

}  // namespace
}  // namespace ocrdet
