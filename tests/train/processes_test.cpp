// Two processes act as one: threads stand for them here, each with a group, a network and half of the pictures of its
// own; tests/train/trainer_processes_test.cpp starts real ones.
//
// Networks compute in double here: float32 sums of another order move a few values across a ReLU's kink, and gradients
// with them by some 1e-4, in one process too.
#include "train/processes.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <thread>

#include "ocrdet/error.h"
#include "train/initial_weights.h"

namespace ocrdet {
namespace {

constexpr int kPictures = 4, kSide = 96;

class TwoProcesses : public testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove(meeting_); }

  std::string meeting() const { return meeting_; }

  void run(const std::function<void(const Processes&, int number)>& work) const {
    std::vector<std::thread> threads;
    for (int number = 0; number < 2; ++number)
      threads.emplace_back([&, number] { work(Processes(meeting_, number, 2), number); });
    for (std::thread& thread : threads) thread.join();
  }

 private:
  const std::string meeting_ = testing::TempDir() + "/meeting_" + std::to_string(getpid());
};

struct Batch {
  at::Tensor images;
  BatchTargets targets;
  Batch part(int first, int count) const {
    const auto cut = [&](const at::Tensor& all) { return all.narrow(0, first, count); };
    return {cut(images),
            {cut(targets.text), cut(targets.text_mask), cut(targets.border), cut(targets.border_mask),
             cut(targets.teacher)}};
  }
};

// Pictures with very different shares of text, so that hard negatives are not shared evenly.
Batch unevenBatch() {
  torch::manual_seed(5);
  Batch batch{at::randn({kPictures, 3, kSide, kSide}, at::kDouble), {}};
  const at::Tensor shares = at::tensor({0.3, 0.02, 0.0, 0.1}).view({kPictures, 1, 1});
  const auto random = [] { return at::rand({kPictures, kSide, kSide}); };
  batch.targets = {(random() < shares).to(at::kFloat), (random() < 0.9).to(at::kFloat), random(),
                   (random() < 2 * shares).to(at::kFloat), random() * (random() < shares).to(at::kFloat)};
  return batch;
}

struct Outcome {
  double loss = 0;
  std::map<std::string, at::Tensor> gradients, statistics;
};

Outcome learnFrom(const Batch& batch, const Together& together) {
  Network network;
  setWeights(network, randomWeights(3));
  network.to(at::kDouble);
  network.computeIn(at::kDouble);
  network.train();
  network.shareBatchStatistics(together.sums.sum);
  const Losses losses = computeLosses(network.forward(batch.images), batch.targets, {}, together.sums);
  losses.total.backward();
  Outcome outcome{losses.total.item<double>(), {}, {}};
  std::vector<at::Tensor> gradients;
  for (const auto& item : network.named_parameters()) {
    gradients.push_back(item.value().grad());
    outcome.gradients[item.key()] = gradients.back();
  }
  if (together.averageGradients) together.averageGradients(gradients);
  for (const auto& item : network.named_buffers()) outcome.statistics[item.key()] = item.value();
  return outcome;
}

void expectClose(const std::map<std::string, at::Tensor>& found, const std::map<std::string, at::Tensor>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (const auto& [name, tensor] : expected) {
    const double difference = (found.at(name) - tensor).abs().max().item<double>();
    EXPECT_LE(difference, 1e-4 * tensor.abs().max().item<double>() + 1e-12) << name;
  }
}

TEST_F(TwoProcesses, GiveTheGradientsOfOne) {
  const Batch batch = unevenBatch();
  const Outcome one = learnFrom(batch, {});
  Outcome halves[2];
  run([&](const Processes& processes, int number) {
    halves[number] = learnFrom(batch.part(2 * number, 2), processes.together());
  });
  for (const Outcome& half : halves) {
    EXPECT_NEAR(half.loss, one.loss, 1e-4 * one.loss);
    expectClose(half.gradients, one.gradients);
    expectClose(half.statistics, one.statistics);
  }
  // The halves alone would give others: what is exchanged matters.
  const Outcome alone = learnFrom(batch.part(0, 2), {});
  EXPECT_GT(std::abs(alone.loss - one.loss), 1e-2 * one.loss);
}

TEST_F(TwoProcesses, HearOfAnInterruptionInEither) {
  bool heard[2] = {}, silent[2] = {true, true};
  double first[2] = {};
  run([&](const Processes& processes, int number) {
    silent[number] = processes.any(false);
    heard[number] = processes.any(number == 1);
    first[number] = processes.fromFirst(number == 0 ? 0.25 : 7);
  });
  for (int number = 0; number < 2; ++number) {
    EXPECT_FALSE(silent[number]);
    EXPECT_TRUE(heard[number]);
    EXPECT_EQ(first[number], 0.25);
  }
}

// Of work that has to end with train.processes-failed.
Problem failureOf(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    EXPECT_STREQ(error.code().name, "train.processes-failed");
    return error.problems().front();
  }
  ADD_FAILURE() << "nothing failed";
  return {};
}

TEST_F(TwoProcesses, NoticeAtOnceThatTheOtherHasGone) {
  Problem first;
  const auto start = std::chrono::steady_clock::now();
  run([&](const Processes& processes, int number) {
    processes.any(false);
    if (number == 0) first = failureOf([&] { processes.any(false); });
  });
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
  EXPECT_EQ(first.message, "Process 0 of 2 lost the others: one of them stopped, or cannot be reached.");
  EXPECT_FALSE(first.cause.empty());
}

TEST_F(TwoProcesses, NoticeItInTheMiddleOfAStep) {
  const Batch batch = unevenBatch();
  Problem first;
  run([&](const Processes& processes, int number) {
    if (number == 0) first = failureOf([&] { learnFrom(batch.part(0, 2), processes.together()); });
  });
  EXPECT_THAT(first.message, testing::HasSubstr("lost the others"));
}

// What the first process saves when it lost the others must be the state before the step: batch norm has counted the
// batch by the time when gradients are exchanged.
TEST(Processes, LeaveTheStateAsItWasWhenAStepBreaksOff) {
  TrainingOptions options;
  options.size = kSide;
  Together together;
  together.averageGradients = [](const std::vector<at::Tensor>&) {
    throw Error({&codes::kTrainProcessesFailed, "Lost the others.", "Start again."});
  };
  Learner learner(randomWeights(3), options, {}, together);
  const std::size_t pixels = std::size_t{2} * kSide * kSide;
  TrainingBatch batch;
  batch.count = 2;
  batch.size = kSide;
  batch.pixels.assign(3 * pixels, 100);
  batch.text.assign(pixels, 1);
  batch.text_mask.assign(pixels, 1);
  batch.border_mask.assign(pixels, 1);
  batch.border.assign(pixels, 0.5F);
  std::vector<NamedTensor> before, after;
  learner.save(before);
  failureOf([&] { learner.step(batch, {}, 0.01); });
  learner.save(after);
  ASSERT_EQ(after.size(), before.size());
  for (std::size_t i = 0; i < before.size(); ++i)
    EXPECT_TRUE(std::ranges::equal(contiguousBytes(after[i].tensor), contiguousBytes(before[i].tensor)))
        << before[i].name;
}

TEST_F(TwoProcesses, AgreeOnTheSameTerms) {
  run([&](const Processes& processes, int) { processes.requireSame("rate = 0.1\nseed = 1\n"); });
}

TEST_F(TwoProcesses, BothNameTheTermThatDiffers) {
  std::string said[2];
  run([&](const Processes& processes, int number) {
    const std::string terms = number == 0 ? "rate = 0.1\nseed = 1\n" : "rate = 0.1\nseed = 2\n";
    said[number] = failureOf([&] { processes.requireSame(terms); }).message;
  });
  for (const std::string& message : said)
    EXPECT_EQ(message, "The processes differ: process 0 has `seed = 1`, process 1 has `seed = 2`.");
}

TEST_F(TwoProcesses, BothNameTheTermThatOneLacks) {
  std::string said[2];
  run([&](const Processes& processes, int number) {
    said[number] = failureOf([&] { processes.requireSame(number == 0 ? "rate = 0.1\n" : ""); }).message;
  });
  for (const std::string& message : said)
    EXPECT_EQ(message, "The processes differ: process 0 has `rate = 0.1`, process 1 has `nothing`.");
}

TEST_F(TwoProcesses, RefuseAThirdWithANumberThatIsTaken) {
  Problem third;
  run([&](const Processes& processes, int number) {
    processes.any(false);
    if (number == 0) third = failureOf([&] { Processes again(meeting(), 1, 2); });
    processes.any(false);
  });
  EXPECT_THAT(third.cause, testing::HasSubstr("number 1 is taken already"));
}

TEST_F(TwoProcesses, RefuseEachOtherWhenTheyCountDifferently) {
  std::string causes[2];
  std::vector<std::thread> threads;
  for (int number = 0; number < 2; ++number)
    threads.emplace_back(
        [&, number] { causes[number] = failureOf([&] { Processes group(meeting(), number, 2 + number); }).cause; });
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(causes[0], testing::HasSubstr("process 1 was started with --processes 3"));
  EXPECT_THAT(causes[1], testing::HasSubstr("process 0 was started with --processes 2"));
}

TEST(Processes, SayWhereTheyCouldNotMeet) {
  const Problem problem = failureOf([] { Processes processes("localhost:door", 1, 2); });
  EXPECT_THAT(problem.message, testing::HasSubstr("Process 1 of 2"));
  EXPECT_THAT(problem.cause, testing::HasSubstr("localhost:door"));
}

}  // namespace
}  // namespace ocrdet
