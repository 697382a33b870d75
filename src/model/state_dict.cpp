#include "model/state_dict.h"

#include <fmt/format.h>

#include "ocrdet/error.h"

namespace ocrdet {

const Tensor& StateDict::tensor(std::string_view name) const {
  const auto found = tensors.find(name);
  if (found == tensors.end())
    throw Error({&codes::kInternalBug, fmt::format("The weights have no tensor \"{}\".", name), "Please report this."});
  return found->second;
}

}  // namespace ocrdet
