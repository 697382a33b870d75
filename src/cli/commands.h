// The commands, in the order in which `ocrdet --help` lists them.
#pragma once

#include "cli/command.h"

namespace ocrdet::cli {

void addExport(Commands& commands);
void addVerify(Commands& commands);
void addInspect(Commands& commands);
void addCheck(Commands& commands);
void addExplain(Commands& commands);
void addDetect(Commands& commands);
void addEval(Commands& commands);
void addTrain(Commands& commands);
void addBench(Commands& commands);
void addDataset(Commands& commands);
void addVersion(Commands& commands);

inline constexpr void (*kCommands[])(Commands&) = {
    addExport, addVerify, addInspect, addCheck,   addExplain, addDetect,
    addEval,   addTrain,  addBench,   addDataset, addVersion,
};

}  // namespace ocrdet::cli
