// How well the network finds text, by the protocol that `ocrdet eval` uses: whole pictures at their detection size,
// boxes from the map, matched with the ground truth.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "eval/protocol.h"
#include "image/image.h"

namespace ocrdet {

struct ValidationPicture {
  std::filesystem::path image;
  std::vector<TruthShape> truth;
};

struct ValidationSet {
  std::string name;
  std::vector<ValidationPicture> pictures;
};

// The test part of a folder; at most `limit` pictures, evenly spread (0: all).
ValidationSet validationSet(const std::filesystem::path& folder, int limit);

// Normalised planes of a picture to its map.
using MapFunction = std::function<std::vector<float>(const std::vector<float>& planes, int height, int width)>;

struct ValidationResult {
  std::vector<std::pair<std::string, SetScore>> sets;
  double hmean = 0;                  // the mean over the sets
  Image sample;                      // detections on the first pictures, side by side
  double precision = 0, recall = 0;  // of all pictures together
};

// Throws run.interrupted. Pictures that cannot be read count as nothing found.
ValidationResult validate(const std::vector<ValidationSet>& sets, const MapFunction& map);

}  // namespace ocrdet
