// The learner around the network: what it leaves behind when something goes wrong, and what it says then.
#include "train/learner.h"

#include <gmock/gmock.h>
#include <sys/resource.h>

#include <cmath>
#include <fstream>

#include "ocrdet/error.h"
#include "support/formula_weights.h"
#include "support/sanitized.h"
#include "train/initial_weights.h"
#include "train/starting_weights.h"

namespace ocrdet {
namespace {

Learner formulaLearner(double average, double keep_initial = 0) {
  TrainingOptions options;
  options.average = average;
  options.keep_initial = keep_initial;
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
  for (const auto& [average, keep_initial] : {std::pair{0.0, 0.0}, {0.999, 0.0}, {0.0, 0.7}}) {
    Learner undisturbed = formulaLearner(average, keep_initial), disturbed = formulaLearner(average, keep_initial);
    // Maps of neighbouring levels do not meet.
    EXPECT_ANY_THROW(disturbed.probabilities(std::vector<float>(3 * 40 * 40), 40, 40));
    const StepReport expected = undisturbed.step(halfTextBatch(), {}, 0.01),
                     found = disturbed.step(halfTextBatch(), {}, 0.01);
    EXPECT_EQ(found.total, expected.total);
    EXPECT_EQ(found.border, expected.border);
    EXPECT_EQ(found.gradient_norm, expected.gradient_norm);
  }
}

std::vector<float> mapOf(Learner& learner) {
  return learner.probabilities(test::formulaInput(1, 64, 64), 64, 64);
}

void expectSame(const Weights& found, const Weights& expected) {
  for (const auto& [name, tensor] : expected) EXPECT_EQ(toFloat32(found.at(name)), toFloat32(tensor)) << name;
}

TEST(Learner, StartsAsTheInitialWeightsWhateverShareOfThemIsKept) {
  for (const double average : {0.0, 0.999}) {
    Learner mixing = formulaLearner(average, 0.7), plain = formulaLearner(average);
    expectSame(mixing.bestGuess(), test::startingWeights());
    EXPECT_EQ(mapOf(mixing), mapOf(plain));
  }
}

TEST(Learner, MixesTheInitialWeightsIntoItsGuessAlone) {
  // A share that no float shows: statistics are fixed as with a larger one.
  constexpr double kShare = 0.7, kNearlyNothing = 1e-30;
  const Weights initial = test::startingWeights();
  for (const double average : {0.0, 0.999}) {
    Learner mixing = formulaLearner(average, kShare), trained = formulaLearner(average, kNearlyNothing);
    for (int step = 0; step < 2; ++step) {
      const StepReport found = mixing.step(halfTextBatch(), {}, 0.01),
                       expected = trained.step(halfTextBatch(), {}, 0.01);
      EXPECT_EQ(found.total, expected.total);
      EXPECT_EQ(found.gradient_norm, expected.gradient_norm);

      const Weights guess = mixing.bestGuess(), learnt = trained.bestGuess();
      double moved = 0;
      for (const auto& [name, tensor] : learnt) {
        const std::vector<float> own = toFloat32(guess.at(name)), end = toFloat32(tensor);
        if (name.ends_with("num_batches_tracked")) {
          EXPECT_EQ(own, end) << name;
          continue;
        }
        const std::vector<float> start = toFloat32(initial.at(name));
        const double share = name.starts_with("decoder.binarize.") ? std::cbrt(kShare) : kShare;
        for (std::size_t i = 0; i < own.size(); ++i) {
          const double mixture = (1 - share) * end[i] + share * start[i];
          ASSERT_NEAR(own[i], mixture, 1e-6 * std::max(1.0, std::abs(mixture))) << name;
          moved = std::max(moved, std::abs(mixture - start[i]));
        }
      }
      EXPECT_GT(moved, 1e-3);

      TrainingOptions options;
      options.average = average;
      Learner fresh(guess, options, Computing{});
      EXPECT_EQ(mapOf(mixing), mapOf(fresh)) << "after step " << step;
    }
  }
}

TEST(Learner, FixesTheStatisticsOfARunThatKeepsInitialWeights) {
  const Weights initial = test::startingWeights();
  for (const double share : {0.0, 0.7}) {
    Learner learner = formulaLearner(0, share);
    learner.step(halfTextBatch(), {}, 0.01);
    const Weights guess = learner.bestGuess();
    for (const char* name : {"backbone.bn1.running_mean", "decoder.binarize.4.running_var"})
      EXPECT_EQ(toFloat32(guess.at(name)) == toFloat32(initial.at(name)), share > 0) << name;
    EXPECT_NE(toFloat32(guess.at("backbone.bn1.weight")), toFloat32(initial.at("backbone.bn1.weight")));
  }
}

// What the state holds is enough to go on with the same bits, from whatever weights the learner was made.
TEST(Learner, GoesOnWithTheInitialWeightsOfItsState) {
  TrainingOptions options;
  options.keep_initial = 0.7;
  Learner whole = formulaLearner(0.999, 0.7), resumed(randomWeights(5), options, Computing{});
  whole.step(halfTextBatch(), {}, 0.01);
  std::vector<NamedTensor> state;
  whole.save(state);
  resumed.load(state);
  EXPECT_EQ(mapOf(resumed), mapOf(whole));
  for (Learner* learner : {&whole, &resumed}) learner->step(halfTextBatch(), {}, 0.005);
  expectSame(resumed.bestGuess(), whole.bestGuess());
  EXPECT_EQ(mapOf(resumed), mapOf(whole));
}

std::string codeOfLoading(const std::vector<NamedTensor>& state, double keep_initial) {
  Learner learner = formulaLearner(0.999, keep_initial);
  try {
    learner.load(state);
  } catch (const Error& error) {
    return error.code().name;
  }
  return "";
}

TEST(Learner, RefusesAStateThatKeptAnotherShareOrLostInitialWeights) {
  std::vector<NamedTensor> without, with;
  formulaLearner(0.999).save(without);
  formulaLearner(0.999, 0.7).save(with);
  EXPECT_EQ(codeOfLoading(without, 0), "");
  EXPECT_EQ(codeOfLoading(without, 0.7), "train.resume-differs");
  EXPECT_EQ(codeOfLoading(with, 0), "train.resume-differs");
  EXPECT_EQ(codeOfLoading(with, 0.5), "train.resume-differs");
  EXPECT_EQ(codeOfLoading(with, 0.7), "");
  std::erase_if(with, [](const NamedTensor& entry) { return entry.name == "initial/decoder.in2.weight"; });
  EXPECT_EQ(codeOfLoading(with, 0.7), "train.state-damaged");
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
