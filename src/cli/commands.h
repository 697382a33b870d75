// The commands, in the order in which `ocrdet --help` lists them.
#pragma once

#include "cli/command.h"

namespace ocrdet::cli {

void addCheck(Commands& commands);
void addVersion(Commands& commands);

inline constexpr void (*kCommands[])(Commands&) = {
    addCheck,
    addVersion,
};

}  // namespace ocrdet::cli
