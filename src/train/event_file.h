// Event files as TensorBoard reads them: records of a length, its checksum, a protocol buffer and its checksum. The few
// fields that are needed are written by hand, so that neither protobuf nor TensorFlow is.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <string_view>

#include "ocrdet/error.h"

namespace ocrdet {

// CRC-32C (Castagnoli), and the same mixed so that a checksum of bytes that hold checksums stays a good one.
std::uint32_t crc32c(std::string_view bytes);
std::uint32_t maskedCrc32c(std::string_view bytes);

// file.unwritable, for a log that takes no more.
Error cannotAppend(const std::filesystem::path& file);

class EventFile {
 public:
  // Creates `events.out.tfevents.SECONDS.ocrdet` in the folder. Throws file.unwritable.
  explicit EventFile(const std::filesystem::path& folder);

  // All throw file.unwritable.
  void addScalar(std::string_view tag, std::int64_t step, double value);
  void addImage(std::string_view tag, std::int64_t step, int height, int width, std::string_view png);
  // What earlier files hold of this step and later ones does not count: it will be written again.
  void dropFrom(std::int64_t step);

 private:
  void addEvent(std::int64_t step, std::string_view field);
  void writeRecord(std::string_view bytes);

  std::filesystem::path path_;
  std::ofstream file_;
};

}  // namespace ocrdet
