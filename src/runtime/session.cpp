#include "runtime/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/cancellation.h"
#include "base/processors.h"
#include "contract/file_contract.h"
#include "ocrdet/error.h"
#include "runtime/input_check.h"
#include "runtime/interrupt_watch.h"
#include "runtime/onnxruntime_api.h"
#include "runtime/runtime.h"

namespace ocrdet {
namespace {

struct ElementType {
  DType dtype;
  ONNXTensorElementDataType onnx;
};

constexpr ElementType kElementTypes[] = {
    {DType::kFloat64, ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE},
    {DType::kFloat32, ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT},
    {DType::kFloat16, ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16},
    {DType::kBfloat16, ONNX_TENSOR_ELEMENT_DATA_TYPE_BFLOAT16},
    {DType::kInt64, ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64},
    {DType::kInt32, ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32},
    {DType::kInt16, ONNX_TENSOR_ELEMENT_DATA_TYPE_INT16},
    {DType::kInt8, ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8},
    {DType::kUint8, ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8},
    {DType::kBool, ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL},
};

const ElementType* elementType(ONNXTensorElementDataType onnx) {
  const auto found = std::find_if(std::begin(kElementTypes), std::end(kElementTypes),
                                  [&](const ElementType& type) { return type.onnx == onnx; });
  return found == std::end(kElementTypes) ? nullptr : found;
}

ONNXTensorElementDataType elementType(DType dtype) {
  return std::find_if(std::begin(kElementTypes), std::end(kElementTypes),
                      [&](const ElementType& type) { return type.dtype == dtype; })
      ->onnx;
}

// ONNX Runtime has no error code for exhausted memory, only these words.
bool speaksOfMemory(const std::string& words) {
  return words.find("Failed to allocate memory") != std::string::npos || words.find("bad_alloc") != std::string::npos ||
         words.find("out of memory") != std::string::npos;
}

[[noreturn]] void failMemory(const std::string& doing, const std::string& cause) {
  throw Error(Problem{&codes::kMemoryExhausted,
                      fmt::format("Memory ran out while {}.", doing),
                      "Use a smaller input or batch, fewer sessions at once, or --low-memory.",
                      {},
                      cause});
}

void appendProvider(Ort::SessionOptions& native, const SessionOptions& options) {
  if (options.provider == Provider::kCpu) return;
  const bool cuda = options.provider == Provider::kCuda;
  const std::string wanted = cuda ? "CUDAExecutionProvider" : "TensorrtExecutionProvider";
  const RuntimeInfo runtime = loadRuntime(options.onnxruntime);
  const auto fail = [&](const std::string& why, const std::string& cause) {
    throw Error(Problem{&codes::kRuntimeProviderMissing,
                        fmt::format("{} {}; the ONNX Runtime {} at {} has: {}.", wanted, why, runtime.version,
                                    runtime.path.string(), fmt::join(runtime.providers, ", ")),
                        "Point ONNXRUNTIME_ROOT or --onnxruntime to a build with this provider and its libraries, or "
                        "leave the provider out to compute on the processor.",
                        {{"provider", wanted}, {"path", runtime.path.string()}},
                        cause});
  };
  if (std::find(runtime.providers.begin(), runtime.providers.end(), wanted) == runtime.providers.end()) {
    fail("is not in this library", {});
  }
  try {
    if (cuda) {
      OrtCUDAProviderOptions cuda_options;
      cuda_options.device_id = options.device;
      native.AppendExecutionProvider_CUDA(cuda_options);
    } else {
      OrtTensorRTProviderOptions tensorrt_options{};
      tensorrt_options.device_id = options.device;
      native.AppendExecutionProvider_TensorRT(tensorrt_options);
    }
  } catch (const Ort::Exception& failure) {
    fail("does not start", failure.what());
  }
}

Ort::SessionOptions nativeOptions(const SessionOptions& options) {
  Ort::SessionOptions native;
  native.SetIntraOpNumThreads(options.threads > 0 ? options.threads : usableProcessors());
  native.SetInterOpNumThreads(1);
  native.SetGraphOptimizationLevel(options.optimise ? ORT_ENABLE_ALL : ORT_DISABLE_ALL);
  native.SetLogSeverityLevel(ORT_LOGGING_LEVEL_FATAL);
  if (!options.arena) native.DisableCpuMemArena();
  if (!options.memory_pattern) native.DisableMemPattern();
  appendProvider(native, options);
  return native;
}

[[noreturn]] void failRefused(const std::string& what, const std::string& why, const std::string& cause) {
  throw Error(Problem{&codes::kRuntimeModelRefused,
                      fmt::format("ONNX Runtime does not take {}: {}.", what, why),
                      "`ocrdet explain` tells more about the cause; export or download the file again.",
                      {{"model", what}},
                      cause});
}

Value describe(const std::string& what, const std::string& name, const Ort::TypeInfo& type) {
  if (type.GetONNXType() != ONNX_TYPE_TENSOR) failRefused(what, fmt::format("'{}' is not a tensor", name), {});
  const auto info = type.GetTensorTypeAndShapeInfo();
  const ElementType* element = elementType(info.GetElementType());
  if (element == nullptr) {
    failRefused(what,
                fmt::format("'{}' has the element type {}, which ocrdet does not handle", name,
                            static_cast<int>(info.GetElementType())),
                {});
  }
  Value value{name, element->dtype, {}};
  const std::vector<std::int64_t> lengths = info.GetShape();
  const std::vector<const char*> symbols = info.GetSymbolicDimensions();
  for (std::size_t axis = 0; axis < lengths.size(); ++axis) {
    std::string symbol = symbols[axis];
    // A free dimension may have no name in the file; Dimension tells free ones by their symbol.
    if (lengths[axis] < 0 && symbol.empty()) symbol = fmt::format("{}_{}", name, axis);
    value.shape.push_back({lengths[axis] < 0 ? 0 : lengths[axis], lengths[axis] < 0 ? symbol : std::string()});
  }
  return value;
}

}  // namespace

struct Session::State {
  State(std::string name, Ort::Session native) : what(std::move(name)), session(std::move(native)) {
    readDeclarations();
  }

  std::string what;  // the file's name, for messages
  Ort::Session session;
  std::vector<Value> inputs, outputs;
  std::map<std::string, std::string> metadata;
  std::optional<FileContract> contract;  // when the file is one of ours

 private:
  void readDeclarations();
};

void Session::State::readDeclarations() {
  Ort::AllocatorWithDefaultOptions allocator;
  for (std::size_t i = 0; i < session.GetInputCount(); ++i) {
    inputs.push_back(describe(what, session.GetInputNameAllocated(i, allocator).get(), session.GetInputTypeInfo(i)));
  }
  for (std::size_t i = 0; i < session.GetOutputCount(); ++i) {
    outputs.push_back(describe(what, session.GetOutputNameAllocated(i, allocator).get(), session.GetOutputTypeInfo(i)));
  }
  const Ort::ModelMetadata model = session.GetModelMetadata();
  for (const Ort::AllocatedStringPtr& key : model.GetCustomMetadataMapKeysAllocated(allocator)) {
    metadata[key.get()] = model.LookupCustomMetadataMapAllocated(key.get(), allocator).get();
  }
  contract = readFileContract(metadata);
}

namespace {

// `create` makes the native session; what it throws becomes our error.
template <typename Create>
Ort::Session createSession(const std::string& what, const SessionOptions& options, Create create) {
  try {
    const Ort::Env& environment = runtimeEnvironment(options.onnxruntime);
    return create(environment, nativeOptions(options));
  } catch (const Ort::Exception& failure) {
    if (speaksOfMemory(failure.what())) failMemory("loading " + what, failure.what());
    if (failure.GetOrtErrorCode() == ORT_NO_SUCHFILE) {
      throw Error(Problem{&codes::kFileMissing,
                          fmt::format("{} does not exist.", what),
                          "Check the path.",
                          {{"path", what}},
                          failure.what()});
    }
    failRefused(what, "it cannot be loaded", failure.what());
  } catch (const std::bad_alloc& failure) {
    failMemory("loading " + what, failure.what());
  }
}

}  // namespace

Session Session::open(const std::filesystem::path& path, const SessionOptions& options) {
  Ort::Session native =
      createSession(path.string(), options, [&](const Ort::Env& environment, const auto& native_options) {
        return Ort::Session(environment, path.c_str(), native_options);
      });
  return Session(std::make_shared<const State>(path.string(), std::move(native)));
}

Session Session::fromBytes(std::span<const std::byte> bytes, const SessionOptions& options) {
  const std::string what = "the model in memory";
  Ort::Session native = createSession(what, options, [&](const Ort::Env& environment, const auto& native_options) {
    return Ort::Session(environment, bytes.data(), bytes.size(), native_options);
  });
  return Session(std::make_shared<const State>(what, std::move(native)));
}

const std::vector<Value>& Session::inputs() const {
  return state_->inputs;
}
const std::vector<Value>& Session::outputs() const {
  return state_->outputs;
}
const std::map<std::string, std::string>& Session::metadata() const {
  return state_->metadata;
}

namespace {

Ort::Value toNative(const NamedTensor& input) {
  static const Ort::MemoryInfo memory = Ort::MemoryInfo::CreateCpu(OrtDeviceAllocator, OrtMemTypeDefault);
  const Tensor& tensor = input.tensor;
  const std::span<const std::byte> bytes = contiguousBytes(tensor);
  // ONNX Runtime's interface is not const-correct; inputs are never written.
  return Ort::Value::CreateTensor(memory, const_cast<std::byte*>(bytes.data()), bytes.size(), tensor.shape.data(),
                                  tensor.shape.size(), elementType(tensor.dtype));
}

Tensor contiguousView(DType dtype, TensorShape shape, std::span<const std::byte> bytes,
                      std::shared_ptr<const void> owner) {
  std::vector<std::int64_t> strides = contiguousStrides(shape);
  return Tensor{dtype, std::move(shape), std::move(strides), 0, Storage{bytes, std::move(owner)}};
}

// The output stays where ONNX Runtime wrote it; it keeps the session alive, whose arena owns that memory.
template <typename State>
Tensor fromNative(Ort::Value value, const std::shared_ptr<const State>& state) {
  const auto info = value.GetTensorTypeAndShapeInfo();
  const ElementType* type = elementType(info.GetElementType());
  if (type == nullptr) failRefused(state->what, "an output has an element type that ocrdet does not handle", {});
  TensorShape shape = info.GetShape();
  const std::size_t length = info.GetElementCount() * byteSize(type->dtype);
  const auto* bytes = static_cast<const std::byte*>(value.GetTensorRawData());
  auto owner = std::make_shared<std::pair<std::shared_ptr<const State>, Ort::Value>>(state, std::move(value));
  return contiguousView(type->dtype, std::move(shape), {bytes, length}, std::move(owner));
}

}  // namespace

std::vector<NamedTensor> Session::run(const std::vector<NamedTensor>& inputs) const {
  throwIfInterrupted();
  if (std::vector<Problem> problems = inputProblems(state_->inputs, state_->contract, inputs); !problems.empty()) {
    throw Error(std::move(problems));
  }
  std::vector<const char*> input_names, output_names;
  std::vector<Ort::Value> values;
  for (const NamedTensor& input : inputs) {
    input_names.push_back(input.name.c_str());
    values.push_back(toNative(input));
  }
  for (const Value& output : state_->outputs) output_names.push_back(output.name.c_str());

  std::vector<Ort::Value> results;
  Ort::RunOptions run_options;
  try {
    const InterruptWatch watch(run_options);
    // Ort::Session::Run is not const, but documented as safe from several threads.
    results = const_cast<Ort::Session&>(state_->session)
                  .Run(run_options, input_names.data(), values.data(), values.size(), output_names.data(),
                       output_names.size());
  } catch (const Ort::Exception& failure) {
    throwIfInterrupted();
    if (speaksOfMemory(failure.what())) failMemory("running " + state_->what, failure.what());
    throw Error(Problem{&codes::kRuntimeFailed,
                        fmt::format("ONNX Runtime failed while running {}.", state_->what),
                        "`ocrdet explain` tells more about the cause.",
                        {{"model", state_->what}},
                        failure.what()});
  } catch (const std::bad_alloc& failure) {
    failMemory("running " + state_->what, failure.what());
  }
  std::vector<NamedTensor> outputs;
  for (std::size_t i = 0; i < results.size(); ++i) {
    outputs.push_back({state_->outputs[i].name, fromNative(std::move(results[i]), state_)});
  }
  return outputs;
}

Tensor viewOf(TensorShape shape, std::span<const float> values) {
  return contiguousView(DType::kFloat32, std::move(shape), std::as_bytes(values), nullptr);
}

Tensor viewOf(TensorShape shape, std::span<const std::uint8_t> values) {
  return contiguousView(DType::kUint8, std::move(shape), std::as_bytes(values), nullptr);
}

std::span<const float> floatsOf(const Tensor& tensor) {
  const auto* values = reinterpret_cast<const float*>(tensor.storage.bytes.data()) + tensor.offset;
  return {values, static_cast<std::size_t>(tensor.size())};
}

}  // namespace ocrdet
