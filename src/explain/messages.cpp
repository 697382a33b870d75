// The table of messages. A row matches wherever its words stand in the text, unless `whole_line` says otherwise; of
// several rows that match, the one with the most literal words wins.

#include "explain/messages.h"

#include <algorithm>

namespace ocrdet {
namespace {

// Pictures have 1, 3 or 4 channels; a larger number in that place is a height or width.
constexpr std::int64_t kMostChannels = 4;

bool endsWithAny(std::string_view text, std::initializer_list<std::string_view> ends) {
  return std::any_of(ends.begin(), ends.end(), [&](std::string_view end) { return text.ends_with(end); });
}

bool containsAny(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return text.find(word) != text.npos; });
}

bool startsWithAny(std::string_view text, std::initializer_list<std::string_view> starts) {
  return std::any_of(starts.begin(), starts.end(), [&](std::string_view start) { return text.starts_with(start); });
}

// Height and width are dimensions 2 and 3; PyTorch's same words about others are about other networks.
bool isAboutHeightOrWidth(const Found& found) {
  const std::string_view dimension = nonSingletonDimension(found);
  return dimension.empty() || dimension == "2" || dimension == "3";
}

bool isAdditionOrUnnamed(const Found& found) {
  const std::string_view op = runningNode(found.text).op;
  return op.empty() || op == "add" || op == "sum" || op == "fusedconv";
}

// ONNX Runtime's list of wrong dimensions means different things.
enum class Kind { kOther, kLayout, kChannels, kZeroBatch, kZeroSize, kSize, kBatch };

bool listHas(const Found& found, Kind kind) {
  bool layout = false, channels = false, zero_batch = false, batch = false, zero_size = false, size = false;
  for (const WrongDimension& each : wrongDimensions(found)) {
    const bool both_large = each.got > kMostChannels && each.expected > kMostChannels;
    if (each.index == 0) (each.got == 0 ? zero_batch : batch) = true;
    if (each.index == 1 && !both_large) (std::max(each.got, each.expected) > kMostChannels ? layout : channels) = true;
    if (each.index == 2 || each.index == 3 || (each.index == 1 && both_large))
      (each.got == 0 ? zero_size : size) = true;
  }
  switch (kind) {
    case Kind::kLayout:
      return layout;
    case Kind::kChannels:
      return channels;
    case Kind::kZeroBatch:
      return zero_batch;
    case Kind::kZeroSize:
      return zero_size;
    case Kind::kSize:
      return size && !layout;
    case Kind::kBatch:
      return batch;
    case Kind::kOther:
      return false;
  }
  return false;
}

template <Kind kind>
bool listIs(const Found& found) {
  return listHas(found, kind);
}

// "expected input[1, 640, 640, 3] to have 3 channels, but got 640 channels"
bool convolutionSeesHeight(const Found& found) {
  return found.number(1) <= kMostChannels && found.number(2) > kMostChannels;
}
bool convolutionSeesGrey(const Found& found) {
  return found.number(1) <= kMostChannels && found.number(2) <= kMostChannels;
}

// Two numbers of channels, the taken one in the hole `taken`, the given one in `given`.
template <std::size_t taken, std::size_t given>
bool heightForChannels(const Found& found) {
  return found.number(taken) <= kMostChannels && found.number(given) > kMostChannels;
}
template <std::size_t taken, std::size_t given>
bool wrongChannels(const Found& found) {
  return found.number(taken) <= kMostChannels && found.number(given) <= kMostChannels;
}
bool innerChannels(const Found& found) {
  return found.number(1) > kMostChannels;
}

bool firstIsZero(const Found& found) {
  return found.number(0) == 0;
}

bool isConvolutionKernel(const Found& found) {
  return containsAny(found.hole(0), {"conv", "relu", "max_pool", "upsample", "batch_norm", "sigmoid"});
}

bool looksLikeModelOrPicture(std::string_view path) {
  return endsWithAny(path, {".pt", ".pth", ".ckpt", ".onnx", ".ort", ".safetensors", ".tar", ".jpg", ".jpeg", ".png",
                            ".bmp", ".webp", ".tif", ".tiff"});
}
bool isModelOrPicture(const Found& found) {
  return looksLikeModelOrPicture(found.hole(1));
}
bool isLabel(const Found& found) {
  const std::string_view path = found.hole(1);
  return path.ends_with(".txt") &&
         containsAny(path, {"gts/", "gts\\", "gt_", "_gt", "train_list", "test_list", "labels/"});
}

// The name of the file tells that it never was an ONNX model.
bool isOtherFile(const Found& found) {
  std::string_view path = found.hole(0);
  while (path.ends_with(' ')) path.remove_suffix(1);
  return endsWithAny(path, {".pt", ".pth", ".ckpt", ".safetensors", ".tar", ".zip", ".gz", ".html", ".json", ".txt",
                            ".py", ".engine", ".tflite", ".pb"});
}

// Classes of functions that start programs or evaluate text.
bool runsPrograms(const Found& found) {
  const std::string_view name = found.hole(0);
  return startsWithAny(name, {"posix.", "nt.", "os.", "subprocess.", "sys.", "shutil.", "socket.", "runpy.", "pty.",
                              "pip.", "importlib.", "webbrowser.", "urllib.", "requests.", "asyncio.subprocess"}) ||
         (startsWithAny(name, {"builtins.", "__builtin__."}) &&
          endsWithAny(name, {".eval", ".exec", ".execfile", ".compile", ".open", ".getattr", ".__import__"}));
}
bool isModule(const Found& found) {
  const std::string_view name = found.hole(0);
  return startsWithAny(name,
                       {"torch.nn.", "torchvision.models", "__main__.", "modelscope.models", "models.", "backbones."});
}
bool isOtherClass(const Found& found) {
  return !runsPrograms(found) && !isModule(found);
}

bool isOurPackage(const Found& found) {
  const std::string_view name = found.hole(0);
  const std::string_view top = name.substr(0, name.find('.'));
  for (std::string_view known :
       {"torch", "torchvision", "onnx", "cv2", "modelscope", "pyclipper", "shapely", "onnxsim"}) {
    if (top == known) return true;
  }
  return false;
}
bool isOnnxRuntime(const Found& found) {
  return found.hole(0) == "onnxruntime";
}

bool isOurProcess(const Found& found) {
  return containsAny(found.rest().substr(0, 40), {"(python", "(ocrdet", "(onnx"});
}

// Coordinates come in pairs and fours.
bool isPairsOfCoordinates(const Found& found) {
  const std::string_view shape = found.hole(1);
  return shape == "2" || shape == "2," || shape == "-1,2" || shape == "4,2" || shape == "-1,4,2";
}

// clang-format off
constexpr MessageRow kMessageRows[] = {
    // Two maps that do not meet.
    {"input.size-not-multiple-of-32", "size of tensor a (<n>) must match the size of tensor b (<n>)", isAboutHeightOrWidth, pyTorchSizes},
    {"input.size-not-multiple-of-32", "Attempting to broadcast an axis by a dimension other than 1. <n> by <n>", isAdditionOrUnnamed, onnxRuntimeSizes},
    {"input.size-not-multiple-of-32", "right operand cannot broadcast on dim <n> LeftShape: {…}, RightShape: {…}", isAdditionOrUnnamed, cudaProviderSizes},
    {"input.size-not-multiple-of-32", "left operand cannot broadcast on dim <n> LeftShape: {…}, RightShape: {…}", isAdditionOrUnnamed, cudaProviderSizes},
    {"input.size-not-multiple-of-32", "eltwise_layer … Assertion failed) inputs["},
    {"input.size-not-multiple-of-32", "nary_eltwise_layers … Assertion failed"},
    {"input.size-not-multiple-of-32", "Op (Add) [ShapeInferenceError] Incompatible dimensions"},
    {"input.size-not-multiple-of-32", "broadcast dimensions must be conformable"},
    {"input.size-not-multiple-of-32", "Input size not supported", nullptr, nullptr, "", true},
    {"input.size-not-multiple-of-32", "stride mismatch", nullptr, nullptr, "", true},
    {"input.size-not-multiple-of-32", "size mismatch", nullptr, nullptr, "checkpoint.shape", true},
    {"input.size-not-multiple-of-32", "Expected input size (<n>, <n>), got (<n>, <n>)"},
    {"input.size-not-multiple-of-32", "height <n> is not a multiple of", nullptr, sideNotMultiple},
    {"input.size-not-multiple-of-32", "width <n> is not a multiple of", nullptr, sideNotMultiple},

    // ONNX Runtime about the whole input.
    {"input.layout-nhwc", "Got invalid dimensions for input: <w> for the following indices", listIs<Kind::kLayout>, channelCount},
    {"input.channels",    "Got invalid dimensions for input: <w> for the following indices", listIs<Kind::kChannels>, channelCount},
    {"input.zero-batch",  "Got invalid dimensions for input: <w> for the following indices", listIs<Kind::kZeroBatch>},
    {"input.zero-size",   "Got invalid dimensions for input: <w> for the following indices", listIs<Kind::kZeroSize>},
    {"input.size-fixed",  "Got invalid dimensions for input: <w> for the following indices", listIs<Kind::kSize>, fixedSize},
    {"input.batch-fixed", "Got invalid dimensions for input: <w> for the following indices", listIs<Kind::kBatch>},
    {"input.size-fixed", "Got invalid dimensions for input", nullptr, nullptr, "", true},
    {"input.size-fixed", "Input dimension mismatch", nullptr, nullptr, "input.size-not-multiple-of-32", true},
    {"input.size-fixed", "Invalid input shape", nullptr, nullptr, "input.size-not-multiple-of-32", true},
    {"input.size-fixed", "Expected shape from model of {…} does not match actual shape of {…} for output"},
    {"input.size-fixed", "Static dimension mismatch while setting input shape"},
    {"input.size-fixed", "Supplied binding dimension … for bindings"},
    {"input.rank", "Invalid rank for input: <w> Got: <n> Expected: <n>"},
    {"input.rank", "X num_dims does not match W num_dims"},
    {"input.rank", "expected <n>D input (got <n>D input)"},
    {"input.rank", "Expected <n>D (unbatched) or <n>D (batched) input to conv2d, but got input of size:"},
    {"input.rank", "-dimensional input for <n>-dimensional weight"},
    {"input.zero-batch", "cannot be reshaped to the requested shape. Input shape:{<n>", firstIsZero},
    {"input.zero-size", "Invalid input shape: {<n>,<n>"},
    {"input.zero-size", "Calculated padded input size per channel: (<n> x <n>). Kernel size: (<n> x <n>). Kernel size can't be greater than actual input size"},
    {"input.buffer-size", "not enough space: expected <n>, got <n>", nullptr, bufferLength},
    {"input.buffer-size", "Tensor's size(<n>) does not match data length(<n>)", nullptr, bufferLength},

    // Channels.
    {"input.layout-nhwc", "expected input[…] to have <n> channels, but got <n> channels instead", convolutionSeesHeight, convolutionChannels},
    {"input.channels", "expected input[…] to have <n> channels, but got <n> channels instead", convolutionSeesGrey, convolutionChannels},
    {"input.layout-nhwc", "Number of input channels should be multiple of <n> but got <n>", heightForChannels<0, 1>},
    {"input.channels", "Number of input channels should be multiple of <n> but got <n>", wrongChannels<0, 1>},
    {"input.layout-nhwc", "Input channels C is not equal to kernel channels * group. C: <n> kernel channels: <n>", heightForChannels<1, 0>},
    {"input.channels", "Input channels C is not equal to kernel channels * group. C: <n> kernel channels: <n>", wrongChannels<1, 0>},
    {"onnx.weight-shape", "Input channels C is not equal to kernel channels * group. C: <n> kernel channels: <n>", innerChannels},

    // Types, names, missing inputs.
    {"input.type", "Unexpected input data type. Actual: (tensor(<w>)), expected: (tensor(<w>))"},
    {"input.type", "Unexpected input data type. Actual: (<w>"},
    {"input.type", "expected scalar type <w> but found <w>"},
    {"input.type", "'<w>' not implemented for '<w>'", isConvolutionKernel},
    {"input.type", "Input type (<w>) and weight type (<w>) should be the same"},
    {"input.type", "Input type (<w>) and bias type (<w>) should be the same"},
    {"input.not-a-tensor", "conv2d() received an invalid combination of arguments - got (numpy.ndarray"},
    {"input.not-a-tensor", "conv2d(): argument 'input' (position 1) must be Tensor, not numpy.ndarray"},
    {"input.name", "Invalid input name: <w>", nullptr, nullptr, "", true},
    {"input.name", "Invalid Feed Input Name:"},
    {"input.name", "Required inputs ([…]) are missing from input feed ([…])"},
    {"input.name", "input '<w>' is missing in 'feeds'"},
    {"input.name", "Requested blob '<w>' not found in function 'setInput'"},
    {"input.name", "Input name: '<w>' is not in the metadata"},
    {"input.missing", "!layers[0].outputBlobs.empty() in function 'allocateLayers'"},
    {"output.name", "Invalid output name: <w>", nullptr, nullptr, "", true},
    {"output.name", "'fetches' contains invalid output name: <w>"},
    {"output.name", "Requested layer '<w>' not found in function 'getLayerData'"},
    {"output.name", "Output name: '<w>' is not in the metadata"},

    // Files.
    {"file.missing", "Load model from … failed: … File doesn't exist"},
    {"file.missing", "Can't read ONNX file: …in function"},
    {"file.missing", "[Errno <n>] No such file or directory: '…'", isModelOrPicture},
    {"train.label-missing", "[Errno <n>] No such file or directory: '…'", isLabel},
    {"file.is-directory", "The model path is a directory"},
    {"file.is-directory", "[Errno <n>] Is a directory: '…'", isModelOrPicture},
    {"file.empty", "ModelProto does not have a graph"},
    {"file.empty", "Assertion failed) model_proto.has_graph()"},
    {"file.empty", "EOFError: Ran out of input"},
    {"file.truncated-or-not-onnx", "Load model from … failed: Protobuf parsing failed", nullptr, nullptr, "file.not-onnx"},
    {"file.not-onnx", "Load model from … failed: Protobuf parsing failed.", isOtherFile},
    {"file.truncated-or-not-onnx", "Failed to load model because protobuf parsing failed", nullptr, nullptr, "file.not-onnx"},
    {"file.not-onnx", "Failed to parse ONNX model: … in function", isOtherFile},
    {"file.truncated-or-not-onnx", "Failed to parse ONNX model: … in function", nullptr, nullptr, "file.not-onnx"},
    {"file.truncated-or-not-onnx", "Error parsing message with type 'onnx.ModelProto'", nullptr, nullptr, "file.not-onnx"},
    {"file.truncated-or-not-onnx", "google.protobuf.message.DecodeError: Error parsing message", nullptr, nullptr, "file.not-onnx"},
    {"file.truncated", "PytorchStreamReader failed reading"},
    {"file.truncated", "PytorchStreamReader failed finding central directory"},
    {"file.truncated", "unexpected EOF, expected <n> more bytes. The file might be corrupted"},
    {"file.truncated", "pickle data was truncated"},
    {"file.truncated", "Error while deserializing header: MetadataIncompleteBuffer"},
    {"file.truncated", "Error while deserializing header: HeaderTooSmall"},
    {"file.not-a-checkpoint", "Error while deserializing header: HeaderTooLarge"},
    {"file.not-a-checkpoint", "Error while deserializing header: InvalidHeader"},
    {"file.not-a-checkpoint", "invalid load key, '", nullptr, firstByte},
    {"file.not-a-checkpoint", "Invalid magic number; corrupt file?"},
    {"file.not-a-checkpoint", "UnpicklingError:", nullptr, nullptr, "file.truncated"},

    // Checkpoints.
    {"checkpoint.prefix", "Error(s) in loading state_dict for <w>: Missing key(s) in state_dict:", nullptr, missingKeys},
    {"checkpoint.prefix", "Missing key(s) in state_dict", nullptr, missingKeys},
    {"checkpoint.prefix", "Unexpected key(s) in state_dict", nullptr, missingKeys},
    {"checkpoint.deformable", "key(s) in state_dict: … conv2_offset."},
    {"checkpoint.shape", "size mismatch for <w>: copying a param with shape … from checkpoint, the shape in current model is"},
    {"checkpoint.nothing-loaded", "IncompatibleKeys(missing_keys=["},
    {"checkpoint.nothing-loaded", "strict=False", nullptr, nullptr, "", true},
    {"checkpoint.unsafe", "WeightsUnpickler error: Unsupported class <w>", runsPrograms},
    {"checkpoint.whole-module", "WeightsUnpickler error: Unsupported class <w>", isModule},
    {"checkpoint.unknown-class", "WeightsUnpickler error: Unsupported class <w>", isOtherClass},
    {"checkpoint.unsafe", "Unsupported global: GLOBAL <w> was not an allowed global by default", runsPrograms},
    {"checkpoint.whole-module", "Unsupported global: GLOBAL <w> was not an allowed global by default", isModule},
    {"checkpoint.unknown-class", "Unsupported global: GLOBAL <w> was not an allowed global by default", isOtherClass},
    {"checkpoint.unknown-class", "Weights only load failed"},
    {"checkpoint.whole-module", "Can't get attribute '<w>' on <module '"},
    {"checkpoint.cuda-device", "Attempting to deserialize object on a CUDA device"},

    // ONNX files.
    {"onnx.ir-too-new", "Unsupported model IR version: <n>, max supported IR version: <n>", nullptr, newerVersion},
    {"onnx.opset-too-new", "Opset <n> is under development and support for this is limited", nullptr, newerVersion},
    {"onnx.opset-too-new", "ONNX Runtime only *guarantees* support for models stamped with official released onnx opset versions"},
    {"onnx.unknown-operator", "No Op registered for <w> with domain_version of <n>"},
    {"onnx.unknown-operator", "is not a registered function/op"},
    {"onnx.unknown-operator", "Can't create layer '<w>' of type '<w>' in function 'getLayerInstance'"},
    {"onnx.no-kernel", "Could not find an implementation for … with name '<w>'"},
    {"onnx.unknown-domain", "No opset import for domain '<w>'"},
    {"onnx.mixed-types", "Type parameter (<w>) of Optype (<w>) bound to different types"},
    {"onnx.missing-tensor", "Node input '<w>' is not a graph input, initializer, or output of a previous node"},
    {"onnx.tensor-size", "raw_data size (<n> bytes) does not match expected size from shape and data type (<n> bytes)"},
    {"onnx.external-data-missing", "External data path validation failed for initializer:"},
    {"onnx.external-data-missing", "External data path does not exist:"},
    {"onnx.external-data-missing", "GetFileLength for <w> failed"},
    {"onnx.external-data-missing", "cannot get file size: No such file or directory ["},

    // Export with Python tools.
    {"export.wrong-network", "Exporting the operator <w> to ONNX opset version <n> is not supported"},
    {"export.wrong-network", "Exporting the operator '<w>' to ONNX opset version <n> is not supported"},
    {"export.wrong-network", "Unsupported: ONNX export of operator <w>"},
    {"export.missing-input", "forward() missing <n> required positional argument"},
    {"export.opset", "Unsupported ONNX opset version: <n>"},

    // Memory and runtimes.
    {"memory.exhausted", "Failed to allocate memory for requested buffer of size <n>", nullptr, memoryRequest},
    {"memory.exhausted", "std::bad_alloc"},
    {"memory.exhausted", "bad allocation", nullptr, nullptr, "", true},
    {"memory.exhausted", "CUDA out of memory"},
    {"memory.exhausted", "CUDA error: out of memory"},
    {"memory.exhausted", "CUDA failure <n>: out of memory"},
    {"memory.exhausted", "DefaultCPUAllocator: can't allocate memory: you tried to allocate <n> bytes", nullptr, memoryRequest},
    {"memory.exhausted", "DefaultCPUAllocator: not enough memory: you tried to allocate <n> bytes", nullptr, memoryRequest},
    {"memory.exhausted", "Insufficient memory) Failed to allocate <n> bytes", nullptr, memoryRequest},
    {"memory.exhausted", "Killed", nullptr, nullptr, "", true},
    {"memory.exhausted", "OOMKilled", nullptr, nullptr, "", true},
    {"memory.exhausted", ": line <n>: <n> Killed"},
    {"memory.exhausted", "Out of memory: Killed process <n>", isOurProcess},
    {"runtime.provider-missing", "OrtSessionOptionsAppendExecutionProvider_<w>: Failed to load shared library"},
    {"runtime.provider-missing", "execution provider is not supported in this build"},
    {"runtime.provider-missing", "Specified provider '<w>' is not in available provider names"},
    {"runtime.provider-missing", "Failed to create CUDAExecutionProvider"},
    {"runtime.provider-missing", "Failed to create TensorrtExecutionProvider"},
    {"runtime.provider-missing", "Failed to load library … onnxruntime_providers_"},
    {"runtime.provider-missing", "you are required to explicitly set the providers parameter when instantiating InferenceSession"},
    {"runtime.missing", "libonnxruntime.so<w>: cannot open shared object file"},
    {"runtime.missing", "DLL load failed while importing onnxruntime_pybind11_state"},
    {"runtime.missing", "No module named '<w>'", isOnnxRuntime},
    {"runtime.python-missing", "No module named '<w>'", isOurPackage},
    {"runtime.too-old", "The requested API version [<n>] is not available, only API versions"},

    // Training, labels, pictures, post-processing.
    {"train.batch-too-small", "Expected more than 1 value per channel when training, got input size"},
    {"train.label-bom", "could not convert string to float: '\\ufeff"},
    {"train.label-line", "could not convert string to float: ''"},
    {"train.label-line", "cannot reshape array of size <n> into shape (…)", isPairsOfCoordinates},
    {"image.unreadable", "'NoneType' object has no attribute 'astype'"},
    {"image.unreadable", "'NoneType' object has no attribute 'shape'"},
    {"image.unreadable", "NoneType object has no attribute astype"},
    {"image.unreadable", "Assertion failed) !ssize.empty() in function 'resize'"},
    {"image.unreadable", "Assertion failed) !_src.empty() in function 'cvtColor'"},
    {"post.empty-polygon", "Assertion failed) … in function 'convexHull'"},
    {"post.ragged-polygons", "setting an array element with a sequence"},
    {"service.port-in-use", "Cannot find empty port in range: <n>"},
    {"service.port-in-use", "error while attempting to bind on address ('<w>', 7860): address already in use"},
};
// clang-format on

}  // namespace

std::span<const MessageRow> messageRows() {
  return kMessageRows;
}

}  // namespace ocrdet
