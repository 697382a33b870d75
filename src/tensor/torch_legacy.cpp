// torch.save before PyTorch 1.6, or with _use_new_zipfile_serialization=False: five pickles, then raw storages.
//
//   1  the number 0x1950a86a20f9469cfc6c     2  the protocol, 1001     3  about the machine (byte order, sizes of
//   types) 4  the object; tensors refer to storages by key                    5  the list of keys, in the order of the
//   storages then for each key: the number of elements (8 bytes), the elements
//
// The byte order of pickle 3 is the writer's, not the file's: PyTorch always wrote the storages little-endian.
#include <fmt/format.h>

#include <unordered_map>
#include <utility>

#include "tensor/checkpoint_errors.h"
#include "tensor/torch_readers.h"
#include "tensor/torch_tensors.h"

namespace ocrdet {
namespace {

constexpr std::string_view kMagic("\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19",
                                  10);  // the number above, as Python stores it
constexpr std::int64_t kProtocol = 1001;

using Kind = PickleValue::Kind;

std::vector<std::string> readKeys(ByteReader& reader) {
  const Pickle pickle = parsePickle(reader);
  if (pickle.rootValue().kind != Kind::kList) failCorrupt("The file's list of storages is not a list.");
  std::vector<std::string> keys;
  for (const PickleIndex index : pickle.rootValue().items) {
    if (pickle.at(index).kind != Kind::kText) failCorrupt("The file's list of storages has a key that is not text.");
    keys.emplace_back(pickle.at(index).text);
  }
  return keys;
}

using Storages = std::unordered_map<std::string, std::span<const std::byte>>;

Storages readStorages(ByteReader& reader, const Pickle& pickle) {
  std::unordered_map<std::string, StorageReference> references;
  for (const StorageReference& reference : storageReferences(pickle)) references.emplace(reference.key, reference);
  Storages storages;
  for (const std::string& key : readKeys(reader)) {
    const auto reference = references.find(key);
    if (reference == references.end()) failCorrupt(fmt::format("No tensor uses the storage {}.", inQuotes(key)));
    const std::uint64_t element_size = reference->second.dtype ? byteSize(*reference->second.dtype) : 1;
    const auto count = reader.read<std::uint64_t>();
    if (count > reader.remaining() / element_size) {
      failTruncated(fmt::format("The storage {} should have {} elements of {} bytes, but only {} bytes are left.",
                                inQuotes(key), count, element_size, reader.remaining()));
    }
    storages.emplace(key, reader.take(count * element_size));
  }
  return storages;
}

Storage loadStorage(const Storages& storages, const Storage& file, const StorageReference& reference) {
  const auto found = storages.find(reference.key);
  if (found == storages.end())
    failCorrupt(fmt::format("The file lacks the storage {} of a tensor.", inQuotes(reference.key)));
  const std::span<const std::byte> bytes = found->second;
  if (bytes.size() != reference.byte_size) {
    failCorrupt(fmt::format("The storage {} has {} bytes; its tensor needs {}.", inQuotes(reference.key), bytes.size(),
                            reference.byte_size));
  }
  const std::uint64_t size = reference.view_size.value_or(bytes.size());
  if (reference.view_offset > bytes.size() || size > bytes.size() - reference.view_offset)
    failCorrupt(fmt::format("A part of the storage {} lies outside of it.", inQuotes(reference.key)));
  return {bytes.subspan(static_cast<std::size_t>(reference.view_offset), static_cast<std::size_t>(size)), file.owner};
}

}  // namespace

std::optional<TorchContent> readTorchLegacy(const Storage& file) {
  ByteReader reader(file.bytes, "the file");
  const Pickle magic = parsePickle(reader);
  if (magic.rootValue().kind != Kind::kBigInteger || magic.rootValue().text != kMagic) return std::nullopt;
  const Pickle protocol = parsePickle(reader);
  if (protocol.rootValue().kind != Kind::kInteger || protocol.rootValue().integer != kProtocol) {
    failUnsupported("The file has another version of PyTorch's old format than 1001.",
                    "Load it with the PyTorch that wrote it and save it again.");
  }
  parsePickle(reader);  // about the machine
  Pickle pickle = parsePickle(reader);
  const Storages storages = readStorages(reader, pickle);
  TorchContent content;
  content.tensors =
      collectTensors(pickle, [&](const StorageReference& reference) { return loadStorage(storages, file, reference); });
  content.ignored_classes = std::move(pickle.ignored_classes);
  return content;
}

}  // namespace ocrdet
