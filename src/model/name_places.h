// Where in a checkpoint the wanted names lie: in which of its dictionaries, behind which prefix.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/name_endings.h"
#include "tensor/tensor.h"

namespace ocrdet {

struct NamePlace {
  std::string wrapper;  // "checkpoint/state_dict"; empty for the top level
  std::string prefix;   // "model.module."; often empty
  int matched = 0;      // entries with one of the names
};

// The place where the most entries have one of the names. Averaged copies ("ema", "model_ema") lie beside the trained
// weights; between equals, the weights themselves are taken. Without a match, the first entry's dictionary.
NamePlace findPlace(const std::vector<NamedTensor>& entries, const NameEndings& names);

// Entries of the dictionary at `place`, keys without its path but with the prefix.
std::vector<NamedTensor> entriesAt(const std::vector<NamedTensor>& entries, const NamePlace& place);

}  // namespace ocrdet
