// The numbers of a message worked out: which layer, which two maps, which input size it must have been.
#pragma once

#include <string>
#include <vector>

#include "explain/found.h"

namespace ocrdet {

using Sentences = std::vector<std::string>;

// One "index: 2 Got: 96 Expected: 64" of ONNX Runtime.
struct WrongDimension {
  std::int64_t index, got, expected;
};
std::vector<WrongDimension> wrongDimensions(const Found& found);

// "1,256,42,42" → {1, 256, 42, 42}; what is no number ends the list.
std::vector<std::int64_t> numbersIn(std::string_view list);

// "2" of "… at non-singleton dimension 2", which follows the match; empty if the text names no dimension.
std::string_view nonSingletonDimension(const Found& found);

// The operator of "while running Add node. Name:'/decoder/Add'", in lower case; empty if the text names none.
struct RunningNode {
  std::string_view op, name;
};
RunningNode runningNode(const CanonicalText& text);

// For the patterns of messages.cpp; each says which holes it reads.
Sentences pyTorchSizes(const Found& found);         // a, b
Sentences onnxRuntimeSizes(const Found& found);     // the smaller and the larger length
Sentences cudaProviderSizes(const Found& found);    // dimension, left shape, right shape
Sentences sideNotMultiple(const Found& found);      // a side
Sentences fixedSize(const Found& found);            // reads the list of dimensions behind the match
Sentences channelCount(const Found& found);         // likewise
Sentences convolutionChannels(const Found& found);  // the input's shape, expected and given channels
Sentences bufferLength(const Found& found);         // two numbers of values or bytes
Sentences firstByte(const Found& found);            // reads the byte behind the match
Sentences missingKeys(const Found& found);          // reads the keys behind the match
Sentences memoryRequest(const Found& found);        // a number of bytes
Sentences newerVersion(const Found& found);         // the file's version

}  // namespace ocrdet
