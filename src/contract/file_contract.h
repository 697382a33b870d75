// What an exported file says about itself (metadata_props, keys `ocrdet.*`; docs/onnx.md explains each).
//
// Written by export, read by everything that runs a file: so that a file alone tells how to feed it.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace ocrdet {

enum class SizeMode {
  kFixed,    // one height and width
  kDynamic,  // any multiple of 32
  kAny,      // any size: the file pads and crops by itself
};

// How a picture becomes the network's input size.
struct ResizeRule {
  enum class Kind {
    kExact,      // stretched to the file's height and width
    kShortSide,  // the shorter side becomes `length`, the longer one the next multiple of 32 that keeps the shape
    kLongSide,   // the longer side becomes at most `length`
  };
  Kind kind = Kind::kShortSide;
  std::int64_t length = 736;
};

// Which parts of a network's map become boxes, and how far these grow. What is best depends on the weights, so a file
// of weights may carry them as well. The defaults are ModelScope's.
struct BoxSettings {
  double pixel_threshold = 0.2;  // a pixel is text above it
  double box_threshold = 0.3;    // a box is kept from this score
  double unclip_ratio = 1.5;

  bool operator==(const BoxSettings&) const = default;
};

// The defaults are those of the network itself (ModelScope's pipeline): BGR, means of R, G, B in the positions B, G, R
// because it was trained that way, no deviation.
struct FileContract {
  std::string version;
  SizeMode size_mode = SizeMode::kDynamic;
  std::int64_t height = 0;  // 0: free
  std::int64_t width = 0;
  std::int64_t multiple = 32;
  std::int64_t min_size = 32;
  std::int64_t max_size = 8192;
  std::array<double, 3> mean{123.68, 116.78, 103.94};  // subtracted from channels B, G, R
  double scale = 1.0 / 255;                            // multiplied afterwards
  bool preprocess_embedded = false;                    // input is uint8 [N, H, W, 3]
  ResizeRule resize;
  BoxSettings boxes;
  std::string precision = "fp32";
  std::string passes;         // names of the graph passes, separated by commas
  std::string source_sha256;  // of the checkpoint
  std::string verified;       // summary of the verification; empty when there was none
};

std::map<std::string, std::string> toMetadata(const FileContract& contract);
std::map<std::string, std::string> toMetadata(const BoxSettings& boxes);

// Nothing when the metadata is not ours. Values that cannot be read keep their default: a file edited by others must
// still run.
std::optional<FileContract> readFileContract(const std::map<std::string, std::string>& metadata);

// Of an ONNX file or of weights; what is not there, or cannot be read, keeps its default.
BoxSettings readBoxSettings(const std::map<std::string, std::string>& metadata);

}  // namespace ocrdet
