// A first look at protobuf bytes, before protobuf allocates anything for them.
//
// Protobuf's decoder never reads beyond its input, yet two bytes of input can become an object of 200 bytes, and
// messages within messages use the stack. So the entries of an ONNX file are counted first, following the few fields
// that hold messages; a model has a few thousand, and 49 MB of weights are one of them.
#pragma once

#include <cstddef>
#include <span>

namespace ocrdet {

enum class WireVerdict { kFine, kDamaged, kTooManyEntries, kTooDeep };

WireVerdict checkModelWire(std::span<const std::byte> bytes);

}  // namespace ocrdet
