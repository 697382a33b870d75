// The interpreter of pickles on programs written by hand: what it refuses, and that nothing makes it run or grow
// without end.
#include "tensor/pickle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "ocrdet/error.h"
#include "support/refusal.h"
#include "tensor/torch_tensors.h"

namespace ocrdet {
namespace {

using namespace std::string_literals;
using testing::HasSubstr;
using Kind = PickleValue::Kind;

Pickle parse(const std::string& program) {
  ByteReader reader(std::as_bytes(std::span(program)), "the pickle");
  return parsePickle(reader);
}

// Parses and collects tensors, every storage being zeros.
std::vector<NamedTensor> collect(const std::string& program) {
  const Pickle pickle = parse(program);
  return collectTensors(pickle, [](const StorageReference& reference) {
    const auto zeros = std::make_shared<const std::string>(static_cast<std::size_t>(reference.byte_size), '\0');
    return Storage{std::as_bytes(std::span(*zeros)), zeros};
  });
}

Error errorOf(const std::string& program) {
  return test::refusalBy([&] { collect(program); });
}

std::string text(const std::string& value) {
  return "\x8c" + std::string(1, static_cast<char>(value.size())) + value;
}

// A float32 tensor of 4 elements: the function, its arguments, REDUCE.
std::string tensor(const std::string& function = "torch._utils\n_rebuild_tensor_v2") {
  return "c" + function + "\n((" + text("storage") + "ctorch\nFloatStorage\n" + text("0") + text("cpu") +
         "K\x04tQK\0K\x04\x85K\x01\x85\x89}tR"s;
}

TEST(PickleProgram, RefusesEachNameForItsReason) {
  struct Case {
    const char* global;
    const char* code;
  };
  const Case cases[] = {
      {"os\nsystem", "checkpoint.unsafe"},
      {"nt\nsystem", "checkpoint.unsafe"},
      {"subprocess\nPopen", "checkpoint.unsafe"},
      {"__builtin__\neval", "checkpoint.unsafe"},
      {"builtins\ngetattr", "checkpoint.unsafe"},
      {"importlib\nimport_module", "checkpoint.unsafe"},
      {"torch.hub\nload", "checkpoint.unsafe"},
      {"torch.storage\n_load_from_bytes", "checkpoint.unsafe"},
      {"runpy\n_run_code", "checkpoint.unsafe"},
      {"osprey.model\nNet", "checkpoint.unknown-class"},
      {"my.models\nDBNet", "checkpoint.unknown-class"},
      {"torch.nn.modules.conv\nConv2d", "checkpoint.whole-module"},
      {"torch._utils\n_rebuild_sparse_tensor", "checkpoint.unsupported"},
      {"torch\nComplexFloatStorage", "checkpoint.unsupported"},
  };
  for (const Case& row : cases) {
    // Within a dictionary; the name alone is refused, before anything would be called.
    EXPECT_STREQ(errorOf("\x80\x02}"s + text("x") + "c" + row.global + "\n").code().name, row.code) << row.global;
    // The same through STACK_GLOBAL, INST.
    const std::string global(row.global);
    const std::size_t line = global.find('\n');
    EXPECT_STREQ(errorOf("}" + text(global.substr(0, line)) + text(global.substr(line + 1)) + "\x93").code().name,
                 row.code);
    EXPECT_STREQ(errorOf("}(i" + global + "\n").code().name, row.code);
  }
}

TEST(PickleProgram, TakesAnUnknownClassAtTheRootForAWholeObject) {
  const Error error = errorOf(
      "\x80\x02"
      "cmy.models\nDBNet\n)\x81.");
  EXPECT_STREQ(error.code().name, "checkpoint.whole-module");
  EXPECT_THAT(error.what(), HasSubstr("\"my.models.DBNet\""));
}

TEST(PickleProgram, KeepsControlCharactersOutOfItsMessages) {
  EXPECT_THAT(errorOf("}cmy\x1b[2J\nNet\n").what(), HasSubstr("\"my?[2J.Net\""));
}

TEST(PickleProgram, RefusesEveryInstructionThatTensorsDoNotNeed) {
  const std::string known = ".(01 2GJKMNQRTUXabcehijqrstuBC])}"s;
  for (int instruction = 0; instruction < 256; ++instruction) {
    const char byte = static_cast<char>(instruction);
    if (known.find(byte) != std::string::npos || (instruction >= 0x80 && instruction <= 0x96)) continue;
    EXPECT_THAT(errorOf(std::string(1, byte)).what(), HasSubstr("which no checkpoint needs")) << instruction;
  }
}

TEST(PickleProgram, EndsWithAnAnswerOrAnErrorForEveryPairOfInstructions) {
  int answered = 0;
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const std::string program{static_cast<char>(first), static_cast<char>(second), '.'};
      try {
        parse(program);
        ++answered;
      } catch (const Error&) {
        continue;  // any other exception ends the test
      }
    }
  }
  // A constant and its duplicate, a protocol and a constant, an ending and anything: a few hundred of 65536.
  EXPECT_GT(answered, 50);
  EXPECT_LT(answered, 5000);
}

TEST(PickleProgram, ReadsNumbersOfEveryWidth) {
  const std::pair<std::string, std::int64_t> cases[] = {
      {"K\xff.", 255},
      {"M\x01\x02.", 513},
      {"J\xff\xff\xff\xff.", -1},
      {"\x8a\0."s, 0},
      {"\x8a\x01\x80.", -128},
      {"\x8a\x05\0\0\0\0\x01."s, std::int64_t{1} << 32},
      {"\x8b\x02\0\0\0\xff\x7f."s, 32767},
  };
  for (const auto& [program, expected] : cases) {
    const Pickle pickle = parse(program);
    EXPECT_EQ(pickle.rootValue().kind, Kind::kInteger);
    EXPECT_EQ(pickle.rootValue().integer, expected);
  }
  EXPECT_EQ(parse("G\x3f\xf8\0\0\0\0\0\0."s).rootValue().number, 1.5);
}

TEST(PickleProgram, ReadsTheTensorFunctionsOfOtherVersions) {
  EXPECT_EQ(collect(tensor() + ".").size(), 1u);
  EXPECT_EQ(collect(tensor("torch._utils\n_rebuild_tensor") + ".").size(), 1u);
  // A tensor with attributes: (function, class, arguments, state).
  const std::string arguments = tensor().substr(tensor().find('('));
  const std::string inner = arguments.substr(0, arguments.size() - 1);
  EXPECT_EQ(collect("ctorch._tensor\n_rebuild_from_type_v2\n(ctorch._utils\n_rebuild_tensor_v2\nctorch\nTensor\n" +
                    inner + "}tR.")
                .size(),
            1u);
  // Untyped bytes with the element type beside them.
  const std::vector<NamedTensor> untyped =
      collect("ctorch._utils\n_rebuild_tensor_v3\n((" + text("storage") + "ctorch.storage\nUntypedStorage\n" +
              text("0") + text("cpu") + "K\x08tQK\0K\x04\x85K\x01\x85\x89}ctorch\nfloat16\ntR."s);
  ASSERT_EQ(untyped.size(), 1u);
  EXPECT_EQ(untyped[0].tensor.dtype, DType::kFloat16);
}

TEST(PickleProgram, ReadsPython2Strings) {
  const std::vector<NamedTensor> tensors = collect("}U\x01w" + tensor() + "s.");
  ASSERT_EQ(tensors.size(), 1u);
  EXPECT_EQ(tensors[0].name, "w");
}

TEST(PickleProgram, RefusesTensorsOutsideOfTheirStorage) {
  const auto with = [](const std::string& offset_shape_strides) {
    return "ctorch._utils\n_rebuild_tensor_v2\n((" + text("storage") + "ctorch\nFloatStorage\n" + text("0") +
           text("cpu") + "K\x04tQ" + offset_shape_strides + "\x89}tR.";
  };
  const std::string huge = "\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f";  // 2^63 - 1
  const std::pair<std::string, const char*> cases[] = {
      {"K\x01K\x04\x85K\x01\x85", "checkpoint.corrupt"},                   // one too far
      {"K\0K\x02\x85K\x04\x85"s, "checkpoint.corrupt"},                    // a stride too wide
      {"J\xff\xff\xff\xffK\x02\x85K\x01\x85", "checkpoint.corrupt"},       // a negative offset
      {"K\0K\x02\x85J\xff\xff\xff\xff\x85"s, "checkpoint.corrupt"},        // a negative stride
      {"K\0K\x02\x85" + huge + "\x85", "checkpoint.corrupt"},              // a stride that overflows
      {huge + "K\x02\x85K\x01\x85", "checkpoint.corrupt"},                 // an offset that overflows
      {"K\0K\x02K\x02\x86K\x01\x85"s, "checkpoint.corrupt"},               // two dimensions, one stride
      {"K\0"s + huge + "\x85K\0\x85"s, "checkpoint.too-large"},            // one element, repeated for ever
      {"K\0"s + huge + huge + "\x86K\0K\0\x86"s, "checkpoint.too-large"},  // a count that overflows
  };
  for (const auto& [parts, code] : cases) {
    EXPECT_STREQ(errorOf(with(parts)).code().name, code) << testing::PrintToString(parts);
  }
}

TEST(PickleProgram, EndsForListsThatHoldEachOther) {
  // Thirty lists, each holding the previous one twice: 2^30 ways to the tensor.
  std::string laughs = tensor() + "q\0"s;
  for (char level = 1; level <= 30; ++level)
    laughs += "](h"s + static_cast<char>(level - 1) + "h" + static_cast<char>(level - 1) + "eq" + level;
  EXPECT_STREQ(errorOf(laughs + ".").code().name, "checkpoint.too-large");
  // A list that holds itself.
  EXPECT_STREQ(errorOf("]q\x01h\x01"
                       "a.")
                   .code()
                   .name,
               "checkpoint.too-large");
}

TEST(PickleProgram, EndsForListsThatAreCopiedAgainAndAgain) {
  // A dictionary of 10000 entries, made again from itself 1000 times.
  std::string program = "}q\x01(";
  for (int i = 0; i < 10000; ++i) program += "NN";
  program +=
      "u0ccollections\nOrderedDict\nq\x02"
      "0";
  for (int i = 0; i < 1000; ++i) program += "h\x02h\x01\x85R0";
  EXPECT_STREQ(errorOf(program + "N.").code().name, "checkpoint.too-large");
}

TEST(PickleProgram, EndsForMillionsOfValues) {
  EXPECT_STREQ(errorOf(std::string(2'000'000, 'N')).code().name, "checkpoint.too-large");
  EXPECT_STREQ(errorOf(std::string(2'000'000, '(')).code().name, "checkpoint.too-large");
  EXPECT_STREQ(errorOf("N" + std::string(2'000'000, '\x94')).code().name, "checkpoint.too-large");
  EXPECT_STREQ(errorOf("N" + std::string(2'000'000, '2')).code().name, "checkpoint.too-large");
}

TEST(PickleProgram, RefusesANewerProtocol) {
  EXPECT_STREQ(errorOf("\x80\x06N.").code().name, "checkpoint.unsupported");
}

}  // namespace
}  // namespace ocrdet
