// Python's pickle format, read without Python.
//
// A pickle is a program for a stack machine: most instructions push values, and a few name any Python function and call
// it, which is why unpickling a stranger's file runs a stranger's code. This interpreter calls nothing. It knows the
// instructions of protocols 2 to 5, and the names in pickle_globals.cpp, each with a fixed meaning ("make a tensor
// description", "make a dictionary", "skip this object"); any other name ends the reading with an Error that spells it.
//
// Values live in one list and refer to each other by position: cycles and shared values cost nothing, and everything is
// freed at once. Texts are views of the pickle's bytes, which must outlive the result.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tensor/byte_reader.h"
#include "tensor/pickle_globals.h"
#include "tensor/pickle_stack.h"

namespace ocrdet {

struct PickleValue {
  enum class Kind : std::uint8_t {
    kNone,
    kBool,        // integer
    kInteger,     // integer
    kBigInteger,  // text: little-endian two's complement, more than 8 bytes
    kFloat,       // number
    kText,        // text
    kBytes,       // text
    kTuple,       // items
    kList,        // items
    kDictionary,  // items: key, value, key, value, …
    kGlobal,      // global
    kStorage,     // items: ("storage", type, key, location, number of elements[, view])
    kTensor,      // items: storage, offset, size, strides[, dtype]
    kOpaque,      // an object that is skipped
  };

  Kind kind = Kind::kNone;
  union {
    std::int64_t integer = 0;
    double number;
    const KnownGlobal* global;
  };
  std::string_view text;
  std::vector<PickleIndex> items;
};

struct Pickle {
  std::vector<PickleValue> values;
  PickleIndex root = 0;
  std::vector<std::string> ignored_classes;  // full names of the objects that were skipped, each once, in order

  const PickleValue& at(PickleIndex index) const { return values[index]; }
  const PickleValue& rootValue() const { return values[root]; }
};

// Reads one pickle from `reader` and leaves it behind the last instruction (STOP). Throws checkpoint.truncated,
// .corrupt, .too-large, .unsafe, .unknown-class, .whole-module or .unsupported.
Pickle parsePickle(ByteReader& reader);

}  // namespace ocrdet
