#include "onnx/read.h"

#include "base/mapped_file.h"
#include "onnx/model_proto.h"

namespace ocrdet {

Graph readOnnx(std::span<const std::byte> bytes) {
  return toGraph(parseModel(bytes));
}

Graph readOnnx(const std::filesystem::path& path) {
  return readOnnx(MappedFile::open(path)->bytes());
}

}  // namespace ocrdet
