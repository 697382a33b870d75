// The weights of our network, found in a checkpoint.
//
//   const StateDict weights = loadStateDict("model_latest.pt");
//   const Tensor& stem = weights.tensor("backbone.conv1.weight");
//
// Trainers put prefixes before the names (`module.`, `model.module.`) and dictionaries around the weights
// (`state_dict`, `model`). PyTorch's own load_state_dict(strict=False) then loads nothing and says nothing; here the
// place where the most names fit is found, and what does not fit is reported all at once.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "tensor/checkpoint.h"

namespace ocrdet {

struct StateDict {
  // By plain name ("backbone.conv1.weight"); floating point of any width, shapes as expectedTensors() says. Counters
  // (num_batches_tracked) are left out.
  std::map<std::string, Tensor, std::less<>> tensors;
  bool has_threshold_head = false;
  std::string wrapper;  // where the weights were: "checkpoint/state_dict"; empty for the top level
  std::string prefix;   // before every name: "module."; often empty
  int ignored = 0;  // tensors of the file that are not weights of the network: optimizer state, classifier, counters
  Checkpoint source;

  // The tensor of that name; a name that is not there is a mistake of the program (internal.bug).
  const Tensor& tensor(std::string_view name) const;
};

// Reads and matches. Throws what readCheckpoint and matchStateDict throw.
StateDict loadStateDict(const std::filesystem::path& path);

// Finds the network's weights and checks names, shapes, types and values. Throws one Error (checkpoint.*) that holds
// every problem found; networks that are known not to fit have their own codes.
StateDict matchStateDict(Checkpoint checkpoint);

// Throws checkpoint.not-finite, with every one of these tensors of `file` that holds NaN, infinity or a negative
// variance.
void refuseImpossibleValues(const std::map<std::string, Tensor, std::less<>>& tensors,
                            const std::filesystem::path& file);

}  // namespace ocrdet
