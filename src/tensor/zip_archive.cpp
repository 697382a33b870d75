#include "tensor/zip_archive.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "tensor/byte_reader.h"
#include "tensor/checkpoint_errors.h"

namespace ocrdet {
namespace {

// Sizes of the parts at the end, in bytes, and the number that each part begins with (PKWARE's APPNOTE).
constexpr std::uint64_t kEndSize = 22, kLocatorSize = 20;
constexpr std::uint32_t kLocalMark = 0x04034b50, kEntryMark = 0x02014b50, kEndMark = 0x06054b50;
constexpr std::uint32_t kEnd64Mark = 0x06064b50, kLocatorMark = 0x07064b50;
constexpr std::uint32_t kIn64 = 0xffffffff;  // "see the zip64 field"
constexpr std::size_t kLongestComment = 65535;
constexpr std::uint64_t kMaximumRecords = 200'000;
constexpr std::uint64_t kFreeInflation = std::uint64_t{64} << 20;
constexpr std::uint64_t kInflationPerByte = 16;

struct Directory {
  std::uint64_t offset = 0;
  std::uint64_t count = 0;  // of entries
};

ByteReader readerAt(std::span<const std::byte> file, std::uint64_t offset, std::string_view what) {
  if (offset > file.size()) failCorrupt(fmt::format("The zip points to {} at {}, behind its end.", what, offset));
  return {file.subspan(static_cast<std::size_t>(offset)), what};
}

// Position of the end record: the last one whose comment reaches exactly to the end of the file.
std::size_t findEnd(std::span<const std::byte> file) {
  if (file.size() < kEndSize) failTruncated("The zip is shorter than its end record.");
  const std::size_t lowest = file.size() > kEndSize + kLongestComment ? file.size() - kEndSize - kLongestComment : 0;
  for (std::size_t position = file.size() + 1 - kEndSize; position-- > lowest;) {
    ByteReader reader(file.subspan(position), "the zip's end record");
    if (reader.read<std::uint32_t>() != kEndMark) continue;
    reader.take(16);
    if (reader.read<std::uint16_t>() == reader.remaining()) return position;
  }
  failTruncated("The zip's directory, which stands at its end, is missing.");
}

Directory readDirectory64(std::span<const std::byte> file, std::size_t end) {
  ByteReader locator(file.subspan(end - kLocatorSize), "the zip64 locator");
  locator.take(8);
  ByteReader record = readerAt(file, locator.read<std::uint64_t>(), "the zip64 end record");
  if (record.read<std::uint32_t>() != kEnd64Mark) failCorrupt("The zip64 end record is not where the zip says.");
  record.take(28);
  Directory directory;
  directory.count = record.read<std::uint64_t>();
  record.take(8);
  directory.offset = record.read<std::uint64_t>();
  return directory;
}

Directory readDirectory(std::span<const std::byte> file) {
  const std::size_t end = findEnd(file);
  if (end >= kLocatorSize) {
    ByteReader locator(file.subspan(end - kLocatorSize), "the zip64 locator");
    if (locator.read<std::uint32_t>() == kLocatorMark) return readDirectory64(file, end);
  }
  ByteReader reader(file.subspan(end), "the zip's end record");
  reader.take(10);
  Directory directory;
  directory.count = reader.read<std::uint16_t>();
  reader.take(4);
  directory.offset = reader.read<std::uint32_t>();
  return directory;
}

// Sizes and offset of an entry, the 32-bit fields replaced by the zip64 extra field where they say so.
struct Extents {
  std::uint64_t size = 0;
  std::uint64_t packed_size = 0;
  std::uint64_t offset = 0;  // of the local header
};

void applyZip64(Extents& extents, std::span<const std::byte> extra) {
  ByteReader reader(extra, "a zip entry's extra field");
  while (reader.remaining() >= 4) {
    const auto tag = reader.read<std::uint16_t>();
    ByteReader field(reader.take(reader.read<std::uint16_t>()), "the zip64 field");
    if (tag != 1) continue;
    if (extents.size == kIn64) extents.size = field.read<std::uint64_t>();
    if (extents.packed_size == kIn64) extents.packed_size = field.read<std::uint64_t>();
    if (extents.offset == kIn64) extents.offset = field.read<std::uint64_t>();
    return;
  }
}

// The packed bytes lie behind the local header, whose name and extra field (PyTorch pads there) have their own lengths.
std::span<const std::byte> packedBytes(std::span<const std::byte> file, const Extents& extents) {
  ByteReader local = readerAt(file, extents.offset, "a record");
  if (local.read<std::uint32_t>() != kLocalMark)
    failCorrupt(fmt::format("The zip has no record at {}.", extents.offset));
  local.take(22);
  const auto name_length = local.read<std::uint16_t>();
  const auto extra_length = local.read<std::uint16_t>();
  local.take(std::uint64_t{name_length} + extra_length);
  return local.take(extents.packed_size);
}

struct Placed {
  ZipRecord record;
  std::uint64_t offset = 0;
};

Placed readEntry(std::span<const std::byte> file, ByteReader& reader) {
  if (reader.read<std::uint32_t>() != kEntryMark) failCorrupt("The zip's directory is damaged.");
  reader.take(4);
  const auto flags = reader.read<std::uint16_t>();
  const auto method = reader.read<std::uint16_t>();
  reader.take(4);
  Placed placed;
  placed.record.crc32 = reader.read<std::uint32_t>();
  Extents extents;
  extents.packed_size = reader.read<std::uint32_t>();
  extents.size = reader.read<std::uint32_t>();
  const auto name_length = reader.read<std::uint16_t>();
  const auto extra_length = reader.read<std::uint16_t>();
  const auto comment_length = reader.read<std::uint16_t>();
  reader.take(8);
  extents.offset = reader.read<std::uint32_t>();
  placed.record.name = reader.takeText(name_length);
  applyZip64(extents, reader.take(extra_length));
  reader.take(comment_length);

  if ((flags & 1) != 0) failUnsupported("The zip is encrypted.", "Unpack it with its password and pack it again.");
  if (method != 0 && method != 8) {
    failUnsupported(fmt::format("The zip's record {} is packed with method {}; ocrdet reads stored and deflated ones.",
                                inQuotes(placed.record.name), method),
                    "Unpack the zip and pack it again, without compression.");
  }
  placed.record.deflated = method == 8;
  placed.record.size = extents.size;
  placed.record.packed = packedBytes(file, extents);
  placed.offset = extents.offset;
  if (!placed.record.deflated && placed.record.size != placed.record.packed.size())
    failCorrupt(fmt::format("The zip's record {} has two different sizes.", inQuotes(placed.record.name)));
  return placed;
}

// Records that share bytes are how a small zip unpacks to petabytes; honest writers never make them.
void refuseOverlap(const std::vector<Placed>& entries, const std::byte* begin) {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges;
  for (const Placed& entry : entries) {
    const auto end = static_cast<std::uint64_t>(entry.record.packed.data() - begin) + entry.record.packed.size();
    ranges.emplace_back(entry.offset, end);
  }
  std::ranges::sort(ranges);
  for (std::size_t i = 1; i < ranges.size(); ++i)
    if (ranges[i].first < ranges[i - 1].second) failCorrupt("Records of the zip overlap.");
}

void refuseRepeatedNames(const std::vector<ZipRecord>& sorted) {
  const auto repeated = std::ranges::adjacent_find(sorted, {}, &ZipRecord::name);
  if (repeated != sorted.end()) failCorrupt(fmt::format("The zip has two records {}.", inQuotes(repeated->name)));
}

Storage inflated(const ZipRecord& record) {
  const auto size = static_cast<std::size_t>(record.size);
  const std::shared_ptr<std::byte[]> buffer(new std::byte[size]);
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) throw std::bad_alloc();
  // zlib counts in 32 bits: both sides are fed in pieces.
  constexpr std::size_t kPiece = std::size_t{1} << 30;
  std::size_t consumed = 0, produced = 0;
  int status = Z_OK;
  while (status == Z_OK) {
    const auto input = static_cast<uInt>(std::min(kPiece, record.packed.size() - consumed));
    const auto output = static_cast<uInt>(std::min(kPiece, size - produced));
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(record.packed.data() + consumed));
    stream.avail_in = input;
    stream.next_out = reinterpret_cast<Bytef*>(buffer.get() + produced);
    stream.avail_out = output;
    status = inflate(&stream, Z_NO_FLUSH);
    consumed += input - stream.avail_in;
    produced += output - stream.avail_out;
  }
  inflateEnd(&stream);
  if (status != Z_STREAM_END || produced != size)
    failCorrupt(
        fmt::format("The zip's record {} does not unpack to its {} bytes.", inQuotes(record.name), record.size));
  return {{buffer.get(), size}, buffer};
}

void checkCrc32(const ZipRecord& record, std::span<const std::byte> content) {
  const uLong actual = crc32_z(0, reinterpret_cast<const Bytef*>(content.data()), content.size());
  // PyTorch can be told not to compute it (torch.serialization.set_crc32_options); the field is then 0.
  if (record.crc32 != 0 && actual != record.crc32) {
    failCorrupt(fmt::format("The zip's record {} does not match its checksum ({:08x}, should be {:08x}).",
                            inQuotes(record.name), actual, record.crc32));
  }
}

}  // namespace

ZipArchive::ZipArchive(Storage file) : file_(std::move(file)) {
  const Directory directory = readDirectory(file_.bytes);
  if (directory.count > kMaximumRecords) failTooLarge(fmt::format("The zip has {} records.", directory.count));
  ByteReader reader = readerAt(file_.bytes, directory.offset, "the directory");
  std::vector<Placed> entries;
  for (std::uint64_t i = 0; i < directory.count; ++i) entries.push_back(readEntry(file_.bytes, reader));
  refuseOverlap(entries, file_.bytes.data());
  for (const Placed& entry : entries) records_.push_back(entry.record);
  std::ranges::sort(records_, {}, &ZipRecord::name);
  refuseRepeatedNames(records_);
}

const ZipRecord* ZipArchive::find(std::string_view name) const {
  const auto found = std::ranges::lower_bound(records_, name, {}, &ZipRecord::name);
  return found != records_.end() && found->name == name ? &*found : nullptr;
}

Storage ZipArchive::read(const ZipRecord& record) {
  if (!record.deflated) {
    checkCrc32(record, record.packed);
    return {record.packed, file_.owner};
  }
  const std::uint64_t allowed = kFreeInflation + kInflationPerByte * file_.bytes.size();
  if (record.size > allowed || inflated_ > allowed - record.size) {
    failTooLarge(
        fmt::format("The zip of {} bytes would unpack to more than {}: a zip bomb.", file_.bytes.size(), allowed));
  }
  inflated_ += record.size;
  Storage content = inflated(record);
  checkCrc32(record, content.bytes);
  return content;
}

}  // namespace ocrdet
