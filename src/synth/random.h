// Random numbers that are the same everywhere: the standard's engines are, its distributions are not.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

namespace ocrdet::synth {

// SplitMix64 (Steele, Lea, Flood 2014). Streams of different seeds and indices have nothing in common that shows.
class Random {
 public:
  explicit Random(std::uint64_t seed, std::uint64_t index = 0) : state_(seed * 0x9E3779B97F4A7C15U) {
    state_ = next() ^ (index * 0xD1B54A32D192ED03U);
    next();
  }

  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15U);
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31U);
  }

  double unit() { return double(next() >> 11U) * 0x1p-53; }  // [0, 1)
  double between(double low, double high) { return low + (high - low) * unit(); }
  int whole(int low, int high) { return low + int(unit() * (high - low + 1)); }  // both ends included
  bool chance(double probability) { return unit() < probability; }
  // Even in the logarithm: sizes of text.
  double scaled(double low, double high) { return low * std::exp(unit() * std::log(high / low)); }
  // Mean 0, deviation 1; three uniform numbers are near enough and never far out.
  double bell() { return (unit() + unit() + unit() - 1.5) * 2; }

  template <typename Items>
  const auto& pick(const Items& items) {
    return items[std::size_t(unit() * double(std::size(items)))];
  }

  // Index into weights that need not sum to one.
  std::size_t weighted(std::span<const double> weights) {
    double sum = 0;
    for (const double weight : weights) sum += weight;
    double rest = unit() * sum;
    for (std::size_t i = 0; i + 1 < weights.size(); ++i)
      if ((rest -= weights[i]) < 0) return i;
    return weights.size() - 1;
  }

 private:
  std::uint64_t state_;
};

}  // namespace ocrdet::synth
