#include "onnx/header.h"

#include "base/mapped_file.h"
#include "onnx/model_proto.h"

namespace ocrdet {

OnnxHeader readOnnxHeader(const std::filesystem::path& path) {
  const auto file = MappedFile::open(path);
  const onnx::ModelProto model = parseModel(file->bytes());
  OnnxHeader header;
  header.ir_version = model.ir_version();
  for (const onnx::OperatorSetIdProto& opset : model.opset_import()) {
    if (opset.domain().empty() || opset.domain() == "ai.onnx") header.opset = opset.version();
  }
  header.producer = model.producer_name();
  if (!model.producer_version().empty()) header.producer += " " + model.producer_version();
  header.nodes = model.graph().node_size();
  header.initialisers = model.graph().initializer_size();
  header.file_bytes = static_cast<std::int64_t>(file->bytes().size());
  return header;
}

}  // namespace ocrdet
