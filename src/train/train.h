// Training: data sets in, a run folder with weights, logs and a verified ONNX file out.
#pragma once

#include <filesystem>
#include <string>

#include "train/training_options.h"

namespace ocrdet {

struct TrainingResult {
  std::filesystem::path run;
  int epochs = 0;
  double first_hmean = 0;  // before the first epoch
  double best_hmean = 0;
  int best_epoch = 0;  // 0: the starting weights
  bool validated = false;
  std::filesystem::path onnx;  // empty without export
  double seconds = 0;
  double waiting_share = 0;  // of the time of all steps: waiting for data
  std::string libtorch;      // its version
};

// Throws train.*, what reading data sets and weights throws, and run.interrupted once the state has been saved.
TrainingResult train(const TrainingOptions& options);

}  // namespace ocrdet
