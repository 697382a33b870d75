// What `ocrdet detect` finds, for tests of the trained weights.
#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "cli/program.h"

namespace ocrdet::test {

// The boxes of a picture, eight numbers and more each, with the model that is taken when none is named.
inline nlohmann::json foundOn(const std::string& picture) {
  const ProgramResult result = runProgram("detect --json --quiet " + picture, "env -u OCRDET_MODELS");
  EXPECT_EQ(result.status, 0) << result.out << result.err;
  return nlohmann::json::parse(result.out)["images"][0]["boxes"];
}

inline bool contains(const nlohmann::json& box, double x, double y) {
  bool inside = false;
  for (std::size_t i = 0, j = 6; i < 8; j = i, i += 2) {
    const double xi = box[i], yi = box[i + 1], xj = box[j], yj = box[j + 1];
    if ((yi > y) != (yj > y) && x < (xj - xi) * (y - yi) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}

}  // namespace ocrdet::test
