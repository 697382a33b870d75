// A network that can learn at all knows eight pictures by heart after some minutes: through training, export and
// evaluation as users run them, it finds every line of them and nothing else.
//
// Part of `make soak` (OCRDET_SOAK_TRAINING=1). It starts from the shipped line model; OCRDET_TEST_INIT names other
// weights, an ImageNet ResNet-18 for instance.
#include <cairo.h>
#include <gmock/gmock.h>

#include <cstdlib>
#include <memory>

#include "base/atomic_file.h"
#include "base/json.h"
#include "base/random.h"
#include "cli/program.h"
#include "image/encode.h"
#include "train/trainer_process.h"

namespace ocrdet {
namespace {

namespace fs = std::filesystem;

constexpr int kHeight = 480, kWidth = 640;
constexpr const char* kWords[] = {"Invoice",   "Total",  "7 October", "Signature", "Street", "12.50",  "Receipt",
                                  "Thank you", "Number", "Amount",    "Cash",      "Name",   "Page 3", "Tax included"};

using Surface = std::unique_ptr<cairo_surface_t, decltype(&cairo_surface_destroy)>;

struct Page {
  Image image = makeImage(kHeight, kWidth);
  std::string truth;
};

void drawLine(cairo_t* cairo, const std::string& text, double left, double baseline, std::string& truth) {
  cairo_text_extents_t extents;
  cairo_text_extents(cairo, text.c_str(), &extents);
  cairo_move_to(cairo, left, baseline);
  cairo_show_text(cairo, text.c_str());
  const int x0 = int(left + extents.x_bearing) - 1, x1 = int(left + extents.x_bearing + extents.width) + 2;
  const int y0 = int(baseline + extents.y_bearing) - 1, y1 = int(baseline + extents.y_bearing + extents.height) + 2;
  for (const int value : {x0, y0, x1, y0, x1, y1, x0, y1}) truth += std::to_string(value) + ",";
  truth += "text\n";
}

// Dark lines of text on light paper, of several sizes.
Page renderedPage(Random& random) {
  const Surface surface(cairo_image_surface_create(CAIRO_FORMAT_RGB24, kWidth, kHeight), &cairo_surface_destroy);
  const std::unique_ptr<cairo_t, decltype(&cairo_destroy)> cairo(cairo_create(surface.get()), &cairo_destroy);
  const double paper = random.between(0.8, 1), ink = random.between(0, 0.3);
  cairo_set_source_rgb(cairo.get(), paper, paper, random.between(0.7, 1));
  cairo_paint(cairo.get());
  cairo_set_source_rgb(cairo.get(), ink, ink, random.between(0, 0.5));
  cairo_select_font_face(cairo.get(), "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
  Page page;
  for (double baseline = 60; baseline < kHeight - 20; baseline += random.between(70, 110)) {
    cairo_set_font_size(cairo.get(), random.between(24, 44));
    std::string text;
    for (int word = 0; word < 2; ++word)
      text += (word > 0 ? " " : "") + std::string(kWords[random.below(std::size(kWords))]);
    drawLine(cairo.get(), text, random.between(20, 120), baseline, page.truth);
  }
  cairo_surface_flush(surface.get());
  const unsigned char* pixels = cairo_image_surface_get_data(surface.get());
  const int stride = cairo_image_surface_get_stride(surface.get());
  for (int y = 0; y < kHeight; ++y)
    for (int x = 0; x < kWidth; ++x) std::copy_n(pixels + y * stride + 4 * x, 3, page.image.row(y) + 3 * x);
  return page;
}

void writePages(const fs::path& folder) {
  fs::create_directories(folder / "images");
  fs::create_directories(folder / "gts");
  Random random(8);
  for (int number = 0; number < 8; ++number) {
    const Page page = renderedPage(random);
    writeFileAtomically(folder / "images" / (std::to_string(number) + ".png"), encodePng(page.image));
    writeFileAtomically(folder / "gts" / (std::to_string(number) + ".txt"), page.truth);
  }
}

TEST(Overfitting, FindsEveryLineOfEightPictures) {
  if (std::getenv("OCRDET_SOAK_TRAINING") == nullptr) GTEST_SKIP() << "takes minutes: set OCRDET_SOAK_TRAINING=1";
  const test::ScratchFolder folder;
  writePages(folder.path() / "pages");
  const std::string pages = folder / "pages", runs = folder / "runs";
  std::vector<std::string> words{
      pages + "@16", "--validation",  pages,     "--out",      runs,  "--size",     "320", "--epochs", "8", "--rate",
      "0.01",        "--average",     "0.9",     "--warm-up",  "0.5", "--rotation", "2",   "--mirror", "0", "--colour",
      "0",           "--scale-range", "0.9,1.1", "--patience", "3"};
  const char* other = std::getenv("OCRDET_TEST_INIT");
  const std::string init = other != nullptr ? other : OCRDET_SOURCE_DIR "/models/ocrdet-line.safetensors";
  // The share of the initial weights would keep some of what they find wrongly.
  words.insert(words.end(), {"--init", init, "--keep-initial", "0"});
  const test::TrainerProcess process(words, folder / "words.txt");
  ASSERT_EQ(process.wait(), 0) << process.words();
  const fs::path run = fs::directory_iterator(runs)->path();
  const test::ProgramResult result =
      test::runProgram("eval '" + pages + "' --model '" + (run / "best.onnx").string() + "' --json");
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.out, testing::ContainsRegex("\"hmean\": *1(\\.0)?[,}\n]")) << process.words();
}

}  // namespace
}  // namespace ocrdet
