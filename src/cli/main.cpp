// The program `ocrdet`: declares its commands and runs the one that was asked for.

#include "base/cancellation.h"
#include "cli/command.h"
#include "cli/commands.h"

int main(int argc, char** argv) {
  ocrdet::installInterruptHandler();
  CLI::App app("Text detection with DBNet-ResNet18: checkpoint to verified ONNX file to boxes on images.", "ocrdet");
  app.require_subcommand(1);
  app.footer("`ocrdet COMMAND --help` explains a command and shows examples.");
  ocrdet::cli::Commands commands(app);
  for (const auto addCommand : ocrdet::cli::kCommands) addCommand(commands);
  return commands.run(argc, argv);
}
