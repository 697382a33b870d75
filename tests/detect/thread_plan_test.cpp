#include "detect/thread_plan.h"

#include <gtest/gtest.h>

#include "base/processors.h"

namespace ocrdet {
namespace {

struct ThreadCase {
  int threads, images, batch;
  ExecutionProvider provider;
  int session, pictures;
};

TEST(ThreadPlan, NeverExceedsTheBudget) {
  for (const auto provider : {ExecutionProvider::kCpu, ExecutionProvider::kCuda})
    for (int threads = 1; threads <= 16; ++threads)
      for (int images = 1; images <= 32; images *= 2)
        for (int batch = 0; batch <= 8; ++batch) {
          DetectorOptions options;
          options.threads = threads;
          options.images_at_a_time = images;
          options.batch = batch;
          options.provider = provider;
          const ThreadPlan plan = planThreads(options);
          EXPECT_GE(plan.session, 1);
          EXPECT_GE(plan.pictures, 1);
          EXPECT_EQ(plan.session - 1 + plan.pictures, threads);
          EXPECT_GE(plan.callers, plan.pictures);
        }
}

TEST(ThreadPlan, DividesAsAsked) {
  const ThreadCase cases[] = {
      {4, 1, 1, ExecutionProvider::kCpu, 4, 1},   // one picture has all
      {4, 4, 1, ExecutionProvider::kCpu, 1, 4},   // each picture has one
      {4, 2, 1, ExecutionProvider::kCpu, 3, 2},   // two callers share two more
      {2, 9, 1, ExecutionProvider::kCpu, 1, 2},   // no more pictures than threads
      {4, 1, 8, ExecutionProvider::kCpu, 2, 3},   // half for the batch
      {4, 1, 0, ExecutionProvider::kCuda, 1, 4},  // an accelerator takes batches by itself
      {4, 1, 1, ExecutionProvider::kCuda, 4, 1},
  };
  for (const ThreadCase& c : cases) {
    DetectorOptions options;
    options.threads = c.threads;
    options.images_at_a_time = c.images;
    options.batch = c.batch;
    options.provider = c.provider;
    const ThreadPlan plan = planThreads(options);
    EXPECT_EQ(plan.session, c.session) << c.threads << ' ' << c.images << ' ' << c.batch;
    EXPECT_EQ(plan.pictures, c.pictures) << c.threads << ' ' << c.images << ' ' << c.batch;
  }
}

TEST(ThreadPlan, TakesEveryUsableProcessorByDefault) {
  EXPECT_EQ(planThreads({}).session, usableProcessors());
}

}  // namespace
}  // namespace ocrdet
