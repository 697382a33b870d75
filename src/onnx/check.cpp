#include "onnx/check.h"

#include "base/mapped_file.h"
#include "ocrdet/error.h"
#include "onnx/model_proto.h"

#include <onnx/checker.h>
#include <onnx/shape_inference/implementation.h>

#include <exception>
#include <string>

namespace ocrdet {
namespace {

template <typename Step>
void judged(const char* judge, Step step) {
  try {
    step();
  } catch (const std::exception& refusal) {
    throw Error({&codes::kOnnxInvalid,
                 std::string(judge) + " refuses the model.",
                 "The file breaks the ONNX specification; export it again.",
                 {},
                 refusal.what()});
  }
}

}  // namespace

void checkOnnx(std::span<const std::byte> bytes) {
  onnx::ModelProto model = parseModel(bytes);
  for (const onnx::TensorProto& weight : model.graph().initializer())
    if (weight.data_location() == onnx::TensorProto::EXTERNAL)
      throw Error({&codes::kOnnxExternalData, "The model keeps weights in other files.", "Save it as one file."});
  judged("The ONNX checker", [&] { onnx::checker::check_model(model); });
  judged("ONNX's shape inference", [&] {
    const onnx::ShapeInferenceOptions strict(/*check_type=*/true, /*strict_mode=*/1, /*data_prop=*/true);
    onnx::shape_inference::InferShapes(model, onnx::OpSchemaRegistry::Instance(), strict);
  });
}

void checkOnnx(const std::filesystem::path& path) {
  checkOnnx(MappedFile::open(path)->bytes());
}

}  // namespace ocrdet
