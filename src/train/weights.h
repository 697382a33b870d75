// The numbers of a network without LibTorch: what files hold and runs start from.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "tensor/tensor.h"

namespace ocrdet {

// By name, the 158 tensors of the state dict or part of them; counters are int64.
using Weights = std::map<std::string, Tensor, std::less<>>;

}  // namespace ocrdet
