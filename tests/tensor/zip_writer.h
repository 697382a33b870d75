// Zip archives byte by byte, right or wrong on purpose.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

namespace ocrdet::test {

struct ZipEntry {
  std::string name;
  std::string content;
  std::uint16_t flags = 0;
  std::uint16_t method = 0;                  // the content is written as it is, whatever this says
  std::optional<std::uint32_t> crc32 = {};   // the right one if absent
  std::optional<std::uint64_t> offset = {};  // of the local header, in the directory
};

struct ZipOptions {
  bool zip64 = false;       // sizes and offsets in the zip64 extra field and end record
  std::size_t padding = 0;  // bytes of extra field before each content, as PyTorch writes for alignment
  std::string comment;
};

template <typename Number>
void appendNumber(std::string& text, Number value) {
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  text.append(bytes, sizeof value);
}

inline std::string zip(const std::vector<ZipEntry>& entries, const ZipOptions& options = {}) {
  using Half = std::uint16_t;
  using Word = std::uint32_t;
  using Long = std::uint64_t;
  std::string file, directory;
  for (const ZipEntry& entry : entries) {
    const Long offset = entry.offset.value_or(file.size());
    const Word crc = entry.crc32.value_or(static_cast<Word>(
        ::crc32(0, reinterpret_cast<const Bytef*>(entry.content.data()), static_cast<uInt>(entry.content.size()))));
    const Word size = options.zip64 ? 0xffffffffu : static_cast<Word>(entry.content.size());
    std::string common;  // version … extra length, the same in both headers
    appendNumber(common, Half{45});
    appendNumber(common, entry.flags);
    appendNumber(common, entry.method);
    appendNumber(common, Word{0});
    appendNumber(common, crc);
    appendNumber(common, size);
    appendNumber(common, size);
    appendNumber(common, static_cast<Half>(entry.name.size()));
    file += "PK\x03\x04" + common;
    appendNumber(file, static_cast<Half>(options.padding));
    file += entry.name + std::string(options.padding, 'F') + entry.content;

    std::string extra;
    if (options.zip64) {
      appendNumber(extra, Half{0x4246});  // a field of somebody else's comes first
      appendNumber(extra, Half{2});
      extra += "ZZ";
      appendNumber(extra, Half{1});
      appendNumber(extra, Half{24});
      appendNumber(extra, static_cast<Long>(entry.content.size()));
      appendNumber(extra, static_cast<Long>(entry.content.size()));
      appendNumber(extra, offset);
    }
    directory += "PK\x01\x02";
    appendNumber(directory, Half{45});
    directory += common;
    appendNumber(directory, static_cast<Half>(extra.size()));
    directory.append(10, '\0');
    appendNumber(directory, options.zip64 ? 0xffffffffu : static_cast<Word>(offset));
    directory += entry.name + extra;
  }
  const Long start = file.size();
  file += directory;
  if (options.zip64) {
    const Long end = file.size();
    file += "PK\x06\x06";
    appendNumber(file, Long{44});
    appendNumber(file, Half{45});
    appendNumber(file, Half{45});
    file.append(8, '\0');
    appendNumber(file, static_cast<Long>(entries.size()));
    appendNumber(file, static_cast<Long>(entries.size()));
    appendNumber(file, static_cast<Long>(directory.size()));
    appendNumber(file, start);
    file += "PK\x06\x07" + std::string(4, '\0');
    appendNumber(file, end);
    appendNumber(file, Word{1});
  }
  file += "PK\x05\x06" + std::string(4, '\0');
  const auto count = options.zip64 ? Half{0xffff} : static_cast<Half>(entries.size());
  appendNumber(file, count);
  appendNumber(file, count);
  appendNumber(file, static_cast<Word>(directory.size()));
  appendNumber(file, options.zip64 ? 0xffffffffu : static_cast<Word>(start));
  appendNumber(file, static_cast<Half>(options.comment.size()));
  return file + options.comment;
}

}  // namespace ocrdet::test
