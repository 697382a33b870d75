// What training starts from: random numbers, and over them what a file has.
//
// A file may be any checkpoint of this network, in any format that src/tensor reads and under any prefix, or a
// ResNet-18 as torchvision names it, trained on ImageNet. The latter wants RGB divided by the deviation of its
// channels; ours gets BGR undivided, so its first convolution is turned round and scaled.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "contract/file_contract.h"
#include "train/weights.h"

namespace ocrdet {

// Convolutions as ModelScope and MhLiao/DB begin: the backbone's normal with variance 2 / (k² · outputs), the decoder's
// with 2 / (k² · inputs); batch norm 1 and 0 (1e-4 in the decoder).
Weights randomWeights(std::uint64_t seed);

struct InitialWeights {
  Weights weights;  // all 158
  std::string description;
  BoxSettings boxes;   // as the file has them; training changes little in how high probabilities are
  bool whole = false;  // every one comes from a checkpoint of this network
};

// Throws what readCheckpoint throws, train.init-mismatch when little of the file fits, and checkpoint.not-finite.
InitialWeights initialWeights(const std::filesystem::path& file, std::uint64_t seed);

// Without --keep-initial: what a whole network can do already must not be forgotten, and others have little to forget.
double defaultShareKept(const InitialWeights& initial);

}  // namespace ocrdet
