// torch.save since PyTorch 1.6: a zip whose records share one folder (the file's name, or `archive`).
//
//   NAME/data.pkl      the object; tensors refer to storages by key
//   NAME/data/KEY      the bytes of a storage, stored, aligned to 64 bytes
//   NAME/byteorder     "little" or "big", since 2.1; files without it come from little-endian machines
//   NAME/version, NAME/.data/serialization_id, NAME/.format_version, NAME/.storage_alignment     of no interest here
//
// A TorchScript program is a zip with data.pkl, too; it has code/ and constants.pkl beside it.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "tensor/checkpoint_errors.h"
#include "tensor/torch_readers.h"
#include "tensor/torch_tensors.h"
#include "tensor/zip_archive.h"

namespace ocrdet {
namespace {

constexpr std::uint64_t kMaximumPickleSize = std::uint64_t{64} << 20;

// "NAME/", or empty when the records are at the top; nothing without a data.pkl. The shortest wins: a weights' folder
// may itself have been zipped with others below.
std::optional<std::string> rootFolder(const ZipArchive& archive) {
  constexpr std::string_view kPickle = "data.pkl";
  std::optional<std::string> root;
  for (const ZipRecord& record : archive.records()) {
    if (!record.name.ends_with(kPickle)) continue;
    const std::string_view folder = record.name.substr(0, record.name.size() - kPickle.size());
    if (!folder.empty() && folder.back() != '/') continue;
    if (!root || folder.size() < root->size()) root = folder;
  }
  return root;
}

[[noreturn]] void refuseOtherZip(const ZipArchive& archive) {
  const auto isCheckpoint = [](const ZipRecord& record) {
    for (const std::string_view ending : {".pt", ".pth", ".bin", ".ckpt", ".safetensors"})
      if (record.name.ends_with(ending)) return true;
    return false;
  };
  const auto inner = std::ranges::find_if(archive.records(), isCheckpoint);
  if (inner != archive.records().end()) {
    throw Error(
        {&codes::kCheckpointNotACheckpoint,
         fmt::format("This is an ordinary zip that holds {}; it was not written by torch.save.", inQuotes(inner->name)),
         "Unpack the zip and give the file inside."});
  }
  throw Error({&codes::kCheckpointNotACheckpoint,
               fmt::format("This is a zip of {} records without data.pkl; it was not written by torch.save.",
                           archive.records().size()),
               "Give a file written by torch.save, or safetensors."});
}

void refuseTorchScript(const ZipArchive& archive, const std::string& root) {
  const bool is_program = std::ranges::any_of(archive.records(), [&](const ZipRecord& record) {
    return record.name.starts_with(root + "code/") || record.name == root + "constants.pkl";
  });
  if (!is_program) return;
  throw Error({&codes::kCheckpointTorchscript, "The file is a TorchScript program (torch.jit.save), not a state dict.",
               "In Python: torch.save(torch.jit.load(\"FILE\").state_dict(), \"weights.pt\"), and give that file."});
}

bool isBigEndian(ZipArchive& archive, const std::string& root) {
  const ZipRecord* record = archive.find(root + "byteorder");
  if (record == nullptr) return false;
  if (record->size <= 8) {
    const Storage content = archive.read(*record);
    const std::string_view text(reinterpret_cast<const char*>(content.bytes.data()), content.bytes.size());
    if (text == "big") return true;
    if (text == "little") return false;
  }
  failCorrupt("The file's byte order is neither \"little\" nor \"big\".");
}

// A copy with the bytes of each element reversed.
Storage swapped(const Storage& storage, std::size_t element_size) {
  const std::size_t size = storage.bytes.size();
  const std::shared_ptr<std::byte[]> buffer(new std::byte[size]);
  for (std::size_t i = 0; i < size; i += element_size)
    std::reverse_copy(storage.bytes.begin() + static_cast<std::ptrdiff_t>(i),
                      storage.bytes.begin() + static_cast<std::ptrdiff_t>(i + element_size), buffer.get() + i);
  return {{buffer.get(), size}, buffer};
}

Storage loadRecord(ZipArchive& archive, const std::string& root, bool big_endian, const StorageReference& reference) {
  if (reference.byte_size == 0) return {};
  const ZipRecord* record = archive.find(root + "data/" + reference.key);
  if (record == nullptr)
    failCorrupt(fmt::format("The zip lacks the record data/{} of a tensor.", inQuotes(reference.key)));
  if (record->size != reference.byte_size) {
    failCorrupt(fmt::format("The zip's record data/{} has {} bytes; its tensor needs {}.", inQuotes(reference.key),
                            record->size, reference.byte_size));
  }
  const Storage content = archive.read(*record);
  const std::size_t element_size = reference.dtype ? byteSize(*reference.dtype) : 1;
  if (!big_endian || element_size == 1) {
    if (big_endian && !reference.dtype)
      failUnsupported("The file has untyped big-endian storages.", "Save it in float32.");
    return content;
  }
  return swapped(content, element_size);
}

}  // namespace

TorchContent readTorchZip(const Storage& file) {
  ZipArchive archive(file);
  const std::optional<std::string> root = rootFolder(archive);
  if (!root) refuseOtherZip(archive);
  refuseTorchScript(archive, *root);
  const ZipRecord& record = *archive.find(*root + "data.pkl");
  if (record.size > kMaximumPickleSize) failTooLarge(fmt::format("The file's pickle has {} bytes.", record.size));
  const Storage program = archive.read(record);
  ByteReader reader(program.bytes, "the pickle");
  Pickle pickle = parsePickle(reader);
  const bool big_endian = isBigEndian(archive, *root);
  TorchContent content;
  content.tensors = collectTensors(
      pickle, [&](const StorageReference& reference) { return loadRecord(archive, *root, big_endian, reference); });
  content.ignored_classes = std::move(pickle.ignored_classes);
  return content;
}

}  // namespace ocrdet
