// The model that is used when --model names none: trained weights that come with the program.
#pragma once

#include <filesystem>

namespace ocrdet::cli {

// ocrdet-line.safetensors in the folder that OCRDET_MODELS names; without one, where an installation has it, then where
// the build tree has it. Throws usage.option, which says where was looked.
std::filesystem::path shippedModel();

}  // namespace ocrdet::cli
