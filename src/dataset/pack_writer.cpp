#include <fmt/format.h>

#include <algorithm>

#include "base/atomic_file.h"
#include "base/cancellation.h"
#include "dataset/layout.h"
#include "dataset/pack.h"
#include "dataset/pack_layout.h"
#include "image/decode.h"
#include "ocrdet/error.h"

namespace ocrdet {
namespace {

namespace fs = std::filesystem;

// Upright. Only what the reader can promise to read: all of it is decoded once. Messages name the file.
PixelSize sizeOf(std::span<const std::byte> bytes, const fs::path& path) {
  try {
    const Image image = decodeImage(bytes);
    return {image.height, image.width};
  } catch (const Error& error) {
    Problem problem = error.problems().front();
    problem.message = fmt::format("{}: {}", path.string(), problem.message);
    problem.advice =
        "`ocrdet dataset check` says what is wrong with a set; `ocrdet dataset fix` leaves such images out.";
    throw Error(std::move(problem));
  }
}

// Forms that have other lines than quads and polygons are written as quads.
std::uint8_t formByte(TruthForm form) {
  return form == TruthForm::kPolygons ? 1 : 0;
}

class Packer {
 public:
  explicit Packer(const fs::path& path) : file_(path) { file_.write(std::string(pack::kHeaderBytes, '\0')); }

  void add(const TruthImage& files, std::span<const TruthLine> lines, const std::string& split,
           const std::string& name) {
    const auto image = MappedFile::open(files.image);
    const PixelSize size = sizeOf(image->bytes(), files.image);
    std::string truth;
    for (const TruthLine& line : lines) {
      truth += truthText(line) + "\n";
      ++result_.texts;
    }
    std::string record(reinterpret_cast<const char*>(image->bytes().data()), image->bytes().size());
    record += truth;
    const std::string kept_name = name.substr(0, 0xFFFF);
    pack::append<std::uint64_t>(index_, offset_);
    pack::append<std::uint64_t>(index_, image->bytes().size());
    pack::append<std::uint32_t>(index_, truth.size());
    pack::append<std::uint32_t>(index_, size.height);
    pack::append<std::uint32_t>(index_, size.width);
    pack::append<std::uint8_t>(index_, formByte(files.form));
    pack::append<std::uint8_t>(index_, split.size());
    pack::append<std::uint16_t>(index_, kept_name.size());
    pack::append<std::uint32_t>(index_, 0);
    index_ += pack::checksum(pack::asBytes(record), pack::kShortSum) + split + kept_name;
    file_.write(record);
    offset_ += record.size();
    ++result_.images;
  }

  PackResult finish() {
    file_.write(index_);
    std::string header(pack::kMagic);
    pack::append<std::uint32_t>(header, pack::kVersion);
    pack::append<std::uint32_t>(header, 0);
    pack::append<std::uint64_t>(header, result_.images);
    pack::append<std::uint64_t>(header, offset_);
    pack::append<std::uint64_t>(header, index_.size());
    header += pack::checksum(pack::asBytes(index_), pack::kIndexSum);
    header += pack::checksum(pack::asBytes(header), pack::kShortSum);
    file_.overwriteStart(header);
    file_.commit();
    result_.bytes = std::int64_t(offset_ + index_.size());
    return result_;
  }

 private:
  AtomicFile file_;
  std::string index_;
  std::uint64_t offset_ = pack::kHeaderBytes;
  PackResult result_;
};

}  // namespace

PackResult packDataset(const fs::path& folder, const fs::path& file, const PackOptions& options) {
  const std::vector<SplitFolders> splits = findSplits(folder);
  refuseToReplace(file, options.overwrite, folder);
  std::vector<std::vector<TruthImage>> parts;
  std::vector<std::vector<std::vector<TruthLine>>> truths;  // of each picture of each part
  for (const SplitFolders& folders : splits) {
    parts.push_back(findTruth(folder, folders.split.empty() ? "train" : folders.split));
    truths.push_back(readTruths(parts.back()));
  }
  if (std::all_of(parts.begin(), parts.end(), [](const auto& part) { return part.empty(); }))
    throw holdsNoPictures(folder);
  Packer packer(file);
  for (std::size_t i = 0; i < splits.size(); ++i)
    for (std::size_t j = 0; j < parts[i].size(); ++j) {
      const TruthImage& files = parts[i][j];
      throwIfInterrupted();
      packer.add(files, truths[i][j], splits[i].split, files.image.lexically_relative(splits[i].images).string());
      if (options.after_each) options.after_each();
    }
  return packer.finish();
}

}  // namespace ocrdet
