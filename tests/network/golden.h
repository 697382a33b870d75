// The golden cases of the whole network, and graphs run in ONNX Runtime.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <ostream>
#include <string>
#include <vector>

#include "graph/graph.h"
#include "onnx/serialise.h"
#include "runtime/session.h"
#include "support/formula_weights.h"
#include "support/npy.h"

namespace ocrdet::test {

struct GoldenCase {
  int batch, height, width;
  int stride;  // the golden map holds every stride-th row and column

  std::string name() const {
    return std::to_string(batch) + "x" + std::to_string(height) + "x" + std::to_string(width);
  }
  FloatArray map(const std::string& kind) const {
    return readNpy(std::string(OCRDET_GOLDEN_DIR) + "/network/" + kind + "_" + name() + ".npy");
  }
};
inline std::ostream& operator<<(std::ostream& out, const GoldenCase& golden) {
  return out << golden.name();
}

inline const std::vector<GoldenCase> kSmallCases = {{1, 64, 64, 1}, {1, 96, 160, 1}, {2, 128, 96, 1}};
inline constexpr GoldenCase kLargeCase{1, 640, 640, 4};

// Made once for each test program.
inline const StateDict& formulaWeights() {
  static const StateDict weights = formulaStateDict();
  return weights;
}

inline Session sessionOf(Graph graph, const SessionOptions& options = {}) {
  const std::string bytes = serialiseOnnx(std::move(graph));
  return Session::fromBytes(std::as_bytes(std::span(bytes)), options);
}

// Output `number` of a file with a float32 [N, 3, H, W] input.
inline FloatArray runMaps(const Session& session, const TensorShape& shape, const std::vector<float>& values,
                          std::size_t number = 0) {
  const std::vector<NamedTensor> outputs = session.run({{"input", viewOf(shape, std::span(values))}});
  const Tensor& output = outputs.at(number).tensor;
  return {output.shape, toFloat32(output)};
}

inline FloatArray runGoldenInput(const Session& session, const GoldenCase& golden, std::size_t number = 0) {
  return runMaps(session, {golden.batch, 3, golden.height, golden.width},
                 formulaInput(golden.batch, golden.height, golden.width), number);
}

inline float largestDifference(const std::vector<float>& a, const std::vector<float>& b) {
  if (a.size() != b.size()) return std::numeric_limits<float>::infinity();
  float largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const float difference = std::abs(a[i] - b[i]);
    largest = difference <= largest ? largest : difference;  // NaN wins
  }
  return largest;
}

// Every stride-th row and column of [N, 1, H, W].
inline FloatArray thinned(const FloatArray& maps, int stride) {
  FloatArray kept{{maps.shape[0], 1, (maps.shape[2] + stride - 1) / stride, (maps.shape[3] + stride - 1) / stride}, {}};
  for (std::int64_t n = 0; n < maps.shape[0]; ++n)
    for (std::int64_t y = 0; y < maps.shape[2]; y += stride)
      for (std::int64_t x = 0; x < maps.shape[3]; x += stride)
        kept.values.push_back(maps.values[static_cast<std::size_t>((n * maps.shape[2] + y) * maps.shape[3] + x)]);
  return kept;
}

}  // namespace ocrdet::test
