// The messages of ONNX Runtime, PyTorch, OpenCV and their neighbours: which grammar means which cause.
#pragma once

#include <span>

#include "explain/arithmetic.h"

namespace ocrdet {

struct MessageRow {
  const char* cause;
  const char* pattern;                      // explain/pattern.h has the grammar
  bool (*applies)(const Found&) = nullptr;  // for messages that mean different things with different numbers
  Sentences (*numbers)(const Found&) = nullptr;
  const char* also = "";    // a second cause that gives the same message
  bool whole_line = false;  // words that others use too: count only if they are the whole message of a line
};

std::span<const MessageRow> messageRows();

}  // namespace ocrdet
