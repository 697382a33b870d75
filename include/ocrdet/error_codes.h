// The one table of error codes. docs/errors.md has a paragraph for each, and a test compares the two.
//
// A code never changes its meaning once released. Names are `domain.reason`; the exit status is what `ocrdet` returns
// when the code ends a command.
#pragma once

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
  X(InternalBug,              "internal.bug",                kEnvironment, "ocrdet itself is wrong; please report it") \
  /* files */ \
  X(FileMissing,              "file.missing",                kInput,       "a file does not exist") \
  X(FileUnreadable,           "file.unreadable",             kInput,       "a file cannot be opened or read") \
  X(FileExists,               "file.exists",                 kUsage,       "the output is there already and would be overwritten") \
  X(FileUnwritable,           "file.unwritable",             kEnvironment, "a file cannot be written: folder, permission or space") \
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
  X(RuntimeDynamicUnsupported,"runtime.dynamic-unsupported", kDone,        "the named target needs fixed sizes (a note)")
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
