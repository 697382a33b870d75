// The names that a pickle may mention, and what each stands for.
#pragma once

#include <optional>
#include <string_view>

#include "tensor/tensor.h"

namespace ocrdet {

enum class GlobalRole {
  kDictionary,        // collections.OrderedDict: a dictionary
  kTuple,             // torch.Size: its argument is the value
  kRebuildTensor,     // (storage, offset, size, strides, …): a tensor
  kRebuildTensorV3,   // (storage, offset, size, strides, requires_grad, hooks, dtype): a tensor over untyped bytes
  kRebuildParameter,  // (tensor, …): the tensor
  kRebuildFromType,   // (function, type, arguments, state): what the function makes of the arguments
  kStorageType,       // torch.FloatStorage: elements of `dtype`; without a dtype, bytes
  kElementType,       // torch.float32
  kTensorClass,       // torch.Tensor, as an argument
  kPlain,             // sets, devices and the like: skipped silently
  kForeign,           // objects of other libraries: skipped, and reported as ignored
};

struct KnownGlobal {
  std::string_view name;  // "torch._utils._rebuild_tensor_v2"
  GlobalRole role;
  std::optional<DType> dtype = std::nullopt;
};

// The entry for module.name, or null.
const KnownGlobal* findGlobal(std::string_view full_name);

// Explains why a name that is not in the table is refused: checkpoint.unsafe for what could act on the machine,
// checkpoint.whole-module for networks that were saved as objects (`is_root`: the name comes before anything else in
// the pickle), checkpoint.unsupported for tensors of other kinds, else checkpoint.unknown-class.
[[noreturn]] void refuseGlobal(std::string_view full_name, bool is_root);

}  // namespace ocrdet
