// The two formats of torch.save.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tensor/tensor.h"

namespace ocrdet {

struct TorchContent {
  std::vector<NamedTensor> tensors;
  std::vector<std::string> ignored_classes;
};

// Zip with `data.pkl` and one record per storage. Throws checkpoint.not-a-checkpoint for other zips and
// checkpoint.torchscript for programs.
TorchContent readTorchZip(const Storage& file);

// A row of pickles followed by the storages; nothing if the first pickle is not PyTorch's mark: some other program's
// pickle, which has been parsed (and thereby judged), though.
std::optional<TorchContent> readTorchLegacy(const Storage& file);

}  // namespace ocrdet
