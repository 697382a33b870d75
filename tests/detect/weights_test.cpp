// Weights in place of an ONNX file: the same answers as from the file that export writes.

#include <gtest/gtest.h>
#include <unistd.h>

#include "ocrdet/detector.h"
#include "ocrdet/export.h"
#include "support/formula_checkpoint.h"
#include "support/formula_weights.h"

namespace ocrdet {
namespace {

TEST(DetectorFromWeights, AnswersLikeTheExportedFile) {
  const std::filesystem::path file =
      std::filesystem::path(::testing::TempDir()) / ("ocrdet_weights_" + std::to_string(getpid()) + ".onnx");
  ExportOptions exporting;
  exporting.checkpoint = test::formulaCheckpoint("formula.pt");
  exporting.batch = exporting.height = exporting.width = std::nullopt;
  exporting.output = file;
  exporting.overwrite = true;
  exporting.verify = false;
  exportOnnx(exporting);

  DetectorOptions options;
  options.keep_map = true;
  options.resize.mode = ResizeMode::kShortSide;
  options.resize.length = 160;
  const std::vector<std::uint8_t> pixels = test::formulaImage(200, 300);
  const ImageView view{pixels.data(), 200, 300, 0, PixelOrder::kBgr};
  const Detector from_file = Detector::open(file, options);
  const Detection expected = from_file.detect(view);
  std::filesystem::remove(file);
  for (const char* name : {"formula.pt", "formula_legacy.pt", "formula.safetensors"}) {
    SCOPED_TRACE(name);
    const Detector from_weights = Detector::open(test::formulaCheckpoint(name), options);
    EXPECT_EQ(from_weights.description(), from_file.description());
    const Detection detection = from_weights.detect(view);
    EXPECT_EQ(detection.map, expected.map);
    EXPECT_EQ(detection.boxes.size(), expected.boxes.size());
  }
}

TEST(DetectorFromWeights, SaysWhatIsWrongWithOtherCheckpoints) {
  for (const auto& [file, code] :
       {std::pair("plain.pt", "checkpoint."), std::pair("evil_zip.pt", "checkpoint."),
        std::pair("no_such_file.pt", "file.missing"), std::pair("expected.json", "runtime.model-refused")}) {
    SCOPED_TRACE(file);
    try {
      Detector::open(std::filesystem::path(OCRDET_GOLDEN_DIR) / "pickles" / file);
      FAIL() << "was taken";
    } catch (const Error& error) {
      EXPECT_EQ(std::string(error.code().name).rfind(code, 0), 0U) << error.what();
    }
  }
}

}  // namespace
}  // namespace ocrdet
