#include "tensor/checkpoint.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "base/mapped_file.h"
#include "base/sha256.h"
#include "tensor/checkpoint_errors.h"
#include "tensor/foreign_files.h"
#include "tensor/safetensors.h"
#include "tensor/torch_readers.h"

namespace ocrdet {
namespace {

bool beginsWith(std::span<const std::byte> bytes, std::string_view text) {
  return bytes.size() >= text.size() &&
         std::string_view(reinterpret_cast<const char*>(bytes.data()), text.size()) == text;
}

bool looksLikeZip(std::span<const std::byte> bytes) {
  return beginsWith(bytes, "PK\x03\x04") || beginsWith(bytes, "PK\x05\x06");
}

bool looksLikePickle(std::span<const std::byte> bytes) {
  return beginsWith(bytes, "\x80");
}

void takeOver(Checkpoint& checkpoint, CheckpointFormat format, TorchContent content) {
  checkpoint.format = format;
  checkpoint.tensors = std::move(content.tensors);
  checkpoint.ignored_classes = std::move(content.ignored_classes);
}

void readLegacy(Checkpoint& checkpoint) {
  std::optional<TorchContent> content = readTorchLegacy(checkpoint.file);
  if (!content) {
    throw Error(
        {&codes::kCheckpointNotACheckpoint, "This is a plain Python pickle, not a file written by torch.save.",
         "PaddlePaddle's .pdparams look like this, and so do NumPy dictionaries: convert the weights to PyTorch or "
         "safetensors."});
  }
  takeOver(checkpoint, CheckpointFormat::kTorchLegacy, std::move(*content));
}

}  // namespace

std::string_view name(CheckpointFormat format) {
  switch (format) {
    case CheckpointFormat::kTorchZip:
      return "PyTorch zip";
    case CheckpointFormat::kTorchLegacy:
      return "PyTorch legacy";
    case CheckpointFormat::kSafetensors:
      break;
  }
  return "safetensors";
}

bool looksLikeCheckpoint(std::span<const std::byte> bytes) {
  return looksLikeZip(bytes) || looksLikePickle(bytes) || looksLikeSafetensors(bytes);
}

Checkpoint readCheckpoint(std::span<const std::byte> bytes, std::shared_ptr<const void> owner) {
  Checkpoint checkpoint;
  checkpoint.file = {bytes, std::move(owner)};
  // Safetensors before pickles: a header of 0x…80 bytes begins like a pickle, which never goes on with such a length
  // and a brace.
  if (looksLikeZip(bytes)) {
    takeOver(checkpoint, CheckpointFormat::kTorchZip, readTorchZip(checkpoint.file));
  } else if (looksLikeSafetensors(bytes)) {
    SafetensorsContent content = readSafetensors(checkpoint.file);
    checkpoint.format = CheckpointFormat::kSafetensors;
    checkpoint.tensors = std::move(content.tensors);
    checkpoint.metadata = std::move(content.metadata);
  } else if (looksLikePickle(bytes)) {
    readLegacy(checkpoint);
  } else {
    refuseForeignBytes(bytes);
  }
  if (checkpoint.tensors.empty()) {
    throw Error({&codes::kCheckpointNoTensors, fmt::format("The file ({}) holds no tensors.", name(checkpoint.format)),
                 "Save the weights: torch.save(model.state_dict(), \"weights.pt\")."});
  }
  return checkpoint;
}

Checkpoint readCheckpoint(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) refuseForeignPath(path);
  const std::shared_ptr<const MappedFile> file = MappedFile::open(path);
  try {
    return readCheckpoint(file->bytes(), file);
  } catch (const Error& problem) {
    // Raw tensors of TensorFlow have no mark; only their name tells.
    if (&problem.code() == &codes::kCheckpointNotACheckpoint) refuseForeignPath(path);
    throw aboutFile(problem, path);
  }
}

std::string sourceSha256(const Checkpoint& checkpoint) {
  return sha256(checkpoint.file.bytes);
}

}  // namespace ocrdet
