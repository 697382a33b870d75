// Synthetic pictures: labels against the ink that was really drawn, and the same pictures whatever the threads.
#include "synth/synth.h"

#include <glib.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <map>
#include <opencv2/imgproc.hpp>
#include <set>
#include <thread>

#include "base/sha256.h"
#include "dataset/check_truth.h"
#include "dataset/shape.h"
#include "ocrdet/error.h"
#include "synth/corpus.h"
#include "synth/fonts.h"

namespace ocrdet {
namespace {

SynthOptions inkOptions(SynthKind kind, synth::Level level, double chinese) {
  SynthOptions options;
  options.kinds = {kind};
  options.level = level;
  options.chinese = chinese;
  options.wear = false;
  options.keep_ink = true;
  options.size = {480, 480};
  return options;
}

std::map<int, std::vector<Point>> inkByLabel(const cv::Mat& ink) {
  std::map<int, std::vector<Point>> found;
  for (int y = 0; y < ink.rows; ++y)
    for (int x = 0; x < ink.cols; ++x)
      if (const int number = ink.at<int>(y, x)) found[number - 1].push_back({x + 0.5, y + 0.5});
  return found;
}

// How far the ink stays behind, or goes beyond, each side of a clockwise quad: the largest signed distance outwards.
std::array<double, 4> reachBeyondSides(const Polygon& quad, const std::vector<Point>& ink) {
  std::array<double, 4> reach;
  for (std::size_t i = 0; i < 4; ++i) {
    const Point &a = quad[i], &b = quad[(i + 1) % 4];
    const double length = std::hypot(b.x - a.x, b.y - a.y), nx = (b.y - a.y) / length, ny = -(b.x - a.x) / length;
    reach[i] = -1e9;
    for (const Point& point : ink) reach[i] = std::max(reach[i], (point.x - a.x) * nx + (point.y - a.y) * ny);
  }
  return reach;
}

double shorterSide(const Polygon& quad) {
  const auto side = [&](int i, int j) { return std::hypot(quad[i].x - quad[j].x, quad[i].y - quad[j].y); };
  return std::min(std::min(side(0, 1), side(2, 3)), std::min(side(1, 2), side(3, 0)));
}

bool isInside(const Polygon& quad, PixelSize picture) {
  const Extent extent = extentOf(quad);
  return extent.left >= 1 && extent.top >= 1 && extent.right <= picture.width - 1 &&
         extent.bottom <= picture.height - 1;
}

class EveryKind : public ::testing::TestWithParam<SynthKind> {};
INSTANTIATE_TEST_SUITE_P(Kinds, EveryKind, ::testing::ValuesIn(kAllSynthKinds), [](const auto& kind) {
  std::string text(name(kind.param));
  std::erase(text, '-');
  return text;
});

// The ink never leaves its quad by more than its softened edge, and touches all four sides but where something lies
// over it or the sheet is bent.
TEST_P(EveryKind, HasItsInkInsideTightQuads) {
  int labels = 0, loose = 0;
  for (const synth::Level level : {synth::Level::kWord, synth::Level::kLine})
    for (const double chinese : {0.0, 1.0})
      for (std::uint64_t index = 0; index < 4; ++index) {
        const SynthOptions options = inkOptions(GetParam(), level, chinese);
        const SynthImage made = synthesise(options, 11, index);
        for (const auto& [label, ink] : inkByLabel(made.ink)) {
          const TruthLine& truth = made.truth.at(std::size_t(label));
          if (truth.ignored || !isInside(truth.points, options.size)) continue;
          const auto reach = reachBeyondSides(truth.points, ink);
          const double farthest = *std::max_element(reach.begin(), reach.end());
          EXPECT_LE(farthest, 1.4) << name(made.kind) << " " << index << " \"" << truth.text << "\"";
          ++labels;
          loose += *std::min_element(reach.begin(), reach.end()) < -2 - 0.1 * shorterSide(truth.points);
        }
      }
  EXPECT_GT(labels, 20);
  EXPECT_LE(loose, labels * 0.06) << loose << " of " << labels << " quads are loose";
}

TEST_P(EveryKind, GivesTruthThatTheDoctorAccepts) {
  for (std::uint64_t index = 0; index < 12; ++index) {
    SynthOptions options;
    options.kinds = {GetParam()};
    options.size = {320, 448};
    const SynthImage made = synthesise(options, 3, index);
    std::vector<NumberedTruth> lines;
    for (const TruthLine& line : made.truth) lines.push_back({int(lines.size()) + 1, parseTruthLine(truthText(line))});
    Findings findings;
    checkShapes(lines, {options.size, options.size}, TruthForm::kQuads, findings);
    for (const SetFinding& finding : findings.kept())
      if (finding.kind->level != Level::kNote)
        ADD_FAILURE() << index << " " << finding.kind->code << ": " << finding.message;
    ASSERT_EQ(made.image.height, 320);
    ASSERT_EQ(made.image.width, 448);
  }
}

TEST_P(EveryKind, MostlyHasText) {
  int with_text = 0;
  SynthOptions options;
  options.kinds = {GetParam()};
  options.size = {320, 320};
  for (std::uint64_t index = 0; index < 10; ++index) {
    const SynthImage made = synthesise(options, 5, index);
    with_text += std::any_of(made.truth.begin(), made.truth.end(), [](const TruthLine& line) { return !line.ignored; });
  }
  EXPECT_GE(with_text, 8);
}

std::string digest(const Image& image) {
  return sha256(std::as_bytes(std::span(image.bgr.data(), image.bgr.size())));
}

TEST(Synthesise, DependsOnSeedAndIndexAlone) {
  SynthOptions options;
  options.size = {256, 256};
  std::vector<SynthImage> in_order, by_threads(12);
  for (std::uint64_t i = 0; i < 12; ++i) in_order.push_back(synthesise(options, 1, i));
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < 3; ++t)
    threads.emplace_back([&, t] {
      for (std::size_t i = 12; i-- > 0;)
        if (i % 3 == t) by_threads[i] = synthesise(options, 1, i);
    });
  for (std::thread& thread : threads) thread.join();
  std::set<std::string> different;
  for (std::size_t i = 0; i < 12; ++i) {
    EXPECT_EQ(in_order[i].image.bgr, by_threads[i].image.bgr) << i;
    ASSERT_EQ(in_order[i].truth.size(), by_threads[i].truth.size()) << i;
    for (std::size_t k = 0; k < in_order[i].truth.size(); ++k)
      EXPECT_EQ(truthText(in_order[i].truth[k]), truthText(by_threads[i].truth[k]));
    different.insert(digest(in_order[i].image));
  }
  different.insert(digest(synthesise(options, 2, 0).image));
  EXPECT_EQ(different.size(), 13U);
}

TEST(Synthesise, SplitsLinesIntoWordsAtWordLevel) {
  SynthOptions options;
  options.kinds = {SynthKind::kDocument};
  options.chinese = 0;
  options.built_in_text = true;
  const auto texts = [&](synth::Level level) {
    options.level = level;
    std::vector<std::string> found;
    for (const TruthLine& line : synthesise(options, 4, 2).truth) found.push_back(line.text);
    return found;
  };
  std::vector<std::string> words_of_lines;
  for (const std::string& line : texts(synth::Level::kLine))
    for (const std::string& word : synth::wordsOf(line)) words_of_lines.push_back(word);
  const std::vector<std::string> words = texts(synth::Level::kWord);
  EXPECT_GT(words.size(), 20U);
  // Words at the very edge may be dropped on their own.
  EXPECT_NEAR(double(words.size()), double(words_of_lines.size()), 0.05 * double(words.size()));
  for (const std::string& word : words) EXPECT_EQ(word.find(' '), word.npos);
}

TEST(Synthesise, DrawsSmallAndOddSizesWithoutAComplaintOfPango) {
  int complaints = 0;
  const auto count = [](const char*, GLogLevelFlags, const char*, void* counter) { ++*static_cast<int*>(counter); };
  const GLogFunc before = g_log_set_default_handler(count, &complaints);
  for (const PixelSize size : {PixelSize{32, 32}, PixelSize{33, 417}, PixelSize{700, 61}, PixelSize{32, 640}})
    for (std::uint64_t index = 0; index < 8; ++index) {
      const SynthImage made = synthesise({.size = size, .kinds = {kAllSynthKinds[index]}}, 6, index);
      EXPECT_EQ(made.image.height, size.height);
      EXPECT_EQ(made.image.width, size.width);
    }
  g_log_set_default_handler(before, nullptr);
  EXPECT_EQ(complaints, 0);
}

// Nothing on a receipt has a reason to be ignored but the picture's edge and the size of the print.
TEST(Receipts, WriteOnTheirPaperAlone) {
  for (const double chinese : {0.0, 1.0})
    for (std::uint64_t index = 0; index < 24; ++index) {
      SynthOptions options = inkOptions(SynthKind::kReceipt, synth::Level::kLine, chinese);
      options.size = {480, 320};
      for (const TruthLine& line : synthesise(options, 8, index).truth)
        if (line.ignored && isInside(line.points, options.size) && shorterSide(line.points) >= 5)
          ADD_FAILURE() << index << ": \"" << line.text << "\" is cut off";
    }
}

// The share of the smaller of two upright boxes that lies in the other.
double sharedPart(const Extent& a, const Extent& b) {
  const double width = std::min(a.right, b.right) - std::max(a.left, b.left);
  const double height = std::min(a.bottom, b.bottom) - std::max(a.top, b.top);
  if (width <= 0 || height <= 0) return 0;
  return width * height / std::min(a.width() * a.height(), b.width() * b.height());
}

// Narrow windows, where two buttons seldom find room. Prices are left out: in a narrow shop they reach the next goods.
TEST(Screenshots, WriteNoTextOverAnother) {
  for (std::uint64_t index = 0; index < 100; ++index) {
    SynthOptions options = inkOptions(SynthKind::kScreenshot, synth::Level::kLine, 0);
    options.size = {320, 200};
    std::vector<TruthLine> texts = synthesise(options, 9, index).truth;
    std::erase_if(texts, [](const TruthLine& line) {
      return line.ignored ||
             std::none_of(line.text.begin(), line.text.end(), [](unsigned char c) { return std::isalpha(c) != 0; });
    });
    for (std::size_t i = 0; i < texts.size(); ++i)
      for (std::size_t k = i + 1; k < texts.size(); ++k)
        EXPECT_LE(sharedPart(extentOf(texts[i].points), extentOf(texts[k].points)), 0.15)
            << index << ": \"" << texts[i].text << "\" and \"" << texts[k].text << "\"";
  }
}

// Packages and scanned print-outs, four pictures of five, are printed in one direction; photographs are in perspective.
TEST(DotMatrix, PrintsInOneDirectionAcrossBlocks) {
  int pictures = 0, straight = 0;
  for (std::uint64_t index = 0; index < 30; ++index) {
    std::vector<double> slopes;
    for (const TruthLine& line :
         synthesise(inkOptions(SynthKind::kDotMatrix, synth::Level::kLine, 0), 10, index).truth) {
      const double dx = line.points[1].x - line.points[0].x, dy = line.points[1].y - line.points[0].y;
      if (!line.ignored && dx > 60) slopes.push_back(dy / dx);
    }
    if (slopes.size() < 3) continue;
    const auto [least, most] = std::minmax_element(slopes.begin(), slopes.end());
    ++pictures;
    straight += *most - *least < 0.005;
  }
  EXPECT_GT(pictures, 15);
  EXPECT_GT(straight, pictures / 2) << "of " << pictures;
}

TEST(SynthKinds, HaveNamesThatAreRead) {
  for (const SynthKind kind : kAllSynthKinds) EXPECT_EQ(parseSynthKind(name(kind)), kind);
  EXPECT_THROW(parseSynthKind("hologram"), Error);
}

TEST(Corpus, HasWordsAndSentencesOfBothLanguagesOnEveryMachine) {
  Random random(1);
  for (const synth::Corpus* corpus : {&synth::Corpus::builtIn(), &synth::Corpus::installed()})
    for (const bool chinese : {false, true})
      for (int i = 0; i < 50; ++i) {
        EXPECT_EQ(synth::isChinese(corpus->sentence(random, chinese)), chinese);
        EXPECT_FALSE(corpus->word(random, chinese).empty());
        EXPECT_FALSE(corpus->phrase(random, chinese, 3).empty());
      }
}

TEST(Corpus, MakesJapaneseWordsOfKanaMostlyBehindChineseOnes) {
  Random random(3);
  int with_chinese = 0;
  for (int i = 0; i < 200; ++i) {
    const std::string word = synth::japaneseWord(random, synth::Corpus::builtIn());
    const std::string last = synth::signsOf(word).back();
    EXPECT_TRUE(last >= "ぁ" && last <= "ー") << word;
    with_chinese += synth::isChinese(word);
  }
  EXPECT_THAT(with_chinese, testing::AllOf(testing::Gt(140), testing::Lt(200)));
}

TEST(Corpus, ReadsPagesWhoseScriptsNeverEnd) {
  EXPECT_EQ(synth::withoutTags("<p>one</p>two<script>if (a > b) c();</script>three"), "\none\ntwo\nthree");
  EXPECT_EQ(synth::withoutTags("one<script>if (a > b) c();"), "one\n");
  EXPECT_EQ(synth::withoutTags("one<script>c();</SCRIPT>two"), "one\n");
  EXPECT_EQ(synth::withoutTags("one<style>p {"), "one\n");
  EXPECT_EQ(synth::withoutTags("one<"), "one\n");
}

}  // namespace
}  // namespace ocrdet
