// The error with which something is refused.
#pragma once

#include <gtest/gtest.h>

#include "ocrdet/error.h"

namespace ocrdet::test {

// What `action` throws; the test fails when it throws nothing.
template <typename Action>
Error refusalBy(Action&& action) {
  try {
    action();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "accepted, but should be refused";
  return Error({&codes::kInternalBug, "", ""});
}

}  // namespace ocrdet::test
