// The commands, in the order in which `ocrdet --help` lists them.
#pragma once

#include "cli/command.h"

namespace ocrdet::cli {

void addVersion(Commands& commands);

inline constexpr void (*kCommands[])(Commands&) = {
    addVersion,
};

}  // namespace ocrdet::cli
