// Weights alone in a safetensors file: what is shipped, and what trainers and other programs load.
//
// Names are those of PyTorch's state dict without prefix or wrapper ("backbone.conv1.weight"); the threshold head is
// there when the checkpoint has it, so that a training can go on from the file; counters (num_batches_tracked) are
// copied. The metadata holds the settings of boxes under the names that ONNX files give them. Nothing tells which
// checkpoint the weights came from: the same weights give the same bytes.
#pragma once

#include <filesystem>

#include "contract/file_contract.h"
#include "model/state_dict.h"
#include "ocrdet/contract.h"

namespace ocrdet {

// With float16 the kernels of convolutions, which are 99.9 % of the file, have half the size; one-dimensional tensors
// stay float32: statistics of batch norms may lie outside float16's range. The file appears whole or not at all. Throws
// usage.option for int8, and what writeSafetensors throws.
void writeWeights(const std::filesystem::path& path, const StateDict& weights, Precision precision,
                  const BoxSettings& boxes);

// Of such a file.
std::map<std::string, std::string> weightsMetadata(const BoxSettings& boxes);

}  // namespace ocrdet
