// Where training pictures come from: a number and a function from an index to a picture with its texts. Folders, packed
// files and drawn pictures are all this.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/random.h"
#include "dataset/pack.h"
#include "image/image.h"
#include "ocrdet/error.h"
#include "train/targets.h"
#include "train/training_options.h"

namespace ocrdet {

struct LabelledImage {
  Image image;
  std::vector<TextRegion> regions;
  bool labelled = true;  // false: nobody knows where its texts are; only a teacher can use it
};

struct TrainingSource {
  std::string name;
  std::size_t size = 0;
  // Texts that may be learnt, and those marked as ignored. Of packed files, those up to the first text that may be
  // learnt; unknown for sources that draw their pictures.
  std::optional<std::int64_t> cared, ignored;
  // Called from several threads at once. `random` is for sources that draw their pictures; the same index and state of
  // `random` give the same picture. Throws what reading throws.
  std::function<LabelledImage(std::size_t index, Random& random)> read;
  // Where the picture lies, the same under whichever name its set is given. None for sources that draw their pictures.
  std::function<std::string(std::size_t index)> origin = {};
};

// Of a file, or of an item of a packed file.
std::string originOf(const std::filesystem::path& file);
std::string originOf(const std::filesystem::path& packed, std::size_t item);

// The ground truth of an item of a packed file. A damaged record holds none; its picture cannot be read when its turn
// comes, either.
std::vector<TruthLine> truthOf(const PackedSet& set, std::size_t item);

// An item of a packed file. What reading throws names it.
LabelledImage readItem(const PackedSet& set, const std::filesystem::path& file, std::size_t item);

// The items of a split, or of a set without splits all.
std::vector<std::size_t> itemsToUse(const PackedSet& set, std::string_view split);

// The training part of a folder in a layout that src/dataset knows (layout.h). Truth files are read at once, so that a
// broken line is reported before hours of training; pictures are read when asked for.
TrainingSource folderSource(const std::filesystem::path& folder);

// The training part of a packed file; of one without splits, everything.
TrainingSource packedSource(const std::filesystem::path& file);

// `size` pictures an epoch that are drawn when asked for, others in each epoch.
TrainingSource drawnSource(std::size_t size, bool words);

// Every picture of a folder and the folders below it, without ground truth.
TrainingSource unlabelledSource(const std::filesystem::path& folder);

// Pictures of several sources, one behind the other; a source may count several times ("twice", or a half: then the
// first pictures of a new order are taken each epoch).
struct WeightedSource {
  TrainingSource source;
  double times = 1;
};

// train.nothing-to-learn for a set, or a choice of sets, without training pictures.
Error noTrainingPictures(std::string_view name);

// Throws file.missing for the first data set, folder or validation set that is not there. Reads none.
void requireSources(const TrainingOptions& options);

// Everything that the options name. Throws usage.option, train.all-ignored when no text of the labelled sets may be
// learnt, and what reading truth files throws.
std::vector<WeightedSource> trainingSources(const TrainingOptions& options);

// Where all their pictures lie.
std::unordered_set<std::string> originsOf(const std::vector<WeightedSource>& sources);

// Which picture comes when. In every epoch each source gives size · times pictures, all in random order.
class SampleOrder {
 public:
  SampleOrder(const std::vector<WeightedSource>& sources, std::uint64_t seed);

  std::size_t samplesPerEpoch() const { return samples_per_epoch_; }

  struct Pick {
    std::size_t source = 0;
    std::size_t index = 0;
  };
  // The whole epoch.
  std::vector<Pick> epoch(std::uint64_t number) const;

 private:
  struct Share {
    std::size_t size = 0, samples = 0;
  };
  std::vector<Share> shares_;
  std::size_t samples_per_epoch_ = 0;
  std::uint64_t seed_;
};

}  // namespace ocrdet
