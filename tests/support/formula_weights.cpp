#include "support/formula_weights.h"

#include <cmath>
#include <string>
#include <utility>

#include "model/architecture.h"

namespace ocrdet::test {
namespace {

constexpr std::pair<std::string_view, double> kGains[] = {
    {"conv2.weight", 0.5}, {"downsample.0.weight", 0.5}, {"in5.weight", 0.5}, {"in4.weight", 0.5},
    {"in3.weight", 0.5},   {"in2.weight", 0.5},          {"6.weight", 1.4},
};

// -1 … 1 in steps of 1/125: a permutation of all 251 residues in each run of 251 elements.
double unit(std::uint32_t hash, std::int64_t index) {
  const std::int64_t j = (index + hash % 251) % 251;
  const std::int64_t r = ((1 + (hash >> 8) % 250) * (j * j * j % 251) + (hash >> 16) % 251) % 251;
  return static_cast<double>(r - 125) / 125.0;
}

double convolutionLimit(std::string_view name, std::span<const std::int64_t> shape) {
  double gain = 1;
  for (const auto& [ending, value] : kGains) {
    if (name.ends_with(ending)) {
      gain = value;
      break;
    }
  }
  const bool transposed = name.ends_with(".3.weight") || name.ends_with(".6.weight");
  const std::int64_t fan_in = transposed ? shape[0] : shape[1] * shape[2] * shape[3];
  return gain * std::sqrt(6.0 / static_cast<double>(fan_in));
}

}  // namespace

std::uint32_t fnv1a(std::string_view text) {
  std::uint32_t hash = 2166136261u;
  for (const char character : text) hash = (hash ^ static_cast<unsigned char>(character)) * 16777619u;
  return hash;
}

std::vector<float> formulaValues(std::string_view name, std::span<const std::int64_t> shape) {
  double base = 0, factor = 0.125;  // of a bias
  if (shape.size() == 4) {
    factor = convolutionLimit(name, shape);
  } else if (name.ends_with("running_mean")) {
    factor = 0.25;
  } else if (name.ends_with("running_var")) {
    base = 1, factor = 0.5;
  } else if (name.ends_with(".6.bias")) {
    base = -0.125;
  } else if (!name.ends_with("bias")) {
    base = 1, factor = 0.25;  // the weight of a batch norm
  }
  const std::uint32_t hash = fnv1a(name);
  double period[251];  // the formula repeats after 251 elements
  for (int i = 0; i < 251; ++i) period[i] = base + unit(hash, i) * factor;
  std::vector<float> values(static_cast<std::size_t>(*elementCount(shape)));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(period[i % 251]);
  return values;
}

std::int64_t formulaCounter(std::string_view name) {
  return fnv1a(name) % 1000;
}

StateDict formulaStateDict() {
  StateDict weights;
  weights.has_threshold_head = true;
  for (const ExpectedTensor& expected : expectedTensors()) {
    if (!expected.counter)
      weights.tensors[expected.name] = makeTensor(expected.shape, formulaValues(expected.name, expected.shape));
  }
  return weights;
}

std::vector<std::uint8_t> formulaImage(int height, int width, int number) {
  std::vector<std::uint8_t> pixels;
  pixels.reserve(static_cast<std::size_t>(height) * static_cast<std::size_t>(width) * 3);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (int c = 0; c < 3; ++c) {
        const int value = 7 * x + 13 * y + 29 * c + 101 * number + 31 * ((x / 8) ^ (y / 8)) + x * y / 16;
        pixels.push_back(static_cast<std::uint8_t>(value % 256));
      }
    }
  }
  return pixels;
}

std::vector<float> formulaInput(int batch, int height, int width) {
  // ModelScope's means are those of R, G, B, yet it subtracts them from B, G, R: the weights were trained that way.
  constexpr float kMean[] = {123.68f, 116.78f, 103.94f};
  const std::size_t plane = static_cast<std::size_t>(height) * static_cast<std::size_t>(width);
  std::vector<float> input(static_cast<std::size_t>(batch) * 3 * plane);
  for (int number = 0; number < batch; ++number) {
    const std::vector<std::uint8_t> pixels = formulaImage(height, width, number);
    for (std::size_t c = 0; c < 3; ++c) {
      float* out = input.data() + (static_cast<std::size_t>(number) * 3 + c) * plane;
      for (std::size_t i = 0; i < plane; ++i) out[i] = (static_cast<float>(pixels[i * 3 + c]) - kMean[c]) / 255.0f;
    }
  }
  return input;
}

}  // namespace ocrdet::test
