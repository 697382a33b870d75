// The learning rate of a step: a linear rise, then the polynomial fall of DB, both per step.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace ocrdet {

struct Schedule {
  double base_rate = 0.007;
  std::int64_t steps = 1;  // of the whole run
  std::int64_t warm_up_steps = 0;
  double power = 0.9;

  // `step` counts from 0.
  double rate(std::int64_t step) const {
    const double left = 1 - static_cast<double>(step) / static_cast<double>(steps + 1);
    const double rise =
        step < warm_up_steps ? static_cast<double>(step + 1) / static_cast<double>(warm_up_steps + 1) : 1;
    return base_rate * rise * std::pow(std::max(0.0, left), power);
  }
};

}  // namespace ocrdet
