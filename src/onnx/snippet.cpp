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

bool fixedSize(const FileContract& contract) {
  return contract.height > 0 && contract.width > 0;
}

constexpr const char* kCppSizeFree = R"code(  // Short side @short@, both sides to the nearest multiple of @multiple@.
  const double scale = double(@short@) / std::min(picture.rows, picture.cols);
  const auto rounded = [&](int side) { return std::max(1L, std::lround(side * scale / @multiple@)) * @multiple@; };
  const int height = int(rounded(picture.rows)), width = int(rounded(picture.cols));
)code";

constexpr const char* kPythonSizeFree = R"code(# Short side @short@, both sides to the nearest multiple of @multiple@.
scale = @short@ / min(picture.shape[:2])
height, width = (max(1, round(side * scale / @multiple@)) * @multiple@ for side in picture.shape[:2])
)code";

std::string sizeLines(const FileContract& contract, bool python) {
  const std::int64_t length = contract.resize.kind == ResizeRule::Kind::kExact ? 736 : contract.resize.length;
  if (fixedSize(contract)) {
    return fmt::format(fmt::runtime(python ? "height, width = {}, {}\n" : "  const int height = {}, width = {};\n"),
                       contract.height, contract.width);
  }
  if (contract.size_mode == SizeMode::kAny) {
    return python
               ? "height, width = (max(32, side) for side in picture.shape[:2])  # any size: the file pads by itself\n"
               : "  // Any size: the file pads by itself.\n"
                 "  const int height = std::max(32, picture.rows), width = std::max(32, picture.cols);\n";
  }
  return filled(python ? kPythonSizeFree : kCppSizeFree,
                {{"short", fmt::format("{}", length)}, {"multiple", fmt::format("{}", contract.multiple)}});
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
@prepare@probabilities = session.run(["output"], {"input": batch})[0].astype(np.float32)
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
  const float* probabilities = outputs[0].GetTensorData<float>();
  std::printf("output %dx%dx%dx%d\n", int(found[0]), int(found[1]), int(found[2]), int(found[3]));
  std::printf("best probability %.6f\n", *std::max_element(probabilities, probabilities + found[0] * found[2] * found[3]));
}
)code";

constexpr const char* kCppFloat =
    R"code(  // The means belong to R, G, B but stand on B, G, R: the network was trained that way.
  const float mean[3] = {@mean@};
  std::vector<float> batch;
  for (int channel = 0; channel < 3; ++channel)
    for (int y = 0; y < height; ++y)
      for (int x = 0; x < width; ++x) batch.push_back((resized.at<cv::Vec3b>(y, x)[channel] - mean[channel]) / @divisor@);
  const std::vector<int64_t> shape = {1, 3, height, width};
)code";

constexpr const char* kCppBytes = R"code(  // The file normalises by itself: minus [@mean@], divided by @divisor@.
  std::vector<uint8_t> batch(resized.data, resized.data + resized.total() * 3);
  const std::vector<int64_t> shape = {1, height, width, 3};
)code";

constexpr const char* kOpenCv = R"code(// g++ -std=c++17 run.cpp $(pkg-config --cflags --libs opencv4)
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <opencv2/dnn.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

int main(int argc, char** argv) {
  cv::dnn::Net net = cv::dnn::readNetFromONNX(argc > 1 ? argv[1] : "@file@");
  const cv::Mat picture = cv::imread(argc > 2 ? argv[2] : "picture.jpg", cv::IMREAD_COLOR);  // BGR
@size@  // The means belong to R, G, B but stand on B, G, R: the network was trained that way. No channel is swapped.
  const cv::Mat batch = cv::dnn::blobFromImage(picture, 1 / @divisor@, cv::Size(width, height), cv::Scalar(@mean@), false);
  net.setInput(batch, "input");
  const cv::Mat probabilities = net.forward("output");
  std::printf("output %dx%dx%dx%d\n", probabilities.size[0], probabilities.size[1], probabilities.size[2], probabilities.size[3]);
  double best = 0;
  cv::minMaxIdx(probabilities.reshape(1, 1), nullptr, &best);
  std::printf("best probability %.6f\n", best);
}
)code";

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

std::string snippet(SnippetLanguage language, const FileContract& contract, std::string_view file_name) {
  const bool bytes = contract.preprocess_embedded;
  const bool python = language == SnippetLanguage::kPython;
  if (language == SnippetLanguage::kOpenCv &&
      (bytes || (contract.size_mode == SizeMode::kAny && !fixedSize(contract)))) {
    throw Error({&codes::kUsageOption,
                 fmt::format("OpenCV's dnn does not run files with {}.",
                             bytes ? "embedded preprocessing" : "free sizes that pad inside"),
                 "Export with --size and without --embed-preprocess for OpenCV."});
  }
  const std::string body = python ? kPython : language == SnippetLanguage::kCpp ? kCpp : kOpenCv;
  const std::string prepare = python ? (bytes ? kPythonBytes : kPythonFloat) : (bytes ? kCppBytes : kCppFloat);
  return filled(body, {{"prepare", prepare},
                       {"size", sizeLines(contract, python)},
                       {"file", std::string(file_name)},
                       {"mean", means(contract)},
                       {"divisor", python ? divisor(contract) : fmt::format("{:#.6g}f", 1 / contract.scale)},
                       {"type", bytes ? "uint8_t" : "float"}});
}

}  // namespace ocrdet
