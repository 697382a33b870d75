// What users of this network and of the pages around it really paste or say: the messages and complaints of articles
// and of issue trackers, in English and Chinese, and the readers of label files. None is in the recorded messages.

#include <gtest/gtest.h>

#include <algorithm>
#include <span>
#include <utility>

#include "explain/explain.h"

namespace ocrdet {
namespace {

struct ReferenceText {
  const char* text;
  const char* cause;
};

constexpr ReferenceText kExport[] = {
    {"RuntimeError: Input size not supported", "input.size-not-multiple-of-32"},
    {"AssertionError: stride mismatch", "input.size-not-multiple-of-32"},
    {"size mismatch", "input.size-not-multiple-of-32"},
    {"Expected input size (25, 25), got (25.6, 25)", "input.size-not-multiple-of-32"},
    {"Expected input size (25, 18), got (25, 18.75)", "input.size-not-multiple-of-32"},
    {"AssertionError: height 600 is not a multiple of 32", "input.size-not-multiple-of-32"},
    {"which input size can I set for the export?", "input.size-not-multiple-of-32"},
    {"导出 onnx 时输入尺寸怎么设置", "input.size-not-multiple-of-32"},
    {"Exporting the operator adaptive_avg_pool2d to ONNX opset version 11 is not supported", "export.wrong-network"},
    {"torch.onnx.errors.UnsupportedOperatorError: Exporting the operator 'aten::adaptive_avg_pool2d' to ONNX opset "
     "version 11 is not supported.",
     "export.wrong-network"},
    {"TypeError: forward() missing 1 required positional argument: 'x'", "export.missing-input"},
    {"the exported ONNX file has only a few KB", "export.file-too-small"},
    {"ONNX file of 12 KB", "export.file-too-small"},
    {"导出的 ONNX 文件只有几 KB", "export.file-too-small"},
    {"导出失败", "export.failed"},
    {"export failed", "export.failed"},
    {"the export hangs", "export.hangs"},
    {"导出时卡住", "export.hangs"},
};

constexpr ReferenceText kLoadingAndRunning[] = {
    {"Invalid input shape", "input.size-fixed"},
    {"Input dimension mismatch", "input.size-fixed"},
    {"[ONNXRuntimeError] : Input dimension mismatch", "input.size-fixed"},
    {"the ONNX model only accepts one fixed size", "input.size-fixed"},
    {"the ONNX file does not load", "file.truncated-or-not-onnx"},
    {"显存不足", "memory.exhausted"},
    {"内存不够", "memory.exhausted"},
    {"out of memory", "memory.exhausted"},
    {"out of memory at 3000x2000", "memory.exhausted"},
    {"torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB (GPU 0; 6.00 GiB total capacity)",
     "memory.exhausted"},
    {"Killed", "memory.exhausted"},
    {"memory grows with every new picture", "memory.grows"},
    {"内存一直涨", "memory.grows"},
    {"model.load_state_dict(weights, strict=False)", "checkpoint.nothing-loaded"},
    {"检测很慢", "speed.slow"},
    {"网页打不开", "service.unreachable"},
    {"port 7860 is closed", "service.unreachable"},
    {"OSError: Cannot find empty port in range: 7860-7860. You can specify a different port", "service.port-in-use"},
    {"the service is gone after a crash", "service.gone"},
};

constexpr ReferenceText kResults[] = {
    {"框错位", "result.shifted-boxes"},
    {"boxes are shifted", "result.shifted-boxes"},
    {"it exports and runs, but the boxes are shifted", "result.shifted-boxes"},
    {"检测框偏移", "result.shifted-boxes"},
    {"输出为空", "result.empty"},
    {"nothing is detected", "result.empty"},
    {"it runs, but finds nothing", "result.empty"},
    {"boxes are empty", "result.empty"},
    {"检测不到文字", "result.empty"},
    {"漏检", "result.misses"},
    {"small text is not found", "result.misses"},
    {"误检", "result.false-boxes"},
    {"too many boxes", "result.false-boxes"},
    {"boxes where there is no text", "result.false-boxes"},
    {"文字粘连", "result.merged"},
};

constexpr ReferenceText kTraining[] = {
    {"ValueError: could not convert string to float: '\\ufeff377'", "train.label-bom"},
    {"ValueError: could not convert string to float: '\xEF\xBB\xBF"
     "377'",
     "train.label-bom"},
    {"ValueError: could not convert string to float: ''", "train.label-line"},
    {"ValueError: cannot reshape array of size 7 into shape (2)", "train.label-line"},
    {"ValueError: cannot reshape array of size 7 into shape (2,)", "train.label-line"},
    {"FileNotFoundError: [Errno 2] No such file or directory: 'data/train_gts/img_1.txt'", "train.label-missing"},
    {"AttributeError: 'NoneType' object has no attribute 'astype'", "image.unreadable"},
    {"NoneType object has no attribute astype", "image.unreadable"},
    {"训练失败", "train.failed"},
    {"training failed", "train.failed"},
    {"training has no effect", "train.no-effect"},
};

class ReferenceTexts : public testing::TestWithParam<std::pair<const char*, std::span<const ReferenceText>>> {};

TEST_P(ReferenceTexts, LeadToTheirCauseFirst) {
  for (const ReferenceText& told : GetParam().second) {
    const Explanation explanation = explain(told.text);
    ASSERT_FALSE(explanation.causes.empty()) << told.text;
    EXPECT_STREQ(explanation.causes.front()->id, told.cause) << told.text;
  }
}

TEST_P(ReferenceTexts, LeadThereInCapitalsAndWithAFullStop) {
  for (const ReferenceText& told : GetParam().second) {
    std::string text = told.text;
    // Class names and file names are what they are; complaints are written as people write.
    if (text.find(':') != std::string::npos || text.find('(') != std::string::npos) continue;
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    const Explanation explanation = explain("  " + text + ".\n");
    ASSERT_FALSE(explanation.causes.empty()) << text;
    EXPECT_STREQ(explanation.causes.front()->id, told.cause) << text;
  }
}

INSTANTIATE_TEST_SUITE_P(Of, ReferenceTexts,
                         testing::Values(std::pair("Export", std::span<const ReferenceText>(kExport)),
                                         std::pair("LoadingAndRunning",
                                                   std::span<const ReferenceText>(kLoadingAndRunning)),
                                         std::pair("Results", std::span<const ReferenceText>(kResults)),
                                         std::pair("Training", std::span<const ReferenceText>(kTraining))),
                         [](const auto& group) { return std::string(group.param.first); });

// Words that fit two causes name both.
TEST(ReferenceTextsWithTwoMeanings, NameTheSecondCauseToo) {
  for (const char* text : {"Invalid input shape", "Input dimension mismatch"}) {
    const Explanation explanation = explain(text);
    ASSERT_EQ(explanation.causes.size(), 2u) << text;
    EXPECT_STREQ(explanation.causes.back()->id, "input.size-not-multiple-of-32");
  }
}

// The named dimension tells the side: 2 is the height, 3 the width. 800 × 600 meets 76 with 75 at 1/8.
TEST(ReferenceTextsWithNumbers, NameTheSideOfTheDimension) {
  const std::string message =
      "The size of tensor a (76) must match the size of tensor b (75) at non-singleton dimension ";
  for (const auto& [dimension, side] : {std::pair("3", "width"), std::pair("2", "height")}) {
    const std::vector<std::string> numbers = explain(message + dimension).numbers;
    const std::string expected = std::string("the ") + side + " was 593 to 600, that is 18 × 32 + 17 to 24";
    EXPECT_TRUE(std::any_of(numbers.begin(), numbers.end(),
                            [&](const std::string& each) { return each.find(expected) != std::string::npos; }))
        << "dimension " << dimension;
  }
}

}  // namespace
}  // namespace ocrdet
