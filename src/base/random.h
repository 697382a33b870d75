// Random numbers that are the same on every machine and with every standard library, whose engines are alike but whose
// distributions are not: what is drawn for (seed, epoch, index) depends on nothing else, whichever thread draws it and
// however often a run was resumed.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <numbers>
#include <numeric>
#include <span>
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

  // Stream `index` of a seed, as drawn data sets are numbered: with a seed of old they stay the same pictures.
  static Random stream(std::uint64_t seed, std::uint64_t index) {
    Random random(Random(seed * kGoldenRatio).next() ^ (index * 0xd1b54a32d192ed03));
    random.next();
    return random;
  }

  std::uint64_t next() {
    std::uint64_t z = state_ += kGoldenRatio;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

  // [0, 1), with 53 random bits.
  double unit() { return static_cast<double>(next() >> 11) * 0x1p-53; }
  double between(double low, double high) { return low + (high - low) * unit(); }
  // Even in the logarithm: scales and sizes of text are felt by their ratio.
  double betweenLog(double low, double high) { return low * std::exp(unit() * std::log(high / low)); }
  bool chance(double probability) { return unit() < probability; }
  int whole(int low, int high) { return low + int(unit() * (high - low + 1)); }  // both ends included
  // 0 … count − 1; `count` at least 1. The bias is below count / 2^64.
  std::size_t below(std::size_t count) { return static_cast<std::size_t>(next() % count); }

  // Normal distribution, mean 0, deviation 1 (Box-Muller).
  double normal() {
    const double radius = std::sqrt(-2 * std::log(1 - unit()));
    return radius * std::cos(2 * std::numbers::pi * unit());
  }
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

  // 0 … count − 1 in random order.
  std::vector<std::size_t> permutation(std::size_t count) {
    std::vector<std::size_t> order(count);
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (std::size_t i = count; i > 1; --i) std::swap(order[i - 1], order[below(i)]);
    return order;
  }

 private:
  static constexpr std::uint64_t kGoldenRatio = 0x9e3779b97f4a7c15;  // 2^64 / φ, as the authors take it
  std::uint64_t state_;
};

}  // namespace ocrdet
