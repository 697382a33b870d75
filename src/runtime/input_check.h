// Whether inputs fit an ONNX file, decided before ONNX Runtime sees them.
//
// ONNX Runtime checks fixed dimensions only, and its words need explaining. Here every input is compared with the
// file's own declaration and with the size contract in its metadata (docs/onnx.md), all broken rules are reported at
// once, and each says what would have been right.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "contract/file_contract.h"
#include "graph/graph.h"
#include "ocrdet/error.h"
#include "tensor/tensor.h"

namespace ocrdet {

// Everything that is wrong, empty when the inputs may run. Files of others have no size contract.
std::vector<Problem> inputProblems(std::span<const Value> declared, const std::optional<FileContract>& contract,
                                   std::span<const NamedTensor> given);

}  // namespace ocrdet
