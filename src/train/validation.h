// How well the network finds text: what `ocrdet eval` would say of the file that is exported from its weights. Pictures
// get the same size, tiles and thresholds, and boxes are matched by the same protocol.
#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "contract/file_contract.h"
#include "eval/protocol.h"
#include "image/image.h"
#include "train/training_source.h"

namespace ocrdet {

struct ValidationPicture {
  std::string origin;           // see TrainingSource
  std::function<Image()> read;  // throws what reading pictures throws
  std::vector<TruthShape> truth;
};

struct ValidationSet {
  std::string path;
  std::string name;  // of the last folder, with a number where an earlier set has the same
  std::vector<ValidationPicture> pictures;
};

// The test part of a folder or packed file; at most `limit` pictures, evenly spread (0: all). Throws train.all-ignored
// when the protocol would count none of its texts, and what reading truth throws.
ValidationSet validationSet(const std::filesystem::path& set, int limit);
std::vector<ValidationSet> validationSets(std::span<const std::filesystem::path> sets, int limit);

// The sets' numbers of pictures and a hash of their names and truth, a line each: hmeans of other ones cannot be
// compared. Where they lie does not count.
std::string toText(const std::vector<ValidationSet>& sets);

// Says how many pictures of each set are learnt from.
void warnOfLearntPictures(const std::vector<ValidationSet>& sets, const std::vector<WeightedSource>& sources);

// Normalised planes of a picture to its map.
using MapFunction = std::function<std::vector<float>(const std::vector<float>& planes, int height, int width)>;

struct ValidationResult {
  std::vector<std::pair<std::string, SetScore>> sets;
  double hmean = 0;                     // the mean over the sets
  Image sample;                         // detections on the first pictures, side by side
  double precision = 0, recall = 0;     // of all pictures together
  std::vector<std::string> unreadable;  // what was wrong with pictures that could not be read
};

// Throws run.interrupted and what `map` throws. In pictures that cannot be read nothing is found.
ValidationResult validate(const std::vector<ValidationSet>& sets, const BoxSettings& settings, const MapFunction& map);

}  // namespace ocrdet
