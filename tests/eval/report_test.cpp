// The report over a small set whose errors are known: order, pictures, escaping, and what an interruption leaves.
#include "eval/report.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>

#include "base/cancellation.h"
#include "detect/tiny_network.h"
#include "eval/report_page.h"
#include "eval/report_picture.h"
#include "image/decode.h"
#include "image/encode.h"
#include "support/file_text.h"

namespace ocrdet {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kHostile = "<img src=x onerror=alert(1)>&\"'\x1B\xFF";

class Report : public ::testing::Test {
 protected:
  Report() : folder_(fs::path(::testing::TempDir()) / ("report_" + std::to_string(getpid()))) {
    fs::create_directories(folder_ / "set");
    write("model.onnx", test::onnxBytes({}));
    options_.detector.unclip_ratio = 0;
    options_.detector.threads = 2;
    options_.detector.images_at_a_time = 2;
  }
  ~Report() override {
    setInterrupted(false);
    fs::remove_all(folder_);
  }

  void write(const std::string& name, const std::string& bytes) const {
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
  }
  // A white bar at (100, 100) of 200 × 40, and truth of one's choice.
  void add(const std::string& name, const std::string& truth, int height = 320, int width = 480) const {
    Image image = makeImage(height, width);
    for (int y = 100; y < 140; ++y) std::fill_n(image.row(y) + 3 * 100, 3 * 200, std::uint8_t(255));
    write("set/" + name + ".png", encodePng(image));
    write("set/" + name + ".txt", truth);
  }
  static std::string right(const std::string& text) { return "100,100,299,100,299,139,100,139," + text + "\n"; }
  static std::string absent(const std::string& text) { return "10,10,60,10,60,30,10,30," + text + "\n"; }

  // `before_each` runs ahead of each picture.
  fs::path report(
      const std::string& name, const std::function<void()>& before_each = [] {}) {
    ReportWriter writer(folder_ / name);
    options_.with_picture = [&](const EvaluatedImage& image, const Image& picture) {
      before_each();
      writer.addPicture(image, picture);
    };
    const Evaluation evaluation = evaluate(folder_ / "model.onnx", findTruth(folder_ / "set", "test"), options_);
    return writer.finish(evaluation, {(folder_ / "set").string(), "test", "model.onnx", "12ab", 0.5});
  }
  static std::vector<std::string> all(const std::string& page, const std::string& pattern) {
    const std::regex expression(pattern);
    std::vector<std::string> found;
    for (std::sregex_iterator match(page.begin(), page.end(), expression), end; match != end; ++match)
      found.push_back((*match)[1]);
    return found;
  }

  fs::path folder_;
  EvaluationOptions options_;
};

TEST_F(Report, ShowsTheWorstImagesFirstEachWithItsPicture) {
  add("a", right("one"));
  add("b", absent("two") + right("one"));
  add("c", absent("two"));
  add("d", absent("two") + "400,10,450,10,450,30,400,30,three\n");
  add("e", right("###"));
  const fs::path page = report("report");
  const std::string html = test::readText(page);
  EXPECT_THAT(all(html, "<h3><bdi>([^<]*)</bdi>"), ElementsAre("d.png", "c.png", "b.png", "a.png", "e.png"))
      << "hmean 0 with 3 errors, 0 with 2, 2/3, 1, 1";
  for (const std::string& picture : all(html, "src=\"([^\"]*)\"")) {
    const Image image = readImage(page.parent_path() / picture);
    EXPECT_EQ(image.height, 320);
    EXPECT_EQ(image.width, 480);
  }
  EXPECT_THAT(all(html, "(pictures/[^\"]*)\"><img"), ::testing::SizeIs(5));
  EXPECT_THAT(html, AllOf(HasSubstr("<li class=\"missed\">m2 <bdi>three</bdi>"), HasSubstr("f1 <bdi>score 1.00"),
                          HasSubstr("<b>2 of 6</b>texts found")));
}

TEST_F(Report, WritesWhatThePageShowsAsJson) {
  add("a", right("one"));
  add("b", absent("two") + right("one"));
  write("set/c.png", "no picture");
  write("set/c.txt", absent("lost"));
  options_.sweep = true;
  options_.grid = {{0.2}, {0.3, 0.6}, {0}};
  const fs::path page = report("report");
  const Json document = Json::parse(test::readText(page.parent_path() / "report.json"));
  EXPECT_EQ(document["model"]["sha256"], "12ab");
  EXPECT_EQ(document["matched"], 2);
  EXPECT_EQ(document["truth_cared"], 4);
  EXPECT_EQ(document["sweep"].size(), 2U);
  EXPECT_EQ(document["failures"].size(), 1U);
  ASSERT_EQ(document["images"].size(), 2U);
  EXPECT_EQ(document["images"][1]["recall"], 0.5);
  EXPECT_TRUE(fs::exists(page.parent_path() / document["images"][1]["picture"].get<std::string>()));
  EXPECT_THAT(test::readText(page), AllOf(HasSubstr("Best of 2: <code>--pixel-threshold 0.2 --box-threshold"),
                                          HasSubstr("One image is not readable"), HasSubstr("c.png: not an image")));
}

TEST_F(Report, EscapesNamesAndTextsFromOutside) {
  const std::string name = std::string(kHostile) + "2";  // a slash cannot be in a name
  add(name, absent(std::string("</bdi></article><script>alert(2)</script>") + kHostile));
  const std::string html = test::readText(report("report"));
  EXPECT_THAT(html, Not(HasSubstr("<img src=x")));
  EXPECT_THAT(html, Not(HasSubstr("<script>alert")));
  EXPECT_THAT(html, Not(HasSubstr("\x1B")));
  EXPECT_THAT(html, HasSubstr("&lt;img src=x onerror=alert(1)&gt;&amp;&quot;&#39; \xEF\xBF\xBD"));
  EXPECT_THAT(all(html, "(<script)"), ::testing::SizeIs(1)) << "the page's own";
  EXPECT_THAT(all(html, "(</article>)"), ::testing::SizeIs(1));
  EXPECT_THAT(all(html, "((?:src|href)=\"(?!pictures/))"), ::testing::IsEmpty()) << "nothing comes from elsewhere";
}

TEST_F(Report, MarksMissesFalseAlarmsMatchesAndIgnoredTextDifferently) {
  add("a", right("one") + absent("two") + "400,200,450,200,450,240,400,240,###\n");
  Image image = readImage(folder_ / "set/a.png");
  for (int y = 250; y < 290; ++y) std::fill_n(image.row(y) + 3 * 100, 3 * 200, std::uint8_t(255));
  write("set/a.png", encodePng(image));  // a second bar, without truth
  const Image drawn = readImage(report("report").parent_path() / "pictures/00001.jpg");
  // The colour that is farthest from grey within some pixels of a place on an outline.
  const auto colourNear = [&](int x, int y) {
    std::array<int, 3> best{};
    for (int dy = -4; dy <= 4; ++dy)
      for (int dx = -12; dx <= 12; ++dx) {
        const std::uint8_t* p = drawn.row(y + dy) + 3 * (x + dx);
        const std::array<int, 3> pixel{p[2], p[1], p[0]};
        const auto spread = [](const std::array<int, 3>& c) {
          return *std::max_element(c.begin(), c.end()) - *std::min_element(c.begin(), c.end());
        };
        if (spread(pixel) > spread(best)) best = pixel;
      }
    return best;
  };
  const auto missed = colourNear(40, 30), alarm = colourNear(200, 290), matched = colourNear(300, 120);
  EXPECT_GT(missed[0], missed[1] + 60) << "red";
  EXPECT_GT(missed[0], missed[2] + 60);
  EXPECT_GT(alarm[0], alarm[2] + 60) << "yellow";
  EXPECT_GT(alarm[1], alarm[2] + 60);
  EXPECT_GT(std::max(matched[1], matched[2]), matched[0] + 60) << "green, with the blue of its text";
  const auto ignored = colourNear(425, 240);
  EXPECT_LT(*std::max_element(ignored.begin(), ignored.end()) - *std::min_element(ignored.begin(), ignored.end()), 40)
      << "grey";
}

TEST_F(Report, ShrinksLargePicturesAndSaysTheirSize) {
  add("a", right("one"), 2000, 3000);
  const fs::path page = report("report");
  const Image picture = readImage(page.parent_path() / "pictures/00001.jpg");
  EXPECT_EQ(picture.width, kReportPictureSide);
  EXPECT_EQ(picture.height, 853);
  EXPECT_THAT(test::readText(page), HasSubstr("width=\"1280\" height=\"853\""));
}

TEST_F(Report, LeavesNothingWhenItIsInterruptedButAnEarlierReport) {
  for (int i = 0; i < 12; ++i) add("image" + std::to_string(i), right("one"));
  report("earlier");
  const std::string before = test::readText(folder_ / "earlier/report.json");
  EXPECT_THROW(report("earlier", [] { setInterrupted(true); }), Error);
  setInterrupted(false);
  EXPECT_EQ(test::readText(folder_ / "earlier/report.json"), before);
  EXPECT_TRUE(fs::exists(folder_ / "earlier/pictures/00012.jpg"));
  std::atomic<int> pictures = 0;
  EXPECT_THROW(report("report", [&] { setInterrupted(++pictures >= 4); }), Error);
  EXPECT_GE(pictures, 4);
  EXPECT_FALSE(fs::exists(folder_ / "report"));
}

TEST_F(Report, ReplacesAnEarlierReportAndNothingElse) {
  for (const char* name : {"a", "b", "c"}) add(name, right("one"));
  report("report");
  for (const char* name : {"b", "c"}) fs::remove(folder_ / "set" / (std::string(name) + ".png"));
  report("report");
  EXPECT_TRUE(fs::exists(folder_ / "report/pictures/00001.jpg"));
  EXPECT_FALSE(fs::exists(folder_ / "report/pictures/00003.jpg"));
  // A folder of pictures, someone's pages, and a report with something beside its pictures.
  for (const char* other : {"holiday/pictures", "site"}) fs::create_directories(folder_ / other);
  write("holiday/pictures/00001.jpg", "mine");
  write("site/index.html", "mine");
  write("site/report.json", "{\"mine\": 1}");
  write("report/pictures/mine.jpg", "mine");
  for (const char* other : {"set", "holiday", "site", "report"}) try {
      ReportWriter writer(folder_ / other);
      FAIL() << other << " was taken for a report";
    } catch (const Error& error) {
      EXPECT_STREQ(error.code().name, "file.exists");
    }
  for (const char* file : {"set/a.png", "holiday/pictures/00001.jpg", "site/index.html", "report/index.html"})
    EXPECT_TRUE(fs::exists(folder_ / file)) << file;
}

}  // namespace
}  // namespace ocrdet
