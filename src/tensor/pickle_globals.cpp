#include "tensor/pickle_globals.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <unordered_map>

#include "tensor/checkpoint_errors.h"

namespace ocrdet {
namespace {

using enum GlobalRole;

constexpr KnownGlobal kGlobals[] = {
    {"collections.OrderedDict", kDictionary},
    {"collections.defaultdict", kDictionary},
    {"collections.Counter", kDictionary},
    {"torch.Size", kTuple},

    {"torch._utils._rebuild_tensor_v2", kRebuildTensor},
    {"torch._utils._rebuild_tensor", kRebuildTensor},
    {"torch._utils._rebuild_tensor_v3", kRebuildTensorV3},
    {"torch._utils._rebuild_parameter", kRebuildParameter},
    {"torch._utils._rebuild_parameter_with_state", kRebuildParameter},
    {"torch._tensor._rebuild_from_type_v2", kRebuildFromType},
    {"torch.Tensor", kTensorClass},
    {"torch._tensor.Tensor", kTensorClass},
    {"torch.nn.parameter.Parameter", kTensorClass},

    {"torch.DoubleStorage", kStorageType, DType::kFloat64},
    {"torch.FloatStorage", kStorageType, DType::kFloat32},
    {"torch.HalfStorage", kStorageType, DType::kFloat16},
    {"torch.BFloat16Storage", kStorageType, DType::kBfloat16},
    {"torch.LongStorage", kStorageType, DType::kInt64},
    {"torch.IntStorage", kStorageType, DType::kInt32},
    {"torch.ShortStorage", kStorageType, DType::kInt16},
    {"torch.CharStorage", kStorageType, DType::kInt8},
    {"torch.ByteStorage", kStorageType, DType::kUint8},
    {"torch.BoolStorage", kStorageType, DType::kBool},
    {"torch.UntypedStorage", kStorageType},
    {"torch.storage.UntypedStorage", kStorageType},
    // GPU checkpoints of PyTorch before 1.0 name the storage of the device.
    {"torch.cuda.DoubleStorage", kStorageType, DType::kFloat64},
    {"torch.cuda.FloatStorage", kStorageType, DType::kFloat32},
    {"torch.cuda.HalfStorage", kStorageType, DType::kFloat16},
    {"torch.cuda.LongStorage", kStorageType, DType::kInt64},
    {"torch.cuda.IntStorage", kStorageType, DType::kInt32},
    {"torch.cuda.ByteStorage", kStorageType, DType::kUint8},

    {"torch.float64", kElementType, DType::kFloat64},
    {"torch.double", kElementType, DType::kFloat64},
    {"torch.float32", kElementType, DType::kFloat32},
    {"torch.float", kElementType, DType::kFloat32},
    {"torch.float16", kElementType, DType::kFloat16},
    {"torch.half", kElementType, DType::kFloat16},
    {"torch.bfloat16", kElementType, DType::kBfloat16},
    {"torch.int64", kElementType, DType::kInt64},
    {"torch.long", kElementType, DType::kInt64},
    {"torch.int32", kElementType, DType::kInt32},
    {"torch.int", kElementType, DType::kInt32},
    {"torch.int16", kElementType, DType::kInt16},
    {"torch.int8", kElementType, DType::kInt8},
    {"torch.uint8", kElementType, DType::kUint8},
    {"torch.bool", kElementType, DType::kBool},

    {"torch.device", kPlain},
    {"torch.serialization._get_layout", kPlain},
    {"_codecs.encode", kPlain},  // how protocol 2 spells bytes
    {"builtins.set", kPlain},
    {"builtins.frozenset", kPlain},
    {"builtins.bytearray", kPlain},
    {"builtins.complex", kPlain},
    {"builtins.slice", kPlain},
    {"builtins.range", kPlain},
    // The factories of collections.defaultdict.
    {"builtins.list", kPlain},
    {"builtins.dict", kPlain},
    {"builtins.int", kPlain},
    {"builtins.float", kPlain},
    {"builtins.str", kPlain},
    {"builtins.bool", kPlain},
    {"builtins.tuple", kPlain},

    // What trainers keep beside the weights.
    {"argparse.Namespace", kForeign},
    {"types.SimpleNamespace", kForeign},
    {"collections.deque", kForeign},
    {"datetime.date", kForeign},
    {"datetime.datetime", kForeign},
    {"datetime.timedelta", kForeign},
    {"decimal.Decimal", kForeign},
    {"fractions.Fraction", kForeign},
    {"uuid.UUID", kForeign},
    {"pathlib.Path", kForeign},
    {"pathlib.PosixPath", kForeign},
    {"pathlib.PurePosixPath", kForeign},
    {"pathlib.PureWindowsPath", kForeign},
    {"pathlib.WindowsPath", kForeign},
    {"pathlib._local.Path", kForeign},
    {"pathlib._local.PosixPath", kForeign},
    {"pathlib._local.WindowsPath", kForeign},
    {"numpy.dtype", kForeign},
    {"numpy.ndarray", kForeign},
    {"numpy.core.multiarray.scalar", kForeign},
    {"numpy.core.multiarray._reconstruct", kForeign},
    {"numpy._core.multiarray.scalar", kForeign},
    {"numpy._core.multiarray._reconstruct", kForeign},
    {"easydict.EasyDict", kForeign},
    {"addict.addict.Dict", kForeign},
    {"yacs.config.CfgNode", kForeign},
};

// Modules whose functions reach the machine or other code. Nothing of them is ever called here; the list only decides
// that the message warns of an attack instead of mentioning an unknown class.
constexpr std::string_view kActingModules[] = {
    "os",
    "posix",
    "nt",
    "ntpath",
    "posixpath",
    "sys",
    "subprocess",
    "shutil",
    "socket",
    "builtins",
    "importlib",
    "runpy",
    "code",
    "codeop",
    "pty",
    "commands",
    "popen2",
    "platform",
    "pickle",
    "_pickle",
    "cPickle",
    "dill",
    "marshal",
    "ctypes",
    "_ctypes",
    "webbrowser",
    "urllib",
    "http",
    "ftplib",
    "smtplib",
    "requests",
    "tempfile",
    "pip",
    "pdb",
    "bdb",
    "timeit",
    "profile",
    "cProfile",
    "trace",
    "operator",
    "_operator",
    "functools",
    "_functools",
    "types",
    "inspect",
    "asyncio",
    "threading",
    "multiprocessing",
    "signal",
    "io",
    "_io",
    "codecs",
    "_codecs",
    "cloudpickle",
    "joblib",
    "nose",
    "idlelib",
    "lib2to3",
    "distutils",
    "setuptools",
    "pydoc",
    "doctest",
    "sqlite3",
    "torch.hub",
    "torch.jit",
    "torch.serialization",
    "torch.storage",
    "torch.package",
    "torch.load",
    "torch.distributed",
    "torch._inductor",
    "torch._dynamo",
    "numpy.testing",
    "numpy.load",
    "numpy.f2py",
};

// Tensors of kinds that no detector's weights have.
constexpr std::string_view kOtherTensors[] = {
    "torch._utils._rebuild_sparse_tensor",
    "torch._utils._rebuild_sparse_csr_tensor",
    "torch._utils._rebuild_nested_tensor",
    "torch._utils._rebuild_qtensor",
    "torch._utils._rebuild_meta_tensor_no_storage",
    "torch._utils._rebuild_wrapper_subclass",
    "torch._utils._rebuild_device_tensor_from_numpy",
    "torch._utils._rebuild_device_tensor_from_cpu_tensor",
    "torch.ComplexFloatStorage",
    "torch.ComplexDoubleStorage",
    "torch.QInt8Storage",
    "torch.QUInt8Storage",
    "torch.QInt32Storage",
    "torch.QUInt4x2Storage",
    "torch.QUInt2x4Storage",
};

// Python 2 called the module of built-in functions __builtin__; PyTorch writes protocol 2 and thus still does.
std::string modernName(std::string_view full_name) {
  constexpr std::string_view kOld = "__builtin__.";
  return full_name.starts_with(kOld) ? "builtins." + std::string(full_name.substr(kOld.size()))
                                     : std::string(full_name);
}

bool isWithin(std::string_view full_name, std::string_view module) {
  return full_name.starts_with(module) && (full_name.size() == module.size() || full_name[module.size()] == '.');
}

constexpr const char* kSaveWeightsAlone =
    "In Python, where the class is known: torch.save(model.state_dict(), \"weights.pt\"), and give that file.";

}  // namespace

const KnownGlobal* findGlobal(std::string_view full_name) {
  static const auto kIndex = [] {
    std::unordered_map<std::string_view, const KnownGlobal*> index;
    for (const KnownGlobal& global : kGlobals) index.emplace(global.name, &global);
    return index;
  }();
  const auto found = kIndex.find(modernName(full_name));
  return found == kIndex.end() ? nullptr : found->second;
}

void refuseGlobal(std::string_view full_name, bool is_root) {
  const std::string name = modernName(full_name);
  const std::vector<Detail> details{{"global", std::string(full_name)}};
  const auto isWithinName = [&](std::string_view module) { return isWithin(name, module); };
  if (std::ranges::find(kOtherTensors, name) != std::end(kOtherTensors)) {
    throw Error(
        {&codes::kCheckpointUnsupported,
         fmt::format("The file holds a tensor of a kind that ocrdet does not read ({}).", inQuotes(full_name)),
         "Sparse, quantised and complex tensors are no weights of this network; save its state dict in float32.",
         details});
  }
  if (std::ranges::any_of(kActingModules, isWithinName)) {
    throw Error({&codes::kCheckpointUnsafe,
                 fmt::format("The file asks to call {}, which could run commands on your computer. Nothing was run.",
                             inQuotes(full_name)),
                 "Do not load this file in Python. Get the weights from a source that you trust, best as safetensors.",
                 details});
  }
  if (is_root || isWithin(name, "torch.nn")) {
    throw Error(
        {&codes::kCheckpointWholeModule,
         fmt::format("The file holds a whole Python object of class {} instead of its weights.", inQuotes(full_name)),
         kSaveWeightsAlone, details});
  }
  throw Error({&codes::kCheckpointUnknownClass,
               fmt::format("The file needs the Python class {}, which ocrdet does not know. Nothing was run.",
                           inQuotes(full_name)),
               kSaveWeightsAlone, details});
}

}  // namespace ocrdet
