// The words of the contract: precisions, targets, ways of rounding. Each is a table; a misspelt word gets the closest
// one.

#include <fmt/format.h>

#include "base/closest_match.h"
#include "ocrdet/contract.h"

namespace ocrdet {
namespace {

template <typename Value>
struct Word {
  const char* name;
  Value value;
};

constexpr Word<Precision> kPrecisions[] = {
    {"fp32", Precision::kFloat32}, {"fp16", Precision::kFloat16}, {"int8", Precision::kInt8}};

constexpr Word<Rounding> kRoundings[] = {
    {"closest", Rounding::kClosest}, {"up", Rounding::kUp}, {"down", Rounding::kDown}};

// Runtimes that plan their memory for one size, by their own documentation, need fixed axes.
constexpr Target kTargets[] = {{"onnxruntime", false, "ONNX Runtime"}, {"tensorrt", false, "NVIDIA TensorRT"},
                               {"openvino", false, "Intel OpenVINO"},  {"opencv-dnn", true, "OpenCV's dnn module"},
                               {"rknn", true, "Rockchip RKNN"},        {"hailo", true, "Hailo"},
                               {"snpe", true, "Qualcomm SNPE"},        {"edgetpu", true, "Google Edge TPU"}};

template <typename Row, std::size_t Count>
const Row& rowNamed(std::string_view word, const Row (&table)[Count], const char* what) {
  std::vector<std::string> known;
  for (const Row& row : table) {
    if (word == row.name) return row;
    known.emplace_back(row.name);
  }
  const auto match = closestMatch(word, known);
  throw Error(Problem{
      &codes::kUsageOption,
      fmt::format("\"{}\" is not a {}.", word.substr(0, 60), what),
      fmt::format("{}Known are {}.", match ? fmt::format("Did you mean {}? ", *match) : "", fmt::join(known, ", ")),
      {{"given", std::string(word.substr(0, 60))}},
      ""});
}

}  // namespace

Precision parsePrecision(std::string_view text) {
  return rowNamed(text, kPrecisions, "precision").value;
}

Rounding parseRounding(std::string_view text) {
  return rowNamed(text, kRoundings, "way of rounding").value;
}

const Target& targetNamed(std::string_view name) {
  return rowNamed(name, kTargets, "known target");
}

std::string_view name(Level level) {
  switch (level) {
    case Level::kError:
      return "error";
    case Level::kWarning:
      return "warning";
    case Level::kNote:
      return "note";
  }
  return "error";
}

}  // namespace ocrdet
