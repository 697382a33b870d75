// The 117 recorded messages of ONNX Runtime, PyTorch and OpenCV, as they are and told differently.

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <random>

#include "explain/explain.h"

namespace ocrdet {
namespace {

struct Recorded {
  std::string text, cause;
};

std::vector<Recorded> recordedErrors() {
  std::ifstream file(OCRDET_GOLDEN_DIR "/errors.json");
  std::vector<Recorded> errors;
  for (const auto& entry : Json::parse(file)) errors.push_back({entry["text"], entry["cause"]});
  return errors;
}

// A file that is cut off and one that never was ONNX give the same words; both causes are then named.
bool names(const Explanation& explanation, const std::string& cause) {
  return std::any_of(explanation.causes.begin(), explanation.causes.end(),
                     [&](const Cause* each) { return each->id == cause; });
}

TEST(GoldenErrors, NameTheRightCause) {
  int first = 0;
  const std::vector<Recorded> errors = recordedErrors();
  for (const Recorded& error : errors) {
    const Explanation explanation = explain(error.text);
    EXPECT_TRUE(names(explanation, error.cause)) << error.cause << ": " << error.text;
    if (!explanation.causes.empty() && explanation.causes.front()->id == error.cause) ++first;
  }
  EXPECT_EQ(errors.size(), 117u);
  EXPECT_GE(first, 113) << "the likeliest cause is the right one";
}

using Random = std::mt19937;

bool isLetterOrDigit(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

// Other numbers with the same meaning: 0 to 4 are dimensions, channels or "none", and stay.
std::string withOtherNumbers(const std::string& text, Random& random) {
  std::string result;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i;
    while (end < text.size() && std::isdigit(static_cast<unsigned char>(text[end]))) ++end;
    if (end == i) {
      result += text[i++];
      continue;
    }
    const bool in_word = (i > 0 && (isLetterOrDigit(text[i - 1]) || text[i - 1] == '_')) ||
                         (end < text.size() && (isLetterOrDigit(text[end]) || text[end] == '_'));
    const bool small = end - i == 1 && text[i] < '5';
    result += in_word || small ? text.substr(i, end - i) : std::to_string(5 + random() % 2000);
    i = end;
  }
  return result;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
  return text;
}

std::string withOtherPaths(const std::string& text, Random& random) {
  static const std::vector<std::string> kFolders = {"/home/li/ocr models/v2", "C:\\Users\\Ana\\models", ".",
                                                    "/mnt/d/导出", "/a/very/deep/folder/with-dashes_and.dots/1.2.3"};
  static const std::vector<std::string> kBuilds = {"/onnxruntime_src", "/build/Release/onnxruntime",
                                                   "D:\\a\\_work\\1\\s\\onnxruntime"};
  std::string result = replaced(text, "DIR/", kFolders[random() % kFolders.size()] + "/");
  result = replaced(result, "/onnxruntime_src", kBuilds[random() % kBuilds.size()]);
  return replaced(result, "./modules/dnn", "/io/opencv/modules/dnn");
}

std::string withOtherNames(const std::string& text, Random&) {
  static const std::pair<const char*, const char*> kNames[] = {
      {"nope.", "line detector (1)."},
      {"decoder.in5.weight", "model.neck.lateral.weight"},
      {"images", "x"},
      {"'pred'", "'probability'"},
      {"\"pred\"", "\"sigmoid_0.tmp_0\""},
      {"name: pred", "name: probability"},
      {"'nowhere'", "'onnx::Conv_99'"},
      {"Reluu", "MyGelu"},
      {"my.domain", "ai.example"},
      {"DBNet:", "SegDetectorModel:"},
      {"/backbone/", "/net/encoder/"},
      {"argparse.Namespace", "omegaconf.dictconfig.DictConfig"},
      {"posix.system", "subprocess.Popen"},
      {"torch.nn.modules.linear.Linear", "torch.nn.modules.conv.Conv2d"},
      {"trunc_", "download_"},
      {"lfs.onnx", "model.onnx"},
      {"html.onnx", "model (2).onnx"},
      {"OpenVINO", "DNNL"}};
  std::string result = text;
  for (const auto& [from, to] : kNames) result = replaced(result, from, to);
  return result;
}

std::string withOtherVersions(const std::string& text, Random&) {
  return replaced(replaced(text, "OpenCV(4.6.0)", "OpenCV(4.10.0-dev)"), "element_wise_ops.h:583",
                  "element_wise_ops.h:540");
}

std::string inPython(const std::string& text, Random&) {
  return "onnxruntime.capi.onnxruntime_pybind11_state.Fail: [ONNXRuntimeError] : 1 : FAIL : " + text;
}

std::string inATraceback(const std::string& text, Random&) {
  return "$ python export.py --height 819\nTraceback (most recent call last):\n  File \"/opt/export.py\", line 41, in "
         "<module>\n"
         "    main()\n  File \"/opt/export.py\", line 30, in main\n    outputs = session.run(None, {name: image})\n" +
         text + "\n\nProcess finished with exit code 1\n";
}

std::string asJson(const std::string& text, Random&) {
  return Json{{"success", false}, {"detail", text}}.dump();
}

std::string wrappedByAWindow(const std::string& text, Random& random) {
  std::string result = text;
  std::size_t column = 0;
  const std::size_t width = 40 + random() % 60;
  for (char& c : result) {
    column = c == '\n' ? 0 : column + 1;
    if (c == ' ' && column > width) c = '\n', column = 0;
  }
  return result;
}

std::string withLineEndsOfWindows(const std::string& text, Random&) {
  return replaced(text, "\n", "\r\n");
}

std::string inColour(const std::string& text, Random&) {
  return "\x1b[1;31m2024-05-01 10:11:12.345 [E:onnxruntime:, inference_session.cc:1644]\x1b[0m " + text + "\x1b[m";
}

std::string fromAWordProcessor(const std::string& text, Random&) {
  std::string result = replaced(text, "'", "’");
  return replaced(result, "\"", "”");
}

struct Telling {
  const char* name;
  std::function<std::string(const std::string&, Random&)> tell;
  // Words that only count as a whole line cannot be found inside another line.
  bool keeps_lines = true;
};

const std::vector<Telling>& tellings() {
  static const std::vector<Telling> kTellings = {{"with other numbers", withOtherNumbers},
                                                 {"with other paths", withOtherPaths},
                                                 {"with other names", withOtherNames},
                                                 {"with other versions", withOtherVersions},
                                                 {"behind a prefix of Python", inPython},
                                                 {"in a traceback", inATraceback},
                                                 {"as JSON", asJson, false},
                                                 {"wrapped by a window", wrappedByAWindow, false},
                                                 {"with line ends of Windows", withLineEndsOfWindows},
                                                 {"in colour, behind a log's prefix", inColour},
                                                 {"from a word processor", fromAWordProcessor}};
  return kTellings;
}

TEST(GoldenErrors, NameTheSameCauseHoweverTheyAreTold) {
  Random random(20240901);
  for (const Recorded& error : recordedErrors()) {
    const Explanation plain = explain(error.text);
    ASSERT_FALSE(plain.causes.empty()) << error.text;
    for (const Telling& telling : tellings()) {
      const bool by_line = std::string(error.text).find("Invalid input name: ") == 0 ||
                           std::string(error.text).find("Invalid output name: ") == 0;
      if (by_line && !telling.keeps_lines) continue;
      for (int round = 0; round < 5; ++round) {
        const std::string told = telling.tell(error.text, random);
        const Explanation explanation = explain(told);
        ASSERT_FALSE(explanation.causes.empty()) << telling.name << ": " << told;
        EXPECT_TRUE(names(explanation, plain.causes.front()->id)) << telling.name << ": " << told;
      }
    }
  }
}

TEST(GoldenErrors, SurviveSeveralChangesAtOnce) {
  Random random(11);
  for (const Recorded& error : recordedErrors()) {
    const std::string cause = explain(error.text).causes.front()->id;
    for (int round = 0; round < 10; ++round) {
      std::string told = withOtherNumbers(withOtherNames(withOtherPaths(error.text, random), random), random);
      told = inATraceback(withLineEndsOfWindows(told, random), random);
      const Explanation explanation = explain(told);
      ASSERT_FALSE(explanation.causes.empty()) << told;
      EXPECT_TRUE(names(explanation, cause)) << told;
    }
  }
}

}  // namespace
}  // namespace ocrdet
