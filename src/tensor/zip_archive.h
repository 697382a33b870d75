// Zip archives as far as checkpoints need them: a directory of stored or deflated records, checked before anything is
// unpacked. Written for untrusted input instead of using libzip because stored records must be shown in place, without
// a copy, and because the bounds below have to hold before the first byte is inflated.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "tensor/tensor.h"

namespace ocrdet {

struct ZipRecord {
  std::string_view name;
  std::uint64_t size = 0;             // unpacked
  std::span<const std::byte> packed;  // as it lies in the file
  std::uint32_t crc32 = 0;
  bool deflated = false;
};

class ZipArchive {
 public:
  // Reads the directory (zip64 included). `file` keeps the bytes alive. Throws checkpoint.truncated without a directory
  // at the end, checkpoint.corrupt for records that overlap, repeat a name or lie outside, checkpoint.unsupported for
  // encryption.
  explicit ZipArchive(Storage file);

  const std::vector<ZipRecord>& records() const { return records_; }
  // Null when there is none of that name.
  const ZipRecord* find(std::string_view name) const;

  // The record's content: a view of the file if it is stored, else a buffer. Checks the CRC-32. Throws
  // checkpoint.corrupt, and checkpoint.too-large once all deflated records read so far unpack to more than 64 MiB + 16
  // × the file's size: real weights hardly shrink, a zip bomb does.
  Storage read(const ZipRecord& record);

 private:
  Storage file_;
  std::vector<ZipRecord> records_;
  std::uint64_t inflated_ = 0;
};

}  // namespace ocrdet
