#include "onnx/append_metadata.h"

#include "onnx/model_proto.h"

namespace ocrdet {

void appendMetadata(AtomicFile& file, const std::string& key, const std::string& value) {
  onnx::ModelProto model;
  onnx::StringStringEntryProto& entry = *model.add_metadata_props();
  entry.set_key(key);
  entry.set_value(value);
  file.write(model.SerializeAsString());
}

}  // namespace ocrdet
