#include "onnx/snippet.h"

#include <fmt/format.h>

#include "ocrdet/error.h"

namespace ocrdet {
namespace {

// Templates name what changes from file to file between two @.
std::string filled(std::string text, std::initializer_list<std::pair<const char*, std::string>> values) {
  for (const auto& [name, value] : values) {
    const std::string hole = fmt::format("@{}@", name);
    for (std::size_t at = 0; (at = text.find(hole, at)) != std::string::npos; at += value.size()) {
      text.replace(at, hole.size(), value);
    }
  }
  return text;
}

constexpr const char* kCppRounded = R"code(  // Short side @short@, free sides to the nearest multiple of @multiple@.
  const double scale = double(@short@) / std::min(picture.rows, picture.cols);
  const auto rounded = [&](int side) { return int(std::max(1L, std::lround(side * scale / @multiple@)) * @multiple@); };
)code";

constexpr const char* kPythonRounded = R"code(# Short side @short@, free sides to the nearest multiple of @multiple@.
scale = @short@ / min(picture.shape[:2])


def rounded(side):
    return max(1, round(side * scale / @multiple@)) * @multiple@


)code";

// The length of one side: the file's, or what its rule makes of the picture's.
std::string sideExpression(const FileContract& contract, std::int64_t fixed, const char* picture_side, bool python) {
  if (fixed > 0) return fmt::format("{}", fixed);
  if (contract.size_mode != SizeMode::kAny) return fmt::format("rounded({})", picture_side);
  return fmt::format("{}max(32, {})", python ? "" : "std::", picture_side);
}

std::string sizeLines(const FileContract& contract, bool python) {
  const bool any_free = contract.height == 0 || contract.width == 0;
  std::string lines;
  if (any_free && contract.size_mode == SizeMode::kAny) {
    lines = python ? "# Any size from 32 up: the file pads by itself.\n"
                   : "  // Any size from 32 up: the file pads by itself.\n";
  } else if (any_free) {
    const std::int64_t length = contract.resize.kind == ResizeRule::Kind::kExact ? 736 : contract.resize.length;
    lines = filled(python ? kPythonRounded : kCppRounded,
                   {{"short", fmt::format("{}", length)}, {"multiple", fmt::format("{}", contract.multiple)}});
  }
  const std::string height =
      sideExpression(contract, contract.height, python ? "picture.shape[0]" : "picture.rows", python);
  const std::string width =
      sideExpression(contract, contract.width, python ? "picture.shape[1]" : "picture.cols", python);
  return lines + (python ? fmt::format("height, width = {}, {}\n", height, width)
                         : fmt::format("  const int height = {}, width = {};\n", height, width));
}

// Inside a string literal of C++ or Python.
std::string escaped(const std::string& name) {
  std::string text;
  for (const char c : name) {
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  return text;
}

std::string means(const FileContract& contract) {
  return fmt::format("{}, {}, {}", contract.mean[0], contract.mean[1], contract.mean[2]);
}

std::string divisor(const FileContract& contract) {
  return fmt::format("{:.6g}", 1 / contract.scale);
}

constexpr const char* kPython = R"code(# pip install onnxruntime opencv-python-headless numpy
import sys

import cv2
import numpy as np
import onnxruntime

model = sys.argv[1] if len(sys.argv) > 1 else "@file@"
session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
picture = cv2.imread(sys.argv[2] if len(sys.argv) > 2 else "picture.jpg", cv2.IMREAD_COLOR)  # BGR, as the network wants it
@size@resized = cv2.resize(picture, (width, height), interpolation=cv2.INTER_LINEAR)
@prepare@@repeat@probabilities = session.run(["output"], {"input": batch})[0].astype(np.float32)
print("output", "x".join(map(str, probabilities.shape)))
print("best probability", f"{probabilities.max():.6f}")
)code";

constexpr const char* kPythonFloat =
    R"code(# The means belong to R, G, B but stand on B, G, R: the network was trained that way.
planes = (resized.astype(np.float32) - np.array([@mean@], np.float32)) / np.float32(@divisor@)
half = session.get_inputs()[0].type == "tensor(float16)"
batch = np.ascontiguousarray(planes.transpose(2, 0, 1)[None].astype(np.float16 if half else np.float32))
)code";

constexpr const char* kPythonBytes =
    R"code(batch = np.ascontiguousarray(resized[None])  # uint8 [1, H, W, 3]: normalised inside (-[@mean@], /@divisor@)
)code";

constexpr const char* kCpp =
    R"code(// g++ -std=c++17 run.cpp -I ONNXRUNTIME/include -L ONNXRUNTIME/lib -lonnxruntime $(pkg-config --cflags --libs opencv4)
#include <onnxruntime_cxx_api.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <vector>

int main(int argc, char** argv) {
  const char* model = argc > 1 ? argv[1] : "@file@";
  const cv::Mat picture = cv::imread(argc > 2 ? argv[2] : "picture.jpg", cv::IMREAD_COLOR);  // BGR
@size@  cv::Mat resized;
  cv::resize(picture, resized, cv::Size(width, height), 0, 0, cv::INTER_LINEAR);

@prepare@
  Ort::Env env(ORT_LOGGING_LEVEL_WARNING);
  Ort::Session session(env, model, Ort::SessionOptions());
  const Ort::MemoryInfo memory = Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
  Ort::Value input = Ort::Value::CreateTensor<@type@>(memory, batch.data(), batch.size(), shape.data(), shape.size());
  const char* input_name = "input";
  const char* output_name = "output";
  const auto outputs = session.Run(Ort::RunOptions(), &input_name, &input, 1, &output_name, 1);

  const std::vector<int64_t> found = outputs[0].GetTensorTypeAndShapeInfo().GetShape();
  std::printf("output %dx%dx%dx%d\n", int(found[0]), int(found[1]), int(found[2]), int(found[3]));
@output@}
)code";

constexpr const char* kCppFloat =
    R"code(  // The means belong to R, G, B but stand on B, G, R: the network was trained that way.
  const float mean[3] = {@mean@};
  std::vector<@type@> batch;
  for (int channel = 0; channel < 3; ++channel)
    for (int y = 0; y < height; ++y)
      for (int x = 0; x < width; ++x)
        batch.push_back(@type@((resized.at<cv::Vec3b>(y, x)[channel] - mean[channel]) / @divisor@));
@repeat@  const std::vector<int64_t> shape = {@batch@, 3, height, width};
)code";

constexpr const char* kCppBytes = R"code(  // The file normalises by itself: minus [@mean@], divided by @divisor@.
  std::vector<uint8_t> batch(resized.data, resized.data + resized.total() * 3);
@repeat@  const std::vector<int64_t> shape = {@batch@, height, width, 3};
)code";

constexpr const char* kCppOutput =
    R"code(  const float* probabilities = outputs[0].GetTensorData<float>();
  std::printf("best probability %.6f\n", *std::max_element(probabilities, probabilities + found[0] * found[2] * found[3]));
)code";

constexpr const char* kCppHalfOutput =
    R"code(  const Ort::Float16_t* halves = outputs[0].GetTensorData<Ort::Float16_t>();
  float best = 0;
  for (int64_t i = 0; i < found[0] * found[2] * found[3]; ++i) best = std::max(best, halves[i].ToFloat());
  std::printf("best probability %.6f\n", best);
)code";

constexpr const char* kCppRepeat = R"code(  // The file takes @batch@ pictures at once; here the same one @batch@ times.
  const std::vector<@type@> one = batch;
  for (int copy = 1; copy < @batch@; ++copy) batch.insert(batch.end(), one.begin(), one.end());
)code";

constexpr const char* kPythonRepeat =
    R"code(batch = np.repeat(batch, @batch@, axis=0)  # the file takes @batch@ pictures at once; here the same one
)code";

constexpr const char* kOpenCv = R"code(// g++ -std=c++17 run.cpp $(pkg-config --cflags --libs opencv4)
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <opencv2/dnn.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <vector>

int main(int argc, char** argv) {
  cv::dnn::Net net = cv::dnn::readNetFromONNX(argc > 1 ? argv[1] : "@file@");
  const cv::Mat picture = cv::imread(argc > 2 ? argv[2] : "picture.jpg", cv::IMREAD_COLOR);  // BGR
@size@  // The means belong to R, G, B but stand on B, G, R: the network was trained that way. No channel is swapped.
  const cv::Mat batch = cv::dnn::@blob@, 1 / @divisor@, cv::Size(width, height), cv::Scalar(@mean@), false);
  net.setInput(batch, "input");
  const cv::Mat probabilities = net.forward("output");
  std::printf("output %dx%dx%dx%d\n", probabilities.size[0], probabilities.size[1], probabilities.size[2], probabilities.size[3]);
  double best = 0;
  cv::minMaxIdx(probabilities.reshape(1, 1), nullptr, &best);
  std::printf("best probability %.6f\n", best);
}
)code";

void refuseForOpenCv(const SnippetFile& file) {
  const bool pads =
      file.contract.size_mode == SizeMode::kAny && (file.contract.height == 0 || file.contract.width == 0);
  const char* what = file.contract.preprocess_embedded ? "embedded preprocessing"
                     : file.float16_io                 ? "float16 input and output"
                     : pads                            ? "free sizes that pad inside"
                                                       : nullptr;
  if (what == nullptr) return;
  throw Error({&codes::kUsageOption, fmt::format("OpenCV's dnn does not run files with {}.", what),
               "Export with --size, and without --embed-preprocess and --float16-io, for OpenCV."});
}

}  // namespace

SnippetLanguage parseSnippetLanguage(std::string_view text) {
  if (text == "cpp") return SnippetLanguage::kCpp;
  if (text == "python") return SnippetLanguage::kPython;
  if (text == "opencv") return SnippetLanguage::kOpenCv;
  throw Error({&codes::kUsageOption,
               fmt::format("There is no snippet in '{}'.", text),
               "Choose cpp, python or opencv.",
               {{"given", std::string(text)}}});
}

std::string snippet(SnippetLanguage language, const SnippetFile& file) {
  const FileContract& contract = file.contract;
  const bool bytes = contract.preprocess_embedded;
  const bool python = language == SnippetLanguage::kPython;
  if (language == SnippetLanguage::kOpenCv) refuseForOpenCv(file);
  const std::string body = python ? kPython : language == SnippetLanguage::kCpp ? kCpp : kOpenCv;
  const std::string prepare = python ? (bytes ? kPythonBytes : kPythonFloat) : (bytes ? kCppBytes : kCppFloat);
  const char* repeat = file.batch == 1 ? "" : python ? kPythonRepeat : kCppRepeat;
  const std::string blob =
      file.batch == 1 ? "blobFromImage(picture" : "blobFromImages(std::vector<cv::Mat>(@batch@, picture)";
  return filled(body, {{"prepare", prepare},
                       {"repeat", repeat},
                       {"output", file.float16_io ? kCppHalfOutput : kCppOutput},
                       {"blob", blob},
                       {"size", sizeLines(contract, python)},
                       {"file", escaped(file.name)},
                       {"mean", means(contract)},
                       {"divisor", python ? divisor(contract) : fmt::format("{:#.6g}f", 1 / contract.scale)},
                       {"batch", fmt::format("{}", file.batch)},
                       {"type", bytes             ? "uint8_t"
                                : file.float16_io ? "Ort::Float16_t"
                                                  : "float"}});
}

}  // namespace ocrdet
