#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <unordered_set>
#include <utility>

#include "tensor/byte_reader.h"
#include "tensor/checkpoint_errors.h"
#include "tensor/safetensors.h"
#include "tensor/safetensors_types.h"

namespace ocrdet {
namespace {

constexpr std::uint64_t kMaximumHeader = 100'000'000;  // the format's own bound
constexpr std::size_t kMaximumTensors = 65'536;
constexpr std::size_t kMaximumRank = 64;
constexpr std::size_t kMaximumNameLength = 1024;
constexpr std::string_view kMetadata = "__metadata__";

struct Entry {
  std::string name;
  std::string dtype;
  std::optional<TensorShape> shape;
  std::vector<std::uint64_t> offsets;
};

// Receives the header piece by piece, so that nothing is built that a header may not hold: objects of objects of
// numbers and texts, three levels deep.
class HeaderParser : public nlohmann::json_sax<nlohmann::json> {
 public:
  std::vector<Entry> entries;
  std::map<std::string, std::string> metadata;

  bool start_object(std::size_t) override {
    if (level_ == 2 || in_array_) refuse();
    ++level_;
    keys_.clear();
    return true;
  }

  bool end_object() override {
    --level_;
    return true;
  }

  bool key(string_t& text) override {
    if (level_ == 1) {
      startEntry(text);
    } else if (!keys_.insert(text).second) {
      failCorrupt(fmt::format("The header of {} has {} twice.", inQuotes(name_), inQuotes(text)));
    }
    key_ = text;
    return true;
  }

  bool start_array(std::size_t) override {
    if (level_ != 2 || in_array_ || in_metadata_ || (key_ != "shape" && key_ != "data_offsets")) refuse();
    in_array_ = true;
    if (key_ == "shape") entries.back().shape.emplace();
    return true;
  }

  bool end_array() override {
    in_array_ = false;
    return true;
  }

  bool string(string_t& text) override {
    if (level_ != 2 || in_array_) refuse();
    if (in_metadata_) {
      metadata[key_] = text;
    } else if (key_ == "dtype") {
      entries.back().dtype = text;
    } else {
      refuse();
    }
    return true;
  }

  bool number_unsigned(number_unsigned_t number) override {
    if (!in_array_) refuse();
    if (number > static_cast<number_unsigned_t>(std::numeric_limits<std::int64_t>::max()))
      failTooLarge(fmt::format("The header gives {} a size of {}.", inQuotes(name_), number));
    Entry& entry = entries.back();
    if (key_ == "data_offsets") {
      if (entry.offsets.size() == 2) refuse();
      entry.offsets.push_back(number);
    } else {
      if (entry.shape->size() == kMaximumRank)
        failTooLarge(fmt::format("{} has more than 64 dimensions.", inQuotes(name_)));
      entry.shape->push_back(static_cast<std::int64_t>(number));
    }
    return true;
  }

  bool null() override { refuse(); }
  bool boolean(bool) override { refuse(); }
  bool number_integer(number_integer_t) override { refuse(); }
  bool number_float(number_float_t, const string_t&) override { refuse(); }
  bool binary(binary_t&) override { refuse(); }

  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception& error) override {
    throw Error({&codes::kCheckpointCorrupt,
                 fmt::format("The header is not JSON: it breaks at byte {}.", position),
                 "The file is damaged: fetch it again, or save the weights once more.",
                 {},
                 error.what()});
  }

 private:
  void startEntry(const std::string& name) {
    if (name.size() > kMaximumNameLength)
      failTooLarge(fmt::format("A tensor's name has more than {} characters.", kMaximumNameLength));
    if (!names_.insert(name).second) failCorrupt(fmt::format("The header has the tensor {} twice.", inQuotes(name)));
    name_ = name;
    in_metadata_ = name == kMetadata;
    if (in_metadata_) return;
    if (entries.size() == kMaximumTensors)
      failTooLarge(fmt::format("The file has more than {} tensors.", kMaximumTensors));
    entries.emplace_back().name = name;
  }

  [[noreturn]] void refuse() const {
    failCorrupt(fmt::format("The header has something unexpected at {} of {}.", inQuotes(key_), inQuotes(name_)));
  }

  int level_ = 0;  // 1 within the header, 2 within a tensor's or the metadata's object
  bool in_array_ = false;
  bool in_metadata_ = false;
  std::string name_;  // of the object at level 2
  std::string key_;
  std::unordered_set<std::string> names_;
  std::unordered_set<std::string> keys_;
};

std::uint64_t headerLength(std::span<const std::byte> bytes) {
  ByteReader reader(bytes, "the file");
  return reader.read<std::uint64_t>();
}

DType elementType(const Entry& entry) {
  const auto found = std::ranges::find(kSafetensorsTypes, entry.dtype, &SafetensorsType::name);
  if (found != std::end(kSafetensorsTypes)) return found->dtype;
  failUnsupported(fmt::format("The tensor {} has the element type {}, which ocrdet does not read.",
                              inQuotes(entry.name), inQuotes(entry.dtype)),
                  "Convert the weights to float32 or float16.");
}

NamedTensor makeTensor(const Entry& entry, const Storage& data) {
  const std::string name = inQuotes(entry.name);
  if (entry.offsets.size() != 2 || !entry.shape)
    failCorrupt(fmt::format("The tensor {} lacks its shape or place.", name));
  Tensor tensor;
  tensor.dtype = elementType(entry);
  const std::uint64_t begin = entry.offsets[0], end = entry.offsets[1];
  if (begin > end) failCorrupt(fmt::format("The tensor {} ends before it begins.", name));
  if (end > data.bytes.size()) {
    failTruncated(fmt::format("The header promises {} bytes of tensors, the file has {}.", end, data.bytes.size()));
  }
  const std::optional<std::int64_t> count = elementCount(*entry.shape);
  const std::uint64_t size = byteSize(tensor.dtype);
  if (!count || static_cast<std::uint64_t>(*count) > (end - begin) / size ||
      static_cast<std::uint64_t>(*count) * size != end - begin) {
    failCorrupt(fmt::format("The tensor {} of shape {} and type {} cannot have {} bytes.", name, toText(*entry.shape),
                            entry.dtype, end - begin));
  }
  tensor.shape = *entry.shape;
  tensor.strides = contiguousStrides(*entry.shape);
  tensor.storage = {data.bytes.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin)),
                    data.owner};
  return {entry.name, std::move(tensor)};
}

// The format demands that the tensors fill the rest of the file exactly, in any order.
void checkCoverage(const std::vector<Entry>& entries, std::uint64_t size) {
  std::vector<const Entry*> order;
  for (const Entry& entry : entries) order.push_back(&entry);
  std::ranges::sort(order, {}, [](const Entry* entry) { return std::pair(entry->offsets[0], entry->offsets[1]); });
  std::uint64_t covered = 0;
  for (const Entry* entry : order) {
    if (entry->offsets[0] < covered) failCorrupt(fmt::format("The tensor {} overlaps another.", inQuotes(entry->name)));
    if (entry->offsets[0] > covered) {
      failCorrupt(fmt::format("{} bytes before the tensor {} belong to none.", entry->offsets[0] - covered,
                              inQuotes(entry->name)));
    }
    covered = entry->offsets[1];
  }
  if (covered != size) failCorrupt(fmt::format("{} bytes at the end of the file belong to no tensor.", size - covered));
}

}  // namespace

bool looksLikeSafetensors(std::span<const std::byte> bytes) {
  return bytes.size() > 8 && headerLength(bytes) <= kMaximumHeader && static_cast<char>(bytes[8]) == '{';
}

SafetensorsContent readSafetensors(const Storage& file) {
  ByteReader reader(file.bytes, "the file");
  const auto length = reader.read<std::uint64_t>();
  if (length > kMaximumHeader)
    failTooLarge(fmt::format("The header should have {} bytes; 100 million are the most.", length));
  const std::string_view header = reader.takeText(length);
  HeaderParser parser;
  nlohmann::json::sax_parse(header, &parser);
  const Storage data{reader.take(reader.remaining()), file.owner};
  SafetensorsContent content;
  for (const Entry& entry : parser.entries) content.tensors.push_back(makeTensor(entry, data));
  checkCoverage(parser.entries, data.bytes.size());
  content.metadata = std::move(parser.metadata);
  return content;
}

}  // namespace ocrdet
