// A data set written anew, in the layout that every tool reads: lists, images and ground truth of train and test.
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/atomic_folder.h"
#include "dataset/truth.h"

namespace ocrdet {

class SetWriter {
 public:
  // Throws what AtomicFolder throws. Nothing is seen at `folder` before finish().
  explicit SetWriter(const std::filesystem::path& folder) : folder_(folder) {}

  // `split` is "train", "test", or empty (folders images/ and gts/). The name gets no folders and no dots but that
  // before its ending, which ModelScope would cut it at; a number where it, or its ground truth's, is taken. Returns
  // the name used.
  std::string add(const std::string& split, const std::string& name, std::string_view image_bytes,
                  std::span<const TruthLine> truth);
  std::string add(const std::string& split, const std::string& name, std::span<const std::byte> image_bytes,
                  std::span<const TruthLine> truth);

  void finish();

 private:
  struct Split {
    std::set<std::string> stems;
    std::string list;
  };
  AtomicFolder folder_;
  std::map<std::string, Split> splits_;
};

}  // namespace ocrdet
