// Two processes act as one: threads stand for them here, each with a group, a network and half of the pictures of its
// own; tests/train/trainer_program_test.cpp starts real ones.
//
// Networks compute in double here: float32 sums of another order move a few values across a ReLU's kink, and gradients
// with them by some 1e-4, in one process too.
#include "train/processes.h"

#include <gmock/gmock.h>
#include <unistd.h>

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
    EXPECT_LE(difference, 1e-4 * std::max(1.0, tensor.abs().max().item<double>())) << name;
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

TEST(Processes, SayWhereTheyCouldNotMeet) {
  try {
    const Processes processes("localhost:door", 1, 2);
    FAIL() << "met at a place that is none";
  } catch (const Error& error) {
    EXPECT_STREQ(error.code().name, "train.processes-failed");
    EXPECT_THAT(error.problems().front().message, testing::HasSubstr("Process 1 of 2"));
  }
}

}  // namespace
}  // namespace ocrdet
