// What an exported file, or a file of weights, says of its boxes.
#pragma once

#include "contract/file_contract.h"
#include "ocrdet/export.h"
#include "tensor/checkpoint.h"

namespace ocrdet {

// The options, else what the checkpoint carries, else the defaults.
BoxSettings boxSettings(const ExportOptions& options, const Checkpoint& source);

}  // namespace ocrdet
