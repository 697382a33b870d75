// Reading checkpoints: files of named tensors, written by PyTorch or in the safetensors format.
//
//   const Checkpoint checkpoint = readCheckpoint("pytorch_model.pt");
//   for (const NamedTensor& entry : checkpoint.tensors)
//     std::cout << entry.name << ' ' << toText(entry.tensor.shape) << '\n';
//
// The content decides what a file is, never its name. The pickle inside a PyTorch file is a program for a small stack
// machine; ours (pickle.h) knows the few instructions and names that tensors need, calls nothing, and refuses the rest.
// Files are mapped, not read: tensors of stored (not deflated) records are views of the mapping, which they keep alive.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tensor/tensor.h"

namespace ocrdet {

enum class CheckpointFormat {
  kTorchZip,     // torch.save since 1.6
  kTorchLegacy,  // torch.save before, or with _use_new_zipfile_serialization=False
  kSafetensors,
};
std::string_view name(CheckpointFormat format);  // "PyTorch zip", "PyTorch legacy", "safetensors"

struct Checkpoint {
  CheckpointFormat format = CheckpointFormat::kTorchZip;
  std::vector<NamedTensor> tensors;             // in the file's order; a tensor that is listed twice is here twice
  std::vector<std::string> ignored_classes;     // foreign classes whose objects were skipped: "argparse.Namespace"
  std::map<std::string, std::string> metadata;  // of safetensors (__metadata__)
  Storage file;                                 // the whole file
};

// Throws checkpoint.*, file.missing or file.unreadable; always quickly, and without allocating more than the file
// justifies, however damaged it is. The checksums of a zip are compared.
Checkpoint readCheckpoint(const std::filesystem::path& path);

// The same for bytes in memory, kept alive by `owner`.
Checkpoint readCheckpoint(std::span<const std::byte> bytes, std::shared_ptr<const void> owner);

// By the mark at the beginning: a zip archive, a pickle or safetensors.
bool looksLikeCheckpoint(std::span<const std::byte> bytes);

// SHA-256 of the whole file, as hexadecimal digits. Takes 30 ms for 49 MB, and several times that on processors without
// instructions for it: call it from another thread while the tensors are in use.
std::string sourceSha256(const Checkpoint& checkpoint);

}  // namespace ocrdet
