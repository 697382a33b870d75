// Random numbers that are the same on every machine and with every standard library: a picture of epoch 3 is drawn from
// (seed, epoch, index) alone, whichever thread draws it and however often a run was resumed.
#pragma once

#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <numbers>
#include <numeric>
#include <utility>
#include <vector>

namespace ocrdet {

// SplitMix64 (Steele, Lea and Flood 2014): one addition and a mix of the bits per number; any seed is as good as
// another.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  // A generator of its own for each combination of numbers.
  static Random of(std::initializer_list<std::uint64_t> numbers) {
    std::uint64_t seed = 0x243f6a8885a308d3;
    for (const std::uint64_t number : numbers) seed = Random(seed ^ number).next();
    return Random(seed);
  }

  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

  // [0, 1), with 53 random bits.
  double unit() { return static_cast<double>(next() >> 11) * 0x1p-53; }
  double between(double low, double high) { return low + (high - low) * unit(); }
  // Scales are felt by their ratio.
  double betweenLog(double low, double high) { return std::exp(between(std::log(low), std::log(high))); }
  bool chance(double probability) { return unit() < probability; }
  // 0 … count − 1; `count` at least 1. The bias is below count / 2^64.
  std::size_t below(std::size_t count) { return static_cast<std::size_t>(next() % count); }

  // Normal distribution, mean 0, deviation 1 (Box-Muller).
  double normal() {
    const double radius = std::sqrt(-2 * std::log(1 - unit()));
    return radius * std::cos(2 * std::numbers::pi * unit());
  }

  // 0 … count − 1 in random order.
  std::vector<std::size_t> permutation(std::size_t count) {
    std::vector<std::size_t> order(count);
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (std::size_t i = count; i > 1; --i) std::swap(order[i - 1], order[below(i)]);
    return order;
  }

 private:
  std::uint64_t state_;
};

}  // namespace ocrdet
