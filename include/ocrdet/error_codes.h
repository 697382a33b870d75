// The one table of error codes. docs/errors.md has a paragraph for each, and a test compares the two.
//
// A code never changes its meaning once released. Names are `domain.reason`; the exit status is what `ocrdet` returns
// when the code ends a command.
#pragma once

#pragma GCC visibility push(default)  // what libocrdet.so shows
namespace ocrdet {

enum class ExitStatus : int {
  kDone = 0,
  kSomeFailed = 1,   // finished, but some input failed or a verification did not hold
  kUsage = 2,        // wrong use: options, broken contract
  kInput = 3,        // unusable input: checkpoint, model, image, data set
  kEnvironment = 4,  // the environment lacks something: runtime, provider, disk, memory
  kInterrupted = 130,
};

struct ErrorCode {
  const char* name;
  ExitStatus exit_status;
  const char* meaning;
};

// clang-format off
#define OCRDET_ERROR_CODES(X) \
  /* command line */ \
  X(UsageOption,              "usage.option",                kUsage,       "an option or its value is not known") \
  X(UsageConfig,              "usage.config",                kUsage,       "a configuration file cannot be used") \
  X(RunInterrupted,           "run.interrupted",             kInterrupted, "stopped by the user") \
  X(RunSettingsDiffer,        "run.settings-differ",         kUsage,       "an interrupted run was made with other settings or another model") \
  X(RunBusy,                  "run.busy",                    kUsage,       "another process is working on the run") \
  X(RunRecordDamaged,         "run.record-damaged",          kInput,       "the run.json of a results folder cannot be read") \
  X(InternalBug,              "internal.bug",                kEnvironment, "ocrdet itself is wrong; please report it") \
  /* files */ \
  X(FileMissing,              "file.missing",                kInput,       "a file does not exist") \
  X(FileUnreadable,           "file.unreadable",             kInput,       "a file cannot be opened or read") \
  X(FileExists,               "file.exists",                 kUsage,       "the output is there already and would be overwritten") \
  X(FileUnwritable,           "file.unwritable",             kEnvironment, "a file cannot be written: folder, permission or space") \
  /* graphs and ONNX files (docs/onnx.md) */ \
  X(GraphInvalid,             "graph.invalid",               kInput,       "a graph breaks a structural rule: names, order, unused parts") \
  X(GraphShapeMismatch,       "graph.shape-mismatch",        kInput,       "the shapes of a graph do not fit together") \
  X(GraphUnsupportedOperator, "graph.unsupported-operator",  kInput,       "no shape rule for an operator") \
  X(GraphFloat16Range,        "graph.float16-range",         kInput,       "a weight is too large for float16") \
  X(OnnxCorrupt,              "onnx.corrupt",                kInput,       "not an ONNX file, or a damaged one") \
  X(OnnxTooLarge,             "onnx.too-large",              kInput,       "an ONNX file is larger or deeper than any real model") \
  X(OnnxExternalData,         "onnx.external-data",          kInput,       "an ONNX file keeps its weights in other files") \
  X(OnnxUnsupported,          "onnx.unsupported",            kInput,       "an ONNX file uses a feature that cannot be rewritten") \
  X(OnnxInvalid,              "onnx.invalid",                kInput,       "an ONNX file breaks a rule of the format") \
  /* detection (docs/detect.md) */ \
  X(ModelNotADetector,        "model.not-a-detector",        kInput,       "an ONNX file does not take pictures and give a map") \
  /* data sets (docs/dataset.md) */ \
  X(DatasetLayoutUnknown,     "dataset.layout-unknown",      kInput,       "a folder holds images and ground truth in no known layout") \
  X(DatasetTruthMissing,      "dataset.truth-missing",       kInput,       "images have no ground truth") \
  X(DatasetLineUnreadable,    "dataset.line-unreadable",     kInput,       "a line of ground truth does not hold the numbers of a shape") \
  X(DatasetTextTooLarge,      "dataset.text-too-large",      kInput,       "a text file is larger than any list or ground truth") \
  X(DatasetPackCorrupt,       "dataset.pack-corrupt",        kInput,       "a packed data file is damaged, cut short or no such file") \
  X(DatasetPackUnsupported,   "dataset.pack-unsupported",    kInput,       "a packed data file is of a later version") \
  X(SynthNoFonts,             "synth.no-fonts",              kEnvironment, "no font is installed that can be drawn with") \
  /* images */ \
  X(ImageUnsupported,         "image.unsupported",           kInput,       "the content is not a picture of a kind that is read") \
  X(ImageCorrupt,             "image.corrupt",               kInput,       "a picture's data is damaged") \
  X(ImageTruncated,           "image.truncated",             kInput,       "a picture's file ends before its pixels do") \
  X(ImageTooLarge,            "image.too-large",             kInput,       "a picture has more pixels than the limit") \
  /* the size contract (docs/sizes.md) */ \
  X(SizeNotPositive,          "size.not-positive",           kUsage,       "height or width is not a whole number above zero") \
  X(SizeNotMultipleOf32,      "size.not-multiple-of-32",     kUsage,       "height or width is not a multiple of 32") \
  X(SizeOutOfRange,           "size.out-of-range",           kUsage,       "height or width is outside the range") \
  X(SizeExtremeRatio,         "size.extreme-ratio",          kDone,        "one side is more than four times the other (a warning)") \
  X(SizeUntrained,            "size.untrained",              kDone,        "the weights were not trained at this size (a note)") \
  X(MemoryExceedsAvailable,   "memory.exceeds-available",    kDone,        "the predicted peak is more than 80 % of the free memory (a warning)") \
  X(MemoryExceedsLimit,       "memory.exceeds-limit",        kUsage,       "the predicted peak is more than --max-memory") \
  X(MemoryExhausted,          "memory.exhausted",            kEnvironment,"memory ran out") \
  X(BatchOutOfRange,          "batch.out-of-range",          kUsage,       "the batch is not between 1 and 64") \
  X(OpsetUnsupported,         "opset.unsupported",           kUsage,       "the opset is not between 11 and 17") \
  X(OpsetInt8Needs13,         "opset.int8-needs-13",         kUsage,       "int8 needs opset 13 or higher") \
  X(RuntimeDynamicUnsupported,"runtime.dynamic-unsupported", kDone,        "the named target needs fixed sizes (a note)") \
  /* checkpoints: the file */ \
  X(CheckpointEmpty,          "checkpoint.empty",            kInput,       "the file has no bytes") \
  X(CheckpointNotACheckpoint, "checkpoint.not-a-checkpoint", kInput,       "the file is something else: a page, a picture, an archive") \
  X(CheckpointTensorflow,     "checkpoint.tensorflow",       kInput,       "the file belongs to a TensorFlow checkpoint (SegLink)") \
  X(CheckpointTruncated,      "checkpoint.truncated",        kInput,       "the file ends before what it promises") \
  X(CheckpointCorrupt,        "checkpoint.corrupt",          kInput,       "the file contradicts itself") \
  X(CheckpointTooLarge,       "checkpoint.too-large",        kInput,       "the file asks for more memory than its size justifies") \
  X(CheckpointUnsafe,         "checkpoint.unsafe",           kInput,       "the pickle asks to call something that can run commands") \
  X(CheckpointUnknownClass,   "checkpoint.unknown-class",    kInput,       "the pickle needs a Python class that is not known") \
  X(CheckpointWholeModule,    "checkpoint.whole-module",     kInput,       "a whole Python object was saved instead of its weights") \
  X(CheckpointTorchscript,    "checkpoint.torchscript",      kInput,       "the file is a TorchScript program") \
  X(CheckpointUnsupported,    "checkpoint.unsupported",      kInput,       "a sound file of a kind that is not read") \
  X(CheckpointNoTensors,      "checkpoint.no-tensors",       kInput,       "the file holds no tensors") \
  X(CheckpointFloat16Range,   "checkpoint.float16-range",    kInput,       "a value is too large to be written as float16") \
  /* checkpoints: the network */ \
  X(CheckpointMissingTensors, "checkpoint.missing-tensors",  kInput,       "weights that the network needs are not in the file") \
  X(CheckpointExtraTensors,   "checkpoint.extra-tensors",    kInput,       "the file has weights of layers that the network lacks") \
  X(CheckpointShape,          "checkpoint.shape",            kInput,       "weights have other shapes than the network's") \
  X(CheckpointDtype,          "checkpoint.dtype",            kInput,       "weights are not floating-point numbers") \
  X(CheckpointNotFinite,      "checkpoint.not-finite",       kInput,       "weights hold NaN, infinity or an impossible variance") \
  X(CheckpointBackboneBlock,  "checkpoint.backbone-block",   kInput,       "a whole block of the backbone is missing") \
  X(CheckpointNoDecoder,      "checkpoint.no-decoder",       kInput,       "the file holds a ResNet-18 alone") \
  X(CheckpointDeformable,     "checkpoint.deformable",       kInput,       "the backbone has deformable convolutions") \
  X(CheckpointResnet50,       "checkpoint.resnet50",         kInput,       "the backbone is a ResNet-50") \
  X(CheckpointOtherNetwork,   "checkpoint.other-network",    kInput,       "the weights are those of another network") \
  /* ONNX Runtime */ \
  X(RuntimeMissing,           "runtime.missing",             kEnvironment, "ONNX Runtime is not found") \
  X(RuntimeUnusable,          "runtime.unusable",            kEnvironment, "the ONNX Runtime that was found does not load or is too old") \
  X(RuntimeProviderMissing,   "runtime.provider-missing",    kEnvironment, "the execution provider asked for is not there") \
  X(RuntimeModelRefused,      "runtime.model-refused",       kInput,       "ONNX Runtime does not load the model") \
  X(RuntimeFailed,            "runtime.failed",              kInput,       "ONNX Runtime failed while running the model") \
  /* inputs of a run */ \
  X(InputName,                "input.name",                  kUsage,       "the model has no input of this name") \
  X(InputMissing,             "input.missing",               kUsage,       "an input of the model is not given") \
  X(InputType,                "input.type",                  kUsage,       "an input has another element type than the model takes") \
  X(InputRank,                "input.rank",                  kUsage,       "an input has another number of dimensions than the model takes") \
  X(InputLayout,              "input.layout",                kUsage,       "channels are last where the model takes them first, or the reverse") \
  X(InputChannels,            "input.channels",              kUsage,       "an input has another number of channels than the model takes") \
  X(InputBufferSize,          "input.buffer-size",           kUsage,       "a buffer does not hold the values that its shape promises") \
  X(InputZeroBatch,           "input.zero-batch",            kUsage,       "an input holds no picture") \
  X(InputZeroSize,            "input.zero-size",             kUsage,       "a side of an input is zero") \
  X(InputBatchFixed,          "input.batch-fixed",           kUsage,       "the model was exported for another batch") \
  X(InputSizeFixed,           "input.size-fixed",            kUsage,       "the model was exported for another size") \
  X(InputSizeNotMultiple,     "input.size-not-multiple",     kUsage,       "a side is not a multiple of what the model needs") \
  X(InputSizeOutOfRange,      "input.size-out-of-range",     kUsage,       "a side is outside the model's range") \
  /* export and verification (docs/onnx.md) */ \
  X(ExportVerificationFailed, "export.verification-failed",  kSomeFailed,  "the written file does not compute what the checkpoint means") \
  X(OnnxNotADetector,         "onnx.not-a-detector",         kInput,       "an ONNX file whose inputs or outputs are not those of a text detector") \
  /* training (docs/training.md) */ \
  X(TrainNotBuilt,            "train.not-built",             kEnvironment, "the trainer was not built") \
  X(TrainDeviceMissing,       "train.device-missing",        kEnvironment, "the device asked for is not there") \
  X(TrainNothingToLearn,      "train.nothing-to-learn",      kInput,       "the data sets hold no training pictures") \
  X(TrainAllIgnored,          "train.all-ignored",           kInput,       "no text may be learnt: all is marked as ignored, or too small") \
  X(TrainInitMismatch,        "train.init-mismatch",         kInput,       "little of a checkpoint fits this network") \
  X(TrainStateDamaged,        "train.state-damaged",         kInput,       "the saved state of a run is incomplete or damaged") \
  X(TrainResumeDiffers,       "train.resume-differs",        kInput,       "a run cannot go on with other options or data") \
  X(TrainNotFinite,           "train.not-finite",            kSomeFailed,  "the loss became infinite or no number") \
  X(TrainOutOfMemory,         "train.out-of-memory",         kEnvironment, "a batch does not fit into memory") \
  X(TrainProcessesFailed,     "train.processes-failed",      kEnvironment, "processes that train together did not meet, or lost one another") \
  X(TrainExportFailed,        "train.export-failed",         kSomeFailed,  "the trained weights were not exported")
// clang-format on

namespace codes {
#define OCRDET_DECLARE_CODE(identifier, name, exit_status, meaning) \
  inline constexpr ErrorCode k##identifier{name, ExitStatus::exit_status, meaning};
OCRDET_ERROR_CODES(OCRDET_DECLARE_CODE)
#undef OCRDET_DECLARE_CODE
}  // namespace codes

// Every code, in the order of the table.
inline constexpr const ErrorCode* kAllErrorCodes[] = {
#define OCRDET_LIST_CODE(identifier, name, exit_status, meaning) &codes::k##identifier,
    OCRDET_ERROR_CODES(OCRDET_LIST_CODE)
#undef OCRDET_LIST_CODE
};

}  // namespace ocrdet
#pragma GCC visibility pop
