#include "onnx/serialise.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <exception>
#include <utility>

#include "ocrdet/error.h"
#include "onnx/model_proto.h"

namespace ocrdet {
namespace {

// Hands protobuf's output on to an AtomicFile. Protobuf is not written with exceptions in mind: one that the file
// throws waits here until protobuf has returned.
class FileSink : public google::protobuf::io::CopyingOutputStream {
 public:
  explicit FileSink(AtomicFile& file) : file_(file) {}

  bool Write(const void* buffer, int size) override {
    try {
      file_.write(std::span(static_cast<const std::byte*>(buffer), static_cast<std::size_t>(size)));
      return true;
    } catch (...) {
      failure_ = std::current_exception();
      return false;
    }
  }

  void rethrow() const {
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  AtomicFile& file_;
  std::exception_ptr failure_;
};

[[noreturn]] void tooLarge() {
  throw Error({&codes::kOnnxTooLarge, "The model is larger than 2 GB, which an ONNX file cannot hold.",
               "Export a smaller network."});
}

}  // namespace

std::string serialiseOnnx(Graph&& graph) {
  const onnx::ModelProto model = toModelProto(std::move(graph));
  std::string bytes;
  if (!model.SerializeToString(&bytes)) tooLarge();
  return bytes;
}

void writeOnnx(Graph&& graph, AtomicFile& file) {
  constexpr int kBlock = 1 << 20;  // large enough to make few system calls, small enough to stay in the cache
  const onnx::ModelProto model = toModelProto(std::move(graph));
  FileSink sink(file);
  google::protobuf::io::CopyingOutputStreamAdaptor stream(&sink, kBlock);
  const bool written = model.SerializeToZeroCopyStream(&stream) && stream.Flush();
  sink.rethrow();
  if (!written) tooLarge();
}

}  // namespace ocrdet
