// What is said of memory before a run starts, and when a run sees no text.
#include "train/symptoms.h"

#include <gmock/gmock.h>

#include <string>

#include "base/available_memory.h"
#include "ocrdet/error.h"

namespace ocrdet {
namespace {

using testing::HasSubstr;

TrainingBatch leftOut(int pictures) {
  TrainingBatch batch;
  batch.count = 8;
  batch.left_out = batch.ignored = pictures;
  return batch;
}

TEST(Symptoms, AreManyPicturesWhoseTextsAreAllLeftOut) {
  Observations seen;
  for (int i = 0; i < 159; ++i) seeBatch(seen, leftOut(1), false);
  try {
    seeBatch(seen, leftOut(1), false);
    ADD_FAILURE() << "160 pictures without text to learn from";
  } catch (const Error& error) {
    EXPECT_STREQ(error.code().name, "train.all-ignored");
    EXPECT_THAT(error.what(), HasSubstr("160 pictures"));
  }
}

// Where one picture in a hundred has text, there is none for a long time.
TEST(Symptoms, AreNotPicturesWithoutTexts) {
  Observations seen;
  for (int i = 0; i < 1000; ++i) seeBatch(seen, leftOut(0), false);
}

TEST(Symptoms, AreNoneOnceTextWasSeen) {
  Observations seen;
  seeBatch(seen, leftOut(8), true);
  for (int i = 0; i < 100; ++i) seeBatch(seen, leftOut(8), false);
}

// Each of these processes would fit alone.
TEST(BatchMemory, IsThatOfAllProcessesOfTheMachine) {
  const auto available = availableMemory();
  if (!available) GTEST_SKIP() << "the system does not say how much memory is available";
  TrainingOptions options;
  options.processes = options.batch = int(*available / predictedTrainingMemory(1, options.size, false)) + 2;
  EXPECT_NO_THROW(checkBatchMemory(options, {options.size}, false, false)) << "on machines of their own";
  options.processes_here = options.processes;
  EXPECT_THROW(checkBatchMemory(options, {options.size}, false, false), Error);
}

TEST(BatchMemory, IsThatOfTheLargestSize) {
  if (!availableMemory()) GTEST_SKIP() << "the system does not say how much memory is available";
  TrainingOptions options;
  options.batch = 1;
  EXPECT_NO_THROW(checkBatchMemory(options, {64, 32}, false, false));
  EXPECT_THROW(checkBatchMemory(options, {64, 1 << 20, 32}, false, false), Error);
}

TEST(BatchMemory, AdvisesTheWholeBatchOfAllProcesses) {
  EXPECT_THAT(adviceOnBatch(3, 4), HasSubstr("--batch 12,"));
  EXPECT_THAT(adviceOnBatch(0, 4), HasSubstr("not even one picture"));
}

}  // namespace
}  // namespace ocrdet
