// Ready code that runs exactly one exported file: its names, size rule, colour order, normalisation and layout.
//
// The program reads a picture, prepares it as the file's contract says, runs it, and prints two lines: the output's
// shape and the best probability.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "contract/file_contract.h"

namespace ocrdet {

enum class SnippetLanguage {
  kCpp,     // C++, ONNX Runtime, OpenCV's core, imgproc and imgcodecs
  kPython,  // onnxruntime, numpy, cv2
  kOpenCv,  // C++, OpenCV's dnn alone
};

// "cpp", "python", "opencv". Throws usage.option.
SnippetLanguage parseSnippetLanguage(std::string_view text);

struct SnippetFile {
  std::string name;  // what the code opens by default: "model_800x800.onnx"
  FileContract contract;
  std::int64_t batch = 1;   // pictures in one run; 1 where that axis is free
  bool float16_io = false;  // input and output are float16
};

// Throws usage.option for files that OpenCV's dnn cannot run.
std::string snippet(SnippetLanguage language, const SnippetFile& file);

}  // namespace ocrdet
