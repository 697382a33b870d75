#include <fmt/format.h>

#include <array>
#include <cstring>
#include <fstream>

#include "base/paths.h"
#include "dataset/pack.h"
#include "dataset/pack_layout.h"
#include "dataset/text_lines.h"
#include "ocrdet/error.h"

namespace ocrdet {
namespace {

using Bytes = std::span<const std::byte>;

[[noreturn]] void failCorrupt(const std::string& path, const std::string& what) {
  throw Error({&codes::kDatasetPackCorrupt,
               fmt::format("{}: {}.", path, what),
               "Copy the file again, or pack the data set anew with `ocrdet dataset pack`.",
               {{"path", path}},
               {}});
}

std::string_view textOf(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

struct Header {
  std::uint64_t images = 0, index_offset = 0, index_bytes = 0;
};

Header readHeader(Bytes file, const std::string& path) {
  if (!textOf(file.first(std::min(file.size(), pack::kMagic.size()))).starts_with(pack::kMagic))
    failCorrupt(path, "is no packed data set: it does not begin with OCRDPACK");
  if (file.size() < pack::kHeaderBytes)
    failCorrupt(path, fmt::format("ends within its header, after {} bytes", file.size()));
  const auto version = pack::numberAt<std::uint32_t>(file, 8);
  if (version > pack::kVersion)
    throw Error({&codes::kDatasetPackUnsupported,
                 fmt::format("{} has version {}; this program reads up to {}.", path, version, pack::kVersion),
                 "Use the program that wrote it, or pack the data set anew.",
                 {{"path", path}, {"version", std::int64_t{version}}},
                 {}});
  if (pack::checksum(file.first(pack::kHeaderChecked), pack::kShortSum) !=
      textOf(file.subspan(pack::kHeaderChecked, pack::kShortSum)))
    failCorrupt(path, "the header's checksum does not fit");
  const Header header{pack::numberAt<std::uint64_t>(file, 16), pack::numberAt<std::uint64_t>(file, 24),
                      pack::numberAt<std::uint64_t>(file, 32)};
  if (header.index_offset > file.size() || header.index_bytes > file.size() - header.index_offset)
    failCorrupt(path, fmt::format("ends after {} bytes, before its index does", file.size()));
  // An entry has a fixed part, so the count cannot ask for more memory than the file justifies.
  if (header.images > header.index_bytes / pack::kEntryBytes)
    failCorrupt(path, fmt::format("promises {} images in an index of {} bytes", header.images, header.index_bytes));
  const Bytes index = file.subspan(header.index_offset, header.index_bytes);
  if (pack::checksum(index, pack::kIndexSum) != textOf(file.subspan(40, pack::kIndexSum)))
    failCorrupt(path, "the index's checksum does not fit");
  return header;
}

}  // namespace

bool PackedSet::looksLikeOne(const std::filesystem::path& path) {
  if (!isFile(path)) return false;
  std::ifstream file(path, std::ios::binary);
  std::array<char, pack::kMagic.size()> start{};
  file.read(start.data(), std::streamsize(start.size()));
  return file && std::string_view(start.data(), start.size()) == pack::kMagic;
}

PackedSet PackedSet::open(const std::filesystem::path& path) {
  PackedSet set;
  set.path_ = path.string();
  set.file_ = MappedFile::open(path);
  const Bytes file = set.file_->bytes();
  const Header header = readHeader(file, set.path_);
  Bytes rest = file.subspan(header.index_offset, header.index_bytes);
  for (std::uint64_t i = 0; i < header.images; ++i) {
    const auto fail = [&](const char* what) {
      failCorrupt(set.path_, fmt::format("entry {} of the index {}", i + 1, what));
    };
    if (rest.size() < pack::kEntryBytes) fail("is cut short");
    Entry entry{pack::numberAt<std::uint64_t>(rest, 0), pack::numberAt<std::uint64_t>(rest, 8),
                pack::numberAt<std::uint32_t>(rest, 16)};
    entry.size = {int(pack::numberAt<std::uint32_t>(rest, 20)), int(pack::numberAt<std::uint32_t>(rest, 24))};
    const auto form = pack::numberAt<std::uint8_t>(rest, 28);
    const std::size_t split_length = pack::numberAt<std::uint8_t>(rest, 29),
                      name_length = pack::numberAt<std::uint16_t>(rest, 30);
    entry.checksum = textOf(rest.subspan(36, pack::kShortSum));
    rest = rest.subspan(pack::kEntryBytes);
    if (rest.size() < split_length + name_length) fail("is cut short");
    entry.split = textOf(rest.first(split_length));
    entry.name = textOf(rest.subspan(split_length, name_length));
    rest = rest.subspan(split_length + name_length);
    if (form > 1) fail("names an unknown form of ground truth");
    entry.form = form == 1 ? TruthForm::kPolygons : TruthForm::kQuads;
    if (entry.offset > header.index_offset || entry.image_bytes > header.index_offset - entry.offset ||
        entry.truth_bytes > header.index_offset - entry.offset - entry.image_bytes)
      fail("points outside the file");
    set.entries_.push_back(std::move(entry));
  }
  return set;
}

PackedSet::Item PackedSet::item(std::size_t i) const {
  const Entry& entry = entries_.at(i);
  return {entry.split, entry.name, entry.size};
}

std::vector<std::size_t> PackedSet::itemsOf(std::string_view split) const {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < entries_.size(); ++i)
    if (entries_[i].split == split) found.push_back(i);
  return found;
}

PackedSet::Sample PackedSet::read(std::size_t i) const {
  const Entry& entry = entries_.at(i);
  const Bytes record = file_->bytes().subspan(entry.offset, entry.image_bytes + entry.truth_bytes);
  if (pack::checksum(record, pack::kShortSum) != entry.checksum)
    failCorrupt(path_, fmt::format("the checksum of image {}, {}, does not fit", i + 1, entry.name));
  Sample sample{record.first(entry.image_bytes), {}};
  for (const std::string_view line : splitLines(textOf(record.subspan(entry.image_bytes))))
    sample.truth.push_back(parseTruthLine(line, entry.form));
  return sample;
}

}  // namespace ocrdet
