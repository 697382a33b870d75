// The learner around the network: what it leaves behind when something goes wrong, and what it says then.
#include "train/learner.h"

#include <gmock/gmock.h>
#include <sys/resource.h>

#include <fstream>

#include "ocrdet/error.h"
#include "support/formula_weights.h"
#include "support/sanitized.h"
#include "train/starting_weights.h"

namespace ocrdet {
namespace {

Learner formulaLearner(double average) {
  TrainingOptions options;
  options.average = average;
  return Learner(test::startingWeights(), options, Computing{});
}

// One picture whose left half is text.
TrainingBatch halfTextBatch() {
  TrainingBatch batch;
  batch.count = 1, batch.size = 64;
  constexpr std::size_t kPlane = 64 * 64;
  batch.pixels = test::formulaImage(64, 64);
  batch.text.resize(kPlane);
  for (std::size_t i = 0; i < kPlane; ++i) batch.text[i] = i % 64 < 32;
  batch.text_mask.assign(kPlane, 1);
  batch.border_mask.assign(kPlane, 1);
  batch.border.assign(kPlane, 0.3F);
  return batch;
}

TEST(Learner, LearnsOnAsBeforeAValidationThatFailed) {
  for (const double average : {0.0, 0.999}) {
    Learner undisturbed = formulaLearner(average), disturbed = formulaLearner(average);
    // Maps of neighbouring levels do not meet.
    EXPECT_ANY_THROW(disturbed.probabilities(std::vector<float>(3 * 40 * 40), 40, 40));
    const StepReport expected = undisturbed.step(halfTextBatch(), {}, 0.01),
                     found = disturbed.step(halfTextBatch(), {}, 0.01);
    EXPECT_EQ(found.total, expected.total);
    EXPECT_EQ(found.border, expected.border);
    EXPECT_EQ(found.gradient_norm, expected.gradient_norm);
  }
}

TEST(Learner, ReportsLossesThatAddUp) {
  Learner learner = formulaLearner(0);
  const TrainingBatch batch = halfTextBatch();
  const StepReport plain = learner.step(batch, {}, 1e-6);
  EXPECT_NEAR(plain.total, 5 * plain.text + 10 * plain.border + plain.dice, 1e-4 * plain.total);
  EXPECT_EQ(plain.teacher, 0);
  const StepReport taught = learner.step(batch, std::vector<float>(batch.text.size(), 0.9F), 1e-6);
  EXPECT_GT(taught.teacher, 0);
  EXPECT_NEAR(taught.total, 5 * taught.text + 10 * taught.border + taught.dice + 5 * taught.teacher,
              1e-4 * taught.total);
}

std::size_t addressSpaceInUse() {
  std::size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  return pages * std::size_t(sysconf(_SC_PAGESIZE));
}

TEST(Learner, SaysWhichPictureDoesNotFitIntoMemory) {
  if (test::kSanitized) GTEST_SKIP() << "sanitizers reserve address space of their own";
  Learner learner = formulaLearner(0.999);
  constexpr int kSide = 2048;
  const std::vector<float> planes(std::size_t(3) * kSide * kSide);
  rlimit before{};
  getrlimit(RLIMIT_AS, &before);
  const rlimit small{addressSpaceInUse() + (std::size_t{200} << 20), before.rlim_max};
  setrlimit(RLIMIT_AS, &small);
  std::string code, words;
  try {
    learner.probabilities(planes, kSide, kSide);
  } catch (const Error& error) {
    code = error.code().name, words = error.what();
  }
  setrlimit(RLIMIT_AS, &before);
  EXPECT_EQ(code, "train.out-of-memory");
  EXPECT_THAT(words, testing::HasSubstr("2048×2048"));
}

}  // namespace
}  // namespace ocrdet
