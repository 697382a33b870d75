// Everything that a training run can be told. Knows nothing of LibTorch, so that the command line can fill it in.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace ocrdet {

enum class OptimizerKind { kSgd, kAdamW };
enum class TrainingPrecision { kAuto, kFloat32, kBfloat16 };
enum class TrainingDevice { kAuto, kCpu, kCuda };

// A size of batches: `size` times one of `scales`.
inline int roundedTo32(double length) {
  return std::max(1, int(std::lround(length / 32))) * 32;
}

// Of the initial weights in what is validated and saved, when they are a whole network (`keep_initial`). Chosen by
// bench/fine_tuning.py, with 40 dot-matrix pictures: docs/training.md has what is gained there and lost elsewhere.
inline constexpr double kShareKept = 0.82;

// How the losses add up (losses.h).
struct LossWeights {
  double text = 5;
  double border = 10;
  double dice = 1;
  double teacher = 5;
  double negatives_per_positive = 3;
};

struct TrainingOptions {
  // Pictures. A data set is a folder or a packed file, or one with how often it counts in an epoch: "receipts@2",
  // "streets@0.5".
  std::vector<std::string> datasets;
  std::vector<std::filesystem::path> unlabelled;  // for a teacher
  std::vector<std::filesystem::path> validation;  // sets; their `test` part
  int validation_limit = 0;                       // pictures of each set; 0: all
  int drawn = 0;                                  // synthetic pictures an epoch, each another one

  // Weights.
  std::filesystem::path init;          // empty: random weights
  std::optional<double> keep_initial;  // their share in what is validated and saved; unset: defaultShareKept
  std::filesystem::path teacher;
  LossWeights loss;

  // Where.
  std::filesystem::path runs = "runs";
  std::filesystem::path resume;  // a run folder

  // How long and how fast.
  int epochs = 10;
  int batch = 8;
  int size = 640;
  OptimizerKind optimizer = OptimizerKind::kSgd;
  std::vector<double> scales;  // sizes of batches relative to `size`
  double rate = 0.007;
  double warm_up = 0.1;  // epochs
  double momentum = 0.9;
  double weight_decay = 1e-4;  // of weights; batch norm and biases have none
  double clip = 25;            // norm of all gradients; 0: never
  double average = 0.999;      // of weights over steps (EMA); 0: none
  int patience = 0;            // epochs without a better hmean before stopping; 0: never

  bool nesterov = true;
  bool freeze_backbone = false;
  bool drawn_words = false;  // drawn pictures labelled by word, otherwise by line

  // Pictures to samples.
  double min_text_size = 8;
  double mirror = 0.5;
  double rotation = 10;
  double quarter_turns = 0;
  double text_crop = 0.5;
  double smallest_scale = 0.5, largest_scale = 3;
  double colour = 0.5;

  // The machine.
  TrainingDevice device = TrainingDevice::kAuto;
  TrainingPrecision precision = TrainingPrecision::kAuto;
  int threads = 0;  // of the network; 0: all processors
  int workers = 2;  // that make samples
  std::uint64_t seed = 1;
  double save_minutes = 10;           // between states within an epoch
  std::filesystem::path onnxruntime;  // for the teacher and the exported file
  bool export_best = true;
  bool channels_last = true;

  // Several processes that share each batch.
  int process = 0, processes = 1;
  int processes_here = 1;  // on this machine, which share its memory
  std::string rendezvous;  // where they meet (src/train/rendezvous.h)

  std::string configuration;         // the effective options as TOML, for the run folder
  std::string common_configuration;  // those of them that all processes must share
};

}  // namespace ocrdet
