#include <climits>

#include "ocrdet/error.h"
#include "onnx/model_proto.h"
#include "onnx/wire_check.h"

namespace ocrdet {
namespace {

[[noreturn]] void tooLarge(std::string message) {
  throw Error(
      {&codes::kOnnxTooLarge, std::move(message), "No detector is like that; check where the file comes from."});
}

[[noreturn]] void damaged() {
  throw Error({&codes::kOnnxCorrupt, "The bytes are not an ONNX model, or the file is damaged or cut short.",
               "Copy or download it again, and check that it is an .onnx file."});
}

}  // namespace

onnx::ModelProto parseModel(std::span<const std::byte> bytes) {
  if (bytes.size() > INT_MAX) tooLarge("The file is larger than 2 GB.");
  switch (checkModelWire(bytes)) {
    case WireVerdict::kFine:
      break;
    case WireVerdict::kDamaged:
      damaged();
    case WireVerdict::kTooManyEntries:
      tooLarge("The file has more than a million entries.");
    case WireVerdict::kTooDeep:
      tooLarge("The file nests deeper than 64 levels.");
  }
  onnx::ModelProto model;
  // Any bytes can pass as protobuf, text files of a certain form too: a model has a graph and says which IR it is
  // written in.
  if (!model.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) || !model.has_graph() ||
      !model.has_ir_version())
    damaged();
  return model;
}

}  // namespace ocrdet
