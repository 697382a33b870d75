// The options of training. Declared once for two programs: `ocrdet train` checks them and hands over to `ocrdet-train`,
// which alone links LibTorch.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>

#include "cli/command.h"
#include "train/training_options.h"

namespace ocrdet::cli {

struct TrainArguments {
  TrainingOptions options;
  std::optional<double> rate;  // otherwise the optimizer's usual one
  std::string scales, freeze, optimizer = "sgd", precision = "auto", device = "auto", scale_range = "0.5,3";
  bool no_nesterov = false, no_channels_last = false, no_export = false;
};

// Declares the command `train` and its options.
CLI::App& addTrainCommand(Commands& commands, const std::shared_ptr<TrainArguments>& arguments, Commands::Body body);

// Throws usage.option, naming every option that does not fit.
TrainingOptions trainingOptions(const TrainArguments& arguments, const CLI::App& command, const Console& console);

}  // namespace ocrdet::cli
