// Ready code that runs exactly one exported file: its names, size rule, colour order, normalisation and layout.
//
// The program reads a picture, prepares it as the file's contract says, runs it, and prints two lines: the output's
// shape and the best probability.
#pragma once

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

// `file_name` is what the code opens by default: "model_800x800.onnx".
std::string snippet(SnippetLanguage language, const FileContract& contract, std::string_view file_name);

}  // namespace ocrdet
