// Running an ONNX file in ONNX Runtime.
//
//   Session session = Session::open("model_800x800.onnx");
//   std::vector<NamedTensor> outputs = session.run({{"input", viewOf({1, 3, 800, 800}, pixels)}});
//   std::span<const float> probabilities = floatsOf(outputs[0].tensor);
//
// Before anything runs, the inputs are compared with what the file declares and with the size contract in its metadata
// (runtime/input_check.h). That is what refuses a 670 pixels wide input of a dynamic file: ONNX Runtime alone would
// take it and give an output 672 pixels wide.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "graph/graph.h"
#include "tensor/tensor.h"

namespace ocrdet {

enum class Provider { kCpu, kCuda, kTensorRt };

struct SessionOptions {
  std::filesystem::path onnxruntime;  // see loadRuntime
  int threads = 0;                    // of one run; 0: as many as this process may use processors
  bool optimise = true;               // all graph optimisations, or none (for reference runs)
  bool arena = true;                  // off: each buffer goes back at once; about 0.6 of the peak, 12 % slower
  // Off by default: planning one block for all activations costs memory that the arena reuses when left alone, and with
  // changing sizes one block per size stays allocated (docs/memory.md has the figures). Speed is the same.
  bool memory_pattern = false;
  Provider provider = Provider::kCpu;
  int device = 0;  // of CUDA and TensorRT
};

// Any number of threads may call the const functions of one Session at the same time. Copies share the session.
class Session {
 public:
  // Throws runtime.missing, runtime.unusable, runtime.provider-missing (the provider is not there: nothing else is
  // taken instead), runtime.model-refused, file.missing, memory.exhausted.
  static Session open(const std::filesystem::path& path, const SessionOptions& options = {});
  // `bytes` are needed during this call only.
  static Session fromBytes(std::span<const std::byte> bytes, const SessionOptions& options = {});

  const std::vector<Value>& inputs() const;
  const std::vector<Value>& outputs() const;
  const std::map<std::string, std::string>& metadata() const;

  // All outputs, in the order of outputs(). The inputs must be contiguous; their bytes are read in place. The outputs
  // own their memory, also beyond the life of the Session. Throws input.*, runtime.failed, memory.exhausted, and
  // run.interrupted when the user stopped the program meanwhile.
  std::vector<NamedTensor> run(const std::vector<NamedTensor>& inputs) const;

 private:
  struct State;
  explicit Session(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  std::shared_ptr<const State> state_;
};

// Contiguous tensors over values that the caller keeps alive.
Tensor viewOf(TensorShape shape, std::span<const float> values);
Tensor viewOf(TensorShape shape, std::span<const std::uint8_t> values);
// The values of a contiguous float32 tensor, in place. (toFloat32 converts other types.)
std::span<const float> floatsOf(const Tensor& tensor);

}  // namespace ocrdet
