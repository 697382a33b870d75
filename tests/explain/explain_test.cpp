#include "explain/explain.h"

#include <gmock/gmock.h>

#include <chrono>
#include <cstring>
#include <random>
#include <regex>
#include <set>

#include "explain/messages.h"
#include "explain/symptoms.h"
#include "support/file_text.h"

namespace ocrdet {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

std::string firstCause(const std::string& text) {
  const Explanation explanation = explain(text);
  return explanation.causes.empty() ? "unknown" : explanation.causes.front()->id;
}

struct Told {
  const char* text;
  const char* cause;
};

// What users of the community page report, and what these libraries say elsewhere for the same causes.
constexpr Told kMessages[] = {
    {"RuntimeError: Input size not supported", "input.size-not-multiple-of-32"},
    {"AssertionError: stride mismatch", "input.size-not-multiple-of-32"},
    {"size mismatch", "input.size-not-multiple-of-32"},
    {"RuntimeError: size mismatch", "input.size-not-multiple-of-32"},
    {"Expected input size (25, 25), got (25.6, 25)", "input.size-not-multiple-of-32"},
    {"Traceback (most recent call last):\n  File \"x.py\", line 3\nAssertionError: stride mismatch",
     "input.size-not-multiple-of-32"},
    {"Invalid input shape", "input.size-fixed"},
    {"[ONNXRuntimeError] : Input dimension mismatch", "input.size-fixed"},
    {"2024-01-01 [W:onnxruntime:, execution_frame.cc:835 VerifyOutputSizes] Expected shape from model of {1,1,64,64} "
     "does "
     "not match actual shape of {1,1,96,96} for output output",
     "input.size-fixed"},
    {"Node (/decoder/Add) Op (Add) [ShapeInferenceError] Incompatible dimensions", "input.size-not-multiple-of-32"},
    {"Exporting the operator adaptive_avg_pool2d to ONNX opset version 11 is not supported", "export.wrong-network"},
    {"torch.onnx.errors.UnsupportedOperatorError: Exporting the operator 'aten::adaptive_avg_pool2d' to ONNX opset "
     "version "
     "17 is not supported. Please feel free to request support",
     "export.wrong-network"},
    {"TypeError: forward() missing 1 required positional argument: 'x'", "export.missing-input"},
    {"TypeError: DBNet.forward() missing 1 required positional argument: 'input'", "export.missing-input"},
    {"ValueError: Unsupported ONNX opset version: 20", "export.opset"},
    {"ValueError: could not convert string to float: '\\ufeff377'", "train.label-bom"},
    {"ValueError: could not convert string to float: '\xEF\xBB\xBF"
     "12'",
     "train.label-bom"},
    {"ValueError: could not convert string to float: ''", "train.label-line"},
    {"ValueError: cannot reshape array of size 7 into shape (2)", "train.label-line"},
    {"FileNotFoundError: [Errno 2] No such file or directory: '/data/mine/train_gts/img_1.txt'", "train.label-missing"},
    {"FileNotFoundError: [Errno 2] No such file or directory: 'data/train_images/1.jpg'", "file.missing"},
    {"AttributeError: 'NoneType' object has no attribute 'astype'", "image.unreadable"},
    {"cv2.error: OpenCV(4.8.0) /io/opencv/modules/imgproc/src/resize.cpp:4062: error: (-215:Assertion failed) "
     "!ssize.empty() in function 'resize'",
     "image.unreadable"},
    {"cv2.error: OpenCV(4.6.0) ./modules/imgproc/src/convhull.cpp:143: error: (-215:Assertion failed) total >= 0 && "
     "(depth "
     "== CV_32F || depth == CV_32S) in function 'convexHull'",
     "post.empty-polygon"},
    {"ValueError: setting an array element with a sequence. The requested array has an inhomogeneous shape after 1 "
     "dimensions. The detected shape was (2,) + inhomogeneous part.",
     "post.ragged-polygons"},
    {"<All keys matched successfully>? No: _IncompatibleKeys(missing_keys=['backbone.conv1.weight'], "
     "unexpected_keys=[])",
     "checkpoint.nothing-loaded"},
    {"RuntimeError: Error(s) in loading state_dict for DBModel:\n\tUnexpected key(s) in state_dict: "
     "\"model.module.backbone.conv1.weight\", \"model.module.backbone.bn1.weight\". ",
     "checkpoint.prefix"},
    {"_pickle.UnpicklingError: Weights only load failed. WeightsUnpickler error: Unsupported global: GLOBAL "
     "numpy.core.multiarray.scalar was not an allowed global by default.",
     "checkpoint.unknown-class"},
    {"_pickle.UnpicklingError: could not find MARK", "file.not-a-checkpoint"},
    {"RuntimeError: Attempting to deserialize object on a CUDA device but torch.cuda.is_available() is False. If you "
     "are "
     "running on a CPU-only machine, please use torch.load with map_location=torch.device('cpu')",
     "checkpoint.cuda-device"},
    {"safetensors_rust.SafetensorError: Error while deserializing header: MetadataIncompleteBuffer", "file.truncated"},
    {"torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB (GPU 0; 8.00 GiB total capacity)",
     "memory.exhausted"},
    {"RuntimeError: [enforce fail at alloc_cpu.cpp:66] . DefaultCPUAllocator: can't allocate memory: you tried to "
     "allocate "
     "4294967296 bytes. Error code 12 (Cannot allocate memory)",
     "memory.exhausted"},
    {"terminate called after throwing an instance of 'std::bad_alloc'\n  what():  std::bad_alloc", "memory.exhausted"},
    {"Killed", "memory.exhausted"},
    {"./run.sh: line 12: 48213 Killed                  python export.py", "memory.exhausted"},
    {"ValueError: This ORT build has ['AzureExecutionProvider', 'CPUExecutionProvider'] enabled. Since ORT 1.9, you "
     "are "
     "required to explicitly set the providers parameter when instantiating InferenceSession.",
     "runtime.provider-missing"},
    {"UserWarning: Specified provider 'CUDAExecutionProvider' is not in available provider names.",
     "runtime.provider-missing"},
    {"ocrdet: error while loading shared libraries: libonnxruntime.so.1: cannot open shared object file: No such file",
     "runtime.missing"},
    {"ModuleNotFoundError: No module named 'onnxruntime'", "runtime.missing"},
    {"ModuleNotFoundError: No module named 'torch'", "runtime.python-missing"},
    {"The requested API version [22] is not available, only API versions [1, 17] are supported in this build.",
     "runtime.too-old"},
    {"ValueError: Required inputs (['input']) are missing from input feed (['images']).", "input.name"},
    {"onnxruntime.capi.onnxruntime_pybind11_state.InvalidArgument: [ONNXRuntimeError] : 2 : INVALID_ARGUMENT : Invalid "
     "Feed "
     "Input Name:images",
     "input.name"},
    {"google.protobuf.message.DecodeError: Error parsing message with type 'onnx.ModelProto'",
     "file.truncated-or-not-onnx"},
    {"[ONNXRuntimeError] : 9 : NOT_IMPLEMENTED : Could not find an implementation for Conv(11) node with name 'Conv_0'",
     "onnx.no-kernel"},
    {"OSError: Cannot find empty port in range: 7860-7860.", "service.port-in-use"},
    {"error size.not-multiple-of-32: width 819 is not a multiple of 32 (25 × 32 + 19)",
     "input.size-not-multiple-of-32"},
    {"width 819 is not a multiple of 32", "input.size-not-multiple-of-32"},
};

TEST(Explain, KnowsTheMessagesThatUsersMeet) {
  for (const Told& told : kMessages) EXPECT_EQ(firstCause(told.text), told.cause) << told.text;
}

constexpr Told kSymptoms[] = {
    {"框错位", "result.shifted-boxes"},
    {"检测框都偏移了怎么办？", "result.shifted-boxes"},
    {"导出之后能运行，但是框的位置不对", "result.shifted-boxes"},
    {"boxes are shifted", "result.shifted-boxes"},
    {"The boxes are misaligned with the text", "result.shifted-boxes"},
    {"输出为空", "result.empty"},
    {"检测不到文字", "result.empty"},
    {"为什么模型检测不到任何文字，结果为空？", "result.empty"},
    {"no boxes", "result.empty"},
    {"It runs but finds no text at all", "result.empty"},
    {"output is empty", "result.empty"},
    {"显存不足", "memory.exhausted"},
    {"爆显存了", "memory.exhausted"},
    {"内存不足", "memory.exhausted"},
    {"out of memory", "memory.exhausted"},
    {"GPU out of memory at 1536x1536", "memory.exhausted"},
    {"bad_alloc", "memory.exhausted"},
    {"导出失败", "export.failed"},
    {"导出onnx报错", "export.failed"},
    {"the ONNX export fails", "export.failed"},
    {"导出时卡住不动", "export.hangs"},
    {"导出的onnx只有几KB", "export.file-too-small"},
    {"my onnx file has only 12 KB", "export.file-too-small"},
    {"输入尺寸错误 onnx 推理报错", "input.size-fixed"},
    {"输入尺寸怎么设置", "input.size-not-multiple-of-32"},
    {"为什么必须是32的倍数", "input.size-not-multiple-of-32"},
    {"模型加载失败", "file.truncated-or-not-onnx"},
    {"训练失败", "train.failed"},
    {"训练后效果变差", "train.no-effect"},
    {"网页打不开", "service.unreachable"},
    {"端口7860被占用", "service.port-in-use"},
    {"服务挂了", "service.gone"},
    {"检测很慢", "speed.slow"},
    {"内存一直涨", "memory.grows"},
    {"误检太多", "result.false-boxes"},
    {"有漏检", "result.misses"},
    {"strict=False", "checkpoint.nothing-loaded"},
    {"颜色不对，红蓝反了", "input.colour-order"},
};

TEST(Explain, UnderstandsTroubleInPlainWords) {
  for (const Told& told : kSymptoms) EXPECT_EQ(firstCause(told.text), told.cause) << told.text;
}

TEST(Explain, WorksOutWhichSizesMakeTheMapsMeet) {
  const auto numbers = [](const std::string& text) { return explain(text).numbers; };
  EXPECT_THAT(
      numbers("The size of tensor a (42) must match the size of tensor b (41) at non-singleton dimension 2"),
      ElementsAre("decoder.up5 gives 42 where decoder.in4 has 41 (/decoder/Add, at 1/16 of the input): the height "
                  "was 641 to 656, that is 20 × 32 + 1 to 16. Use 640 or 672."));
  EXPECT_THAT(numbers("The size of tensor a (168) must match the size of tensor b (167) at non-singleton dimension 3"),
              Contains(HasSubstr("the width was 665 to 668, that is 20 × 32 + 25 to 28. Use 640 or 672.")));
  // 83 and 84 meet at 1/8 for 657 to 664, and at 1/16 for 1313 to 1328: the node's name decides.
  const std::string words =
      "axis == largest was false. Attempting to broadcast an axis by a dimension other than 1. 83 by 84";
  EXPECT_THAT(numbers(words), SizeIs(2));
  EXPECT_THAT(numbers("while running Add node. Name:'/decoder/Add_1' Status Message: " + words), SizeIs(1));
  EXPECT_THAT(numbers("while running Add node. Name:'decoder.add3' Status Message: " + words).front(),
              HasSubstr("657 to 664"));
  EXPECT_THAT(numbers("Attempting to broadcast an axis by a dimension other than 1. 386 by 578").front(),
              HasSubstr("another network"));
}

// For every side that fails, the numbers of PyTorch lead back to an interval that holds the side.
TEST(Explain, FindsTheSizeBehindEveryMessageOfPyTorch) {
  const std::regex interval("was (\\d+) to (\\d+)");
  for (int side = 33; side <= 1536; ++side) {
    if (side % 32 == 0 || side % 32 >= 29) continue;
    int lateral = 0, upsampled = 0;
    for (int stride : {16, 8, 4}) {
      lateral = (side + stride - 1) / stride;
      upsampled = 2 * ((side + 2 * stride - 1) / (2 * stride));
      if (upsampled != lateral) break;
    }
    const Explanation explanation =
        explain("The size of tensor a (" + std::to_string(upsampled) + ") must match the size of tensor b (" +
                std::to_string(lateral) + ") at non-singleton dimension 2");
    bool found = false;
    for (const std::string& sentence : explanation.numbers) {
      std::smatch match;
      if (!std::regex_search(sentence, match, interval)) continue;
      found = found || (std::stoi(match[1]) <= side && side <= std::stoi(match[2]));
    }
    EXPECT_TRUE(found) << side;
  }
}

TEST(Explain, SaysWhichSizeAFixedFileHas) {
  const Explanation explanation = explain(
      "Got invalid dimensions for input: input for the following indices\n index: 2 Got: 736 Expected: 640\n index: 3 "
      "Got: "
      "1280 Expected: 640\n Please fix either the inputs/outputs or the model.");
  EXPECT_THAT(explanation.numbers, Contains(HasSubstr("height 640, the input 736")));
  EXPECT_THAT(explanation.numbers, Contains(HasSubstr("736x1280 is a valid size")));
}

TEST(Explain, NamesBatchAndSizeWhenBothAreWrong) {
  const Explanation explanation = explain(
      "Got invalid dimensions for input: input for the following indices\n index: 0 Got: 2 Expected: 1\n index: 2 Got: "
      "96 "
      "Expected: 64\n");
  ASSERT_THAT(explanation.causes, SizeIs(2));
  EXPECT_STREQ(explanation.causes[0]->id, "input.size-fixed");
  EXPECT_STREQ(explanation.causes[1]->id, "input.batch-fixed");
}

TEST(Explain, KnowsEveryErrorCodeOfOcrdet) {
  for (const ErrorCode* code : kAllErrorCodes) {
    const Explanation explanation = explain(std::string("error ") + code->name + ": something happened");
    EXPECT_EQ(explanation.code, code) << code->name;
    EXPECT_FALSE(explanation.code_paragraph.empty()) << code->name;
  }
}

TEST(Explain, KnowsEveryCauseByItsName) {
  for (const Cause& cause : allCauses()) EXPECT_EQ(firstCause(cause.id), cause.id);
}

TEST(Explain, ShowsTheThreeNearestForAnUnknownText) {
  const Explanation explanation = explain("the size of tensors a and b should really match somehow");
  EXPECT_FALSE(explanation.known());
  std::vector<std::string> ids;
  for (const Cause* cause : explanation.nearest) ids.emplace_back(cause->id);
  EXPECT_THAT(ids, Contains("input.size-not-multiple-of-32"));
  EXPECT_THAT(std::set<std::string>(ids.begin(), ids.end()), SizeIs(3));
}

TEST(Explain, GivesTheSameAsJson) {
  const Json known = toJson(explain("The size of tensor a (42) must match the size of tensor b (41)"));
  EXPECT_EQ(known["known"], true);
  EXPECT_EQ(known["causes"][0]["id"], "input.size-not-multiple-of-32");
  EXPECT_EQ(known["numbers"].size(), 1u);
  const Json unknown = toJson(explain("nothing of this kind"));
  EXPECT_EQ(unknown["known"], false);
  EXPECT_EQ(unknown["nearest"].size(), 3u);
  EXPECT_EQ(toJson(explain("显存不足"))["causes"][0]["zh"]["what"], "内存或显存不足。");
}

// Fills the holes of a pattern, and expects the row's own cause or one that says more.
TEST(MessageTable, EveryRowCanBeReached) {
  for (const MessageRow& row : messageRows()) {
    ASSERT_NE(findCause(row.cause), nullptr) << row.cause;
    ASSERT_TRUE(*row.also == '\0' || findCause(row.also) != nullptr) << row.also;
    if (row.applies != nullptr) continue;
    std::string text = row.pattern;
    for (const auto& [hole, filling] :
         {std::pair("<n>", "7"), std::pair("<w>", "word.1"), std::pair("…", "some words")}) {
      for (std::size_t at; (at = text.find(hole)) != std::string::npos;) text.replace(at, std::strlen(hole), filling);
    }
    const Explanation explanation = explain(text);
    std::vector<std::string> ids;
    for (const Cause* cause : explanation.causes) ids.emplace_back(cause->id);
    EXPECT_THAT(ids, Contains(row.cause)) << text;
  }
}

TEST(SymptomTable, EveryRowHasACause) {
  for (const SymptomRow& row : symptomRows()) EXPECT_NE(findCause(row.cause), nullptr) << row.cause;
}

TEST(CauseTable, IsWholeAndNamesCommandsThatExist) {
  const std::string declared = test::readText(OCRDET_SOURCE_DIR "/src/cli/commands.h");
  std::set<std::string> seen;
  const std::regex command("ocrdet ([a-z]+)");
  for (const Cause& cause : allCauses()) {
    EXPECT_TRUE(seen.insert(cause.id).second) << cause.id << " twice";
    EXPECT_GT(std::strlen(cause.what), 15u) << cause.id;
    EXPECT_GT(std::strlen(cause.fix), 15u) << cause.id;
    EXPECT_EQ(*cause.what_zh == '\0', *cause.fix_zh == '\0') << cause.id;
    const std::string commands = cause.command;
    EXPECT_FALSE(commands.empty()) << cause.id;
    for (std::sregex_iterator match(commands.begin(), commands.end(), command), end; match != end; ++match) {
      std::string name = (*match)[1];
      name[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(name[0])));
      EXPECT_NE(declared.find("void add" + name + "("), std::string::npos) << cause.id << ": " << commands;
    }
  }
  // Every symptom is answered in Chinese too.
  for (const SymptomRow& row : symptomRows()) {
    const std::string id = row.cause;
    if (id.starts_with("result.") || id.starts_with("export.f") || id.starts_with("service.")) {
      EXPECT_STRNE(findCause(id)->what_zh, "") << id;
    }
  }
}

double secondsFor(const std::string& text) {
  const auto start = std::chrono::steady_clock::now();
  explain(text);
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::string repeated(std::string_view words, std::size_t length) {
  std::string text;
  while (text.size() < length) text += words;
  return text;
}

TEST(Explain, AnswersHostileTextsQuickly) {
  constexpr std::size_t kLength = 1 << 20;
  for (const char* words :
       {"a", " ", "size of tensor a (", "1", "Load model from failed", "Load model from x failed: ", "'", "\\n",
        "\xE2\x80", "index: 2 Got: 96 Expected: 64 ", "Got invalid dimensions for input: x for the following indices ",
        "right operand cannot broadcast on dim 3 LeftShape: {1,3", "框错位", "\x1b[", "Weights only load failed. "}) {
    EXPECT_LT(secondsFor(repeated(words, kLength)), 2.0) << words;
  }
}

TEST(Explain, SurvivesAnyBytes) {
  std::mt19937 random(99);
  const std::string pieces[] = {"size of tensor a (",
                                "99999999999999999999999",
                                ") must match the size of tensor b (",
                                "'",
                                "\n",
                                "{",
                                "}",
                                "\xff",
                                "index: 2 Got: ",
                                std::string(1, '\0'),
                                "-",
                                " Expected: ",
                                "1,2,3"};
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    for (int i = 0; i < 20; ++i) {
      const std::size_t choice = random() % (std::size(pieces) + 1);
      text += choice == std::size(pieces) ? std::string(1, static_cast<char>(random())) : pieces[choice];
    }
    jsonText(toJson(explain(text)));
  }
  EXPECT_FALSE(explain("").known());
}

}  // namespace
}  // namespace ocrdet
