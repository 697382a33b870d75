// A data set in one file: the images' encoded bytes and their ground truth, for training that reads in any order.
//
// Bytes, all numbers little-endian:
//
//   header   64 bytes: "OCRDPACK", version (u32, 1), zero (u32), number of images (u64), offset and length of the index
//            (u64 each), first 16 bytes of the index's SHA-256, first 8 bytes of the SHA-256 of the 56 before
//   records  one behind the other: image bytes, ground truth as text (truthText, one line each)
//   index    one entry an image: offset (u64), length of the image (u64), of the truth (u32), height and width of the
//            upright image (u32 each), form (u8: 0 quads, 1 polygons), lengths of split and name (u8, u16), zero (u32),
//            first 8 bytes of the SHA-256 of the record; then split and name
//
// The file is mapped, so opening costs the reading of its index alone, and several processes share its pages. The index
// is checked when the file is opened, each record when it is read.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/mapped_file.h"
#include "dataset/truth.h"
#include "image/resize.h"

namespace ocrdet {

class PackedSet {
 public:
  // Throws file.missing, file.unreadable, dataset.pack-corrupt, dataset.pack-unsupported.
  static PackedSet open(const std::filesystem::path& path);
  // Whether a file begins like one; for commands that take folders and packed files.
  static bool looksLikeOne(const std::filesystem::path& path);

  struct Item {
    std::string_view split, name;  // valid as long as the set
    PixelSize size;                // upright
  };
  std::size_t size() const { return entries_.size(); }
  Item item(std::size_t i) const;
  std::vector<std::size_t> itemsOf(std::string_view split) const;

  // The encoded image, valid as long as the set, and its truth. Safe from any thread. Throws dataset.pack-corrupt.
  struct Sample {
    std::span<const std::byte> image;
    std::vector<TruthLine> truth;
  };
  Sample read(std::size_t i) const;

 private:
  struct Entry {
    std::uint64_t offset = 0, image_bytes = 0;
    std::uint32_t truth_bytes = 0;
    PixelSize size;
    TruthForm form = TruthForm::kQuads;
    std::string_view split, name;
    std::string checksum;
  };
  std::string path_;
  std::shared_ptr<const MappedFile> file_;
  std::vector<Entry> entries_;
};

struct PackResult {
  std::size_t images = 0, texts = 0;
  std::int64_t bytes = 0;
};

struct PackOptions {
  bool overwrite = false;
  std::function<void()> after_each;  // for progress
};

// Packs every split of a folder. Throws what findSplits, findTruth and readTruthFile throw, image.* and file.*: a set
// of which an image or a line cannot be read is not packed. The file appears whole or not at all.
PackResult packDataset(const std::filesystem::path& folder, const std::filesystem::path& file,
                       const PackOptions& options = {});

}  // namespace ocrdet
