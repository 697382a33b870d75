// A detector over a small set, around a network whose answer is known.
#include "eval/evaluation.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "detect/tiny_network.h"
#include "image/encode.h"
#include "image/image.h"

namespace ocrdet {
namespace {

namespace fs = std::filesystem;

// Three pictures of one white bar each; truth is the bar, the bar and one that is not there, and a don't-care bar.
class SmallSet : public ::testing::Test {
 protected:
  SmallSet() : folder_(fs::path(::testing::TempDir()) / ("evaluation_" + std::to_string(getpid()))) {
    fs::create_directories(folder_);
    write("model.onnx", test::onnxBytes({}));
    for (const char* name : {"a", "b", "c"}) {
      Image image = makeImage(320, 480);
      for (int y = 100; y < 140; ++y) std::fill_n(image.row(y) + 3 * 100, 3 * 200, std::uint8_t(255));
      write(std::string(name) + ".png", encodePng(image));
    }
    write("a.txt", "100,100,299,100,299,139,100,139,one\n");
    write("b.txt", "100,100,299,100,299,139,100,139,one\n10,10,60,10,60,30,10,30,absent\n");
    write("c.txt", "100,100,299,100,299,139,100,139,###\n");
    options_.detector.unclip_ratio = 0;
    options_.detector.threads = 2;
  }
  ~SmallSet() override { fs::remove_all(folder_); }

  void write(const std::string& name, const std::string& bytes) {
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
  }
  Evaluation run() { return evaluate(folder_ / "model.onnx", findTruth(folder_, "test"), options_); }

  fs::path folder_;
  EvaluationOptions options_;
};

TEST_F(SmallSet, GivesFiguresOfTheSetAndOfEachPicture) {
  for (const int at_a_time : {1, 2}) {
    options_.detector.images_at_a_time = at_a_time;
    const Evaluation evaluation = run();
    EXPECT_EQ(evaluation.score.matched, 2);
    EXPECT_EQ(evaluation.score.truth_cared, 3);
    EXPECT_EQ(evaluation.score.found_cared, 2);
    EXPECT_DOUBLE_EQ(evaluation.score.precision, 1);
    EXPECT_DOUBLE_EQ(evaluation.score.recall, 2.0 / 3);
    ASSERT_EQ(evaluation.images.size(), 3U);
    EXPECT_EQ(evaluation.images[1].files.image.filename(), "b.png");
    EXPECT_DOUBLE_EQ(evaluation.images[1].score.recall, 0.5);
    EXPECT_EQ(evaluation.images[2].score.found_excluded, std::vector<int>{0});
    EXPECT_TRUE(evaluation.sweep.empty());
  }
}

TEST_F(SmallSet, NamesEveryUnreadableTruthBeforeItLooksAtAPicture) {
  write("b.txt", "no numbers\n");
  write("c.txt", "1,2,3\n");
  int looked_at = 0;
  options_.with_picture = [&](const EvaluatedImage&, const Image&) { ++looked_at; };
  try {
    run();
    FAIL() << "broken truth was accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.problems().size(), 2U);
  }
  EXPECT_EQ(looked_at, 0);
}

TEST_F(SmallSet, SaysWhichShapesCountForNothing) {
  write("b.txt", "100,100,299,100,100,139,299,139,crossed\n100,100,299,100,299,139,100,139,one\n");
  const Evaluation evaluation = run();
  EXPECT_EQ(evaluation.score.truth_unusable, 1);
  EXPECT_EQ(evaluation.images[1].score.truth_unusable, std::vector<int>{0});
  EXPECT_EQ(evaluation.images[1].score.pairs.size(), 1U);
  EXPECT_EQ(fatesOf(evaluation.images[1]).truth, (std::vector{TruthFate::kUnusable, TruthFate::kFound}));
}

// A long bar and a short one, with a bridge between them of which the network says 0.4: one candidate with a score of
// 0.3, which is a box from 0.2 and two from 0.45.
Image joinedBars() {
  Image image = makeImage(320, 480);
  const auto fill = [&](int top, int bottom, int width, int grey) {
    for (int y = top; y < bottom; ++y) std::fill_n(image.row(y) + 3 * 100, 3 * width, std::uint8_t(grey));
  };
  fill(140, 220, 10, 111);
  fill(100, 140, 200, 255);
  fill(220, 260, 50, 255);
  return image;
}

TEST_F(SmallSet, SweepAgreesWithRunsAtEachOfItsRows) {
  options_.sweep = true;
  options_.grid = {{0.2, 0.6}, {0.2, 0.45, 0.9}, {0, 2.5}};
  write("d.png", encodePng(joinedBars()));
  write("d.txt", "100,100,299,100,299,139,100,139,one\n100,220,149,220,149,259,100,259,two\n");
  const std::vector<SweepRow> rows = run().sweep;
  ASSERT_EQ(rows.size(), 12U);
  EXPECT_TRUE(std::is_sorted(rows.begin(), rows.end(),
                             [](const SweepRow& a, const SweepRow& b) { return a.score.hmean > b.score.hmean; }));
  EXPECT_GT(rows.front().score.hmean, rows.back().score.hmean) << "boxes grown by 2.5 are too large";
  options_.sweep = false;
  for (const SweepRow& row : rows) {
    options_.detector.pixel_threshold = row.pixel_threshold;
    options_.detector.box_threshold = row.box_threshold;
    options_.detector.unclip_ratio = row.unclip_ratio;
    EXPECT_DOUBLE_EQ(run().score.hmean, row.score.hmean);
  }
}

TEST_F(SmallSet, CountsTheTruthOfUnreadablePicturesAsMissed) {
  write("b.png", "no picture");
  options_.sweep = true;
  const Evaluation evaluation = run();
  ASSERT_EQ(evaluation.failures.size(), 1U);
  EXPECT_STREQ(evaluation.failures[0].problem.code->name, "image.unsupported");
  EXPECT_EQ(evaluation.score.truth_cared, 3);
  EXPECT_EQ(evaluation.score.matched, 1);
  EXPECT_EQ(evaluation.sweep.front().score.truth_cared, 3);
}

}  // namespace
}  // namespace ocrdet
