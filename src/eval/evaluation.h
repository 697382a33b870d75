// A detector over a set of pictures with ground truth, and the search for better thresholds.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "dataset/layout.h"
#include "eval/protocol.h"
#include "image/image.h"
#include "ocrdet/detector.h"
#include "ocrdet/error.h"

namespace ocrdet {

// Every combination is tried. Probability maps are kept for one picture at a time, so the network runs once for all.
struct SweepGrid {
  std::vector<double> pixel_thresholds{0.2, 0.3, 0.4};
  std::vector<double> box_thresholds{0.3, 0.4, 0.5, 0.6, 0.7};
  std::vector<double> unclip_ratios{1.2, 1.5, 1.8, 2.1, 2.5};
};

// The usual one for a way of growing boxes.
SweepGrid gridFor(Growth growth);

struct SweepRow {
  double pixel_threshold = 0, box_threshold = 0, unclip_ratio = 0;
  SetScore score;
};

struct EvaluatedImage {
  std::size_t number = 0;  // its place in the set, from 1
  TruthImage files;
  std::vector<TruthLine> truth;
  Detection detection;  // without its map
  ImageScore score;
};

struct ImageFailure {
  TruthImage files;
  Problem problem;
};

struct Evaluation {
  std::string settings;  // how pictures were fed to the file, in one line
  SetScore score;
  std::vector<EvaluatedImage> images;
  std::vector<ImageFailure> failures;  // pictures that could not be read; their truth counts as missed
  std::vector<SweepRow> sweep;         // best hmean first; empty without a grid
};

struct EvaluationOptions {
  DetectorOptions detector;
  MatchRules rules;
  bool sweep = false;
  SweepGrid grid;
  std::function<void()> after_each;  // for progress
  // Sees each picture as it was decoded, for reports. Called on several threads at once.
  std::function<void(const EvaluatedImage&, const Image&)> with_picture;
};

// What became of each shape of the picture, in the order of `truth` and of the detection's boxes.
Fates fatesOf(const EvaluatedImage& image);

// Throws what opening the detector and reading truth files throw, and run.interrupted.
Evaluation evaluate(const std::filesystem::path& model, std::span<const TruthImage> images,
                    const EvaluationOptions& options);

}  // namespace ocrdet
