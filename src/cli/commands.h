// The commands, in the order in which `ocrdet --help` lists them.
#pragma once

#include "cli/command.h"

namespace ocrdet::cli {

void addCheck(Commands& commands);
void addDetect(Commands& commands);
void addVersion(Commands& commands);

inline constexpr void (*kCommands[])(Commands&) = {
    addCheck,
    addDetect,
    addVersion,
};

}  // namespace ocrdet::cli
