#include "tensor/foreign_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "tensor/checkpoint_errors.h"

namespace ocrdet {
namespace {

using namespace std::string_view_literals;

struct Signature {
  std::size_t offset;
  std::string_view bytes;
  const char* what;
  const char* advice;
};

constexpr const char* kGiveCheckpoint = "Give a file written by torch.save, or safetensors.";
constexpr const char* kUnpack = "Unpack it and give the checkpoint inside.";
constexpr const char* kImage = "Detection reads pictures (ocrdet detect); here the weights are needed.";

constexpr Signature kSignatures[] = {
    {0, "version https://git-lfs.github.com/spec/"sv, "a Git LFS pointer",
     "Run `git lfs pull` in its repository, or download the file itself from its web page."},
    {0, "\x89PNG\r\n"sv, "a PNG picture", kImage},
    {0, "\xff\xd8\xff"sv, "a JPEG picture", kImage},
    {0, "GIF8"sv, "a GIF picture", kImage},
    {0, "BM"sv, "a BMP picture", kImage},
    {8, "WEBP"sv, "a WebP picture", kImage},
    {0, "II*\0"sv, "a TIFF picture", kImage},
    {0, "MM\0*"sv, "a TIFF picture", kImage},
    {0, "%PDF-"sv, "a PDF document", kGiveCheckpoint},
    {0, "\x1f\x8b"sv, "a gzip archive", kUnpack},
    {0, "\xfd\x37zXZ\0"sv, "an xz archive", kUnpack},
    {0, "BZh"sv, "a bzip2 archive", kUnpack},
    {0, "\x28\xb5\x2f\xfd"sv, "a Zstandard archive", kUnpack},
    {0, "7z\xbc\xaf\x27\x1c"sv, "a 7z archive", kUnpack},
    {0, "Rar!"sv, "a RAR archive", kUnpack},
    {257, "ustar"sv, "a tar archive",
     "Unpack it and give the checkpoint inside; PyTorch's own tar format (before 0.2) must be "
     "loaded and saved again with a newer PyTorch."},
    {0, "\x89HDF\r\n"sv, "an HDF5 file (Keras)", kGiveCheckpoint},
    {0, "\x93NUMPY"sv, "a NumPy array", kGiveCheckpoint},
    {0, "GGUF"sv, "a GGUF language model", kGiveCheckpoint},
    {4, "TFL3"sv, "a TensorFlow Lite model", kGiveCheckpoint},
    {0,
     "\x7f"
     "ELF"sv,
     "a program (ELF)", kGiveCheckpoint},
    {0, "MZ"sv, "a Windows program", kGiveCheckpoint},
    {0, "7767517\n"sv, "an ncnn model", kGiveCheckpoint},
};

std::string_view textOf(std::span<const std::byte> bytes, std::size_t most) {
  return {reinterpret_cast<const char*>(bytes.data()), std::min(bytes.size(), most)};
}

bool beginsWithTag(std::string_view text, std::string_view tag) {
  return std::ranges::equal(text.substr(0, tag.size()), tag,
                            [](unsigned char a, unsigned char b) { return std::tolower(a) == b; });
}

// A ModelProto begins with ir_version (field 1) and goes on with another of its fields; a SavedModel of TensorFlow with
// version 1 and its first graph (field 2).
bool looksLikeOnnx(std::string_view text) {
  return text.size() > 2 && text[0] == 0x08 && text[1] > 1 && text[1] < 32 &&
         "\x12\x1a\x22\x28\x32\x3a\x42"sv.find(text[2]) != std::string_view::npos;
}

// TensorFlow keeps its tensors in tables of LevelDB's format, which end in this number.
bool isTensorFlowTable(std::span<const std::byte> bytes) {
  constexpr std::string_view kTableMark = "\x57\xfb\x80\x8b\x24\x75\x47\xdb"sv;
  return bytes.size() >= 48 && textOf(bytes.last(8), 8) == kTableMark;
}

[[noreturn]] void refuseTensorFlow(std::string what) {
  throw Error({&codes::kCheckpointTensorflow, std::move(what) + " belongs to a TensorFlow checkpoint.",
               "The models line-level_damo and word-level_damo without \"db\" in their name are SegLink, another "
               "network, which "
               "ocrdet cannot read. Take cv_resnet18_ocr-detection-db-line-level_damo (pytorch_model.pt)."});
}

[[noreturn]] void refuseAs(std::string what, std::string advice) {
  throw Error({&codes::kCheckpointNotACheckpoint,
               fmt::format("This is {}, not a checkpoint.", what),
               std::move(advice),
               {{"looks_like", what}}});
}

std::string hexadecimal(std::string_view text) {
  std::string digits;
  for (const char byte : text)
    digits += fmt::format("{}{:02x}", digits.empty() ? "" : " ", static_cast<unsigned char>(byte));
  return digits;
}

void refuseText(std::string_view head) {
  std::string_view text = head;
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())) != 0) text.remove_prefix(1);
  if (beginsWithTag(text, "<!doctype html") || beginsWithTag(text, "<html") || beginsWithTag(text, "<head"))
    refuseAs("an HTML page",
             "A login or error page was saved in place of the file: download it again, signed in if needed.");
  if (text.starts_with("model_checkpoint_path:")) refuseTensorFlow("This file");
  if (text.starts_with('<')) refuseAs("an XML file", kGiveCheckpoint);
  const bool is_text = std::ranges::all_of(head, [](unsigned char c) { return c >= 0x20 || std::isspace(c) != 0; });
  if (!is_text) return;
  if (text.starts_with('{') || text.starts_with('[')) refuseAs("a JSON text", kGiveCheckpoint);
  refuseAs(fmt::format("a text that begins with {}", inQuotes(text.substr(0, 40))), kGiveCheckpoint);
}

std::string fileName(const std::filesystem::path& path) {
  return path.filename().string();
}

// "checkpoint-80000", "model.ckpt-80000"
bool isTensorFlowStep(const std::string& name) {
  const std::size_t dash = name.rfind('-');
  if (dash == std::string::npos || dash + 1 == name.size()) return false;
  const std::string_view stem = std::string_view(name).substr(0, dash);
  return std::all_of(name.begin() + static_cast<std::ptrdiff_t>(dash) + 1, name.end(),
                     [](unsigned char c) { return std::isdigit(c) != 0; }) &&
         (stem.ends_with("checkpoint") || stem.ends_with("ckpt"));
}

bool isTensorFlowPart(const std::string& name) {
  return name.ends_with(".index") || name.ends_with(".meta") || name.find(".data-0") != std::string::npos ||
         name == "saved_model.pb" || isTensorFlowStep(name);
}

[[noreturn]] void refuseFolder(const std::filesystem::path& path) {
  std::vector<std::string> checkpoints;
  std::error_code error;
  for (auto entry = std::filesystem::directory_iterator(path, error); !error && entry != std::filesystem::end(entry);
       entry.increment(error)) {
    const std::string name = fileName(entry->path());
    if (isTensorFlowPart(name)) refuseTensorFlow(fmt::format("The folder {} with its {}", path.string(), name));
    for (const std::string_view ending : {".pt", ".pth", ".bin", ".ckpt", ".safetensors"})
      if (name.ends_with(ending)) checkpoints.push_back(name);
  }
  std::ranges::sort(checkpoints);
  throw Error({&codes::kFileUnreadable,
               fmt::format("{} is a folder.", path.string()),
               checkpoints.empty() ? "Give the checkpoint file itself."
                                   : fmt::format("Give the file itself: {}.", (path / checkpoints.front()).string()),
               {{"path", path.string()}}});
}

}  // namespace

void refuseForeignBytes(std::span<const std::byte> bytes) {
  if (bytes.empty()) {
    throw Error({&codes::kCheckpointEmpty, "The file is empty.",
                 "The download or the copy failed, perhaps for lack of space: fetch the file again."});
  }
  const std::string_view head = textOf(bytes, 512);
  for (const Signature& signature : kSignatures) {
    if (head.size() > signature.offset && head.substr(signature.offset).starts_with(signature.bytes))
      refuseAs(signature.what, signature.advice);
  }
  if (isTensorFlowTable(bytes)) refuseTensorFlow("This file");
  if (looksLikeOnnx(head))
    refuseAs("an ONNX model", "It is exported already: `ocrdet inspect` and `ocrdet verify` read it.");
  if (std::ranges::all_of(head, [](char c) { return c == 0; })) {
    refuseAs("a file that begins with zeros",
             "A download was interrupted before any data arrived: fetch the file again.");
  }
  refuseText(head);
  refuseAs(
      fmt::format("a file of unknown kind ({} bytes, beginning with {})", bytes.size(), hexadecimal(head.substr(0, 4))),
      kGiveCheckpoint);
}

void refuseForeignPath(const std::filesystem::path& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) refuseFolder(path);
  if (!std::filesystem::exists(path, error)) {
    if (std::filesystem::exists(path.string() + ".index", error) ||
        std::filesystem::exists(path.string() + ".meta", error))
      refuseTensorFlow(fmt::format("{}.index", path.string()));
    return;
  }
  if (isTensorFlowPart(fileName(path))) refuseTensorFlow(fmt::format("The file {}", path.string()));
}

}  // namespace ocrdet
