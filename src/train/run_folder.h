// What a training run leaves on disk:
//
//   config.toml                      every option in effect; `ocrdet train --config` takes it
//   log.jsonl                        a line every few steps and at each epoch's end
//   log.csv                          a line an epoch, for spreadsheets
//   curves.png                       losses, rate and hmean
//   samples/epoch_0003.jpg           detections on the first validation pictures; epoch 0 is before the first one
//   events.out.tfevents.…            the same for TensorBoard
//   last.safetensors best.safetensors  weights after the last epoch, and after the best one
//   state.safetensors                everything that --resume needs
//   best.onnx                        verified
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/folder_lock.h"
#include "base/json.h"
#include "image/image.h"
#include "train/event_file.h"
#include "train/training_options.h"
#include "train/training_state.h"

namespace ocrdet {

struct StepRecord {
  std::int64_t step = 0;
  double epoch = 0;  // with the fraction that is done
  double rate = 0;
  double loss = 0, text = 0, border = 0, dice = 0, teacher = 0;
  double gradient_norm = 0;
};

struct EpochRecord {
  int epoch = 0;  // 0: before the first one, of which nothing but the validation is known
  std::int64_t step = 0;
  double rate = 0;
  double loss = 0, text = 0, border = 0, dice = 0, teacher = 0;  // means over the epoch's steps
  double hmean = -1, precision = -1, recall = -1;                // -1: not validated
  double images_per_second = 0, waiting_share = 0, seconds = 0;
};

class RunFolder {
 public:
  // RUNS/YYYYMMDD-HHMMSS, with a number behind it when two runs start at once. `weights`: how the curves are drawn.
  // Throws file.unwritable.
  static RunFolder create(const std::filesystem::path& runs, const LossWeights& weights);
  // Of an earlier run, which goes on from `standing`: log lines of later steps and epochs are dropped, since they will
  // be written again, and so is what a killed process left of unfinished files. `lock` is taken before the state is
  // read, which another process might still be writing. Throws file.missing and file.unwritable.
  static RunFolder open(const std::filesystem::path& folder, FolderLock lock, const Standing& standing,
                        const LossWeights& weights);

  // config.toml, with which --resume goes on.
  void writeConfiguration(const std::string& configuration) const;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path file(const char* name) const { return path_ / name; }

  // Both throw file.unwritable.
  void add(const StepRecord& record);
  // Also draws curves.png, and writes the sample picture when there is one. `sets`: hmean by validation set.
  void add(const EpochRecord& record, const std::vector<std::pair<std::string, double>>& sets, const Image& sample);

 private:
  RunFolder(std::filesystem::path path, FolderLock lock, const LossWeights& weights);
  void append(const char* name, const std::string& line) const;

  std::filesystem::path path_;
  FolderLock lock_;
  LossWeights weights_;
  std::vector<StepRecord> steps_;
  std::vector<EpochRecord> epochs_;
  std::shared_ptr<EventFile> events_;
};

}  // namespace ocrdet
