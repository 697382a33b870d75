// What the tests of `ocrdet export` export.
#pragma once

#include <string>

#include "support/formula_checkpoint.h"

namespace ocrdet::test {

inline std::string checkpoint() {
  return formulaCheckpoint("formula.pt").string();
}

}  // namespace ocrdet::test
