#include "runtime/input_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace ocrdet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Dimension fixed(std::int64_t length) {
  return {length, ""};
}
Dimension open(const char* name) {
  return {0, name};
}

const Value kFixed{"input", DType::kFloat32, {fixed(1), fixed(3), fixed(640), fixed(800)}};
const Value kDynamic{"input", DType::kFloat32, {open("batch"), fixed(3), open("height"), open("width")}};
const Value kBytes{"input", DType::kUint8, {open("batch"), open("height"), open("width"), fixed(3)}};

FileContract contractOf(SizeMode mode) {
  FileContract contract;
  contract.size_mode = mode;
  contract.max_size = 2048;
  return contract;
}

// A tensor without contents: only its description is judged.
NamedTensor given(TensorShape shape, DType dtype = DType::kFloat32, std::string name = "input") {
  static const std::vector<std::byte> bytes(64 << 20);
  std::vector<std::int64_t> strides = contiguousStrides(shape);
  return {std::move(name), Tensor{dtype, std::move(shape), std::move(strides), 0, Storage{bytes, nullptr}}};
}

std::vector<std::string> codesOf(const std::vector<Problem>& problems) {
  std::vector<std::string> codes;
  for (const Problem& problem : problems) codes.push_back(problem.code->name);
  return codes;
}

std::vector<Problem> judge(const Value& declared, const std::optional<FileContract>& contract, NamedTensor tensor) {
  const std::vector<Value> inputs{declared};
  const std::vector<NamedTensor> tensors{std::move(tensor)};
  return inputProblems(inputs, contract, tensors);
}

struct Case {
  const char* what;
  Value declared;
  std::optional<FileContract> contract;
  NamedTensor tensor;
  std::vector<std::string> codes;
};

const std::vector<Case>& cases() {
  static const std::vector<Case> all = {
      {"the fixed size", kFixed, contractOf(SizeMode::kFixed), given({1, 3, 640, 800}), {}},
      {"a multiple of 32", kDynamic, contractOf(SizeMode::kDynamic), given({2, 3, 736, 1280}), {}},
      {"bytes", kBytes, contractOf(SizeMode::kDynamic), given({1, 64, 96, 3}, DType::kUint8), {}},
      {"any size", kDynamic, contractOf(SizeMode::kAny), given({1, 3, 61, 333}), {}},
      {"a file of others has no size rule", kDynamic, std::nullopt, given({1, 3, 61, 333}), {}},
      {"other height", kFixed, contractOf(SizeMode::kFixed), given({1, 3, 672, 800}), {"input.size-fixed"}},
      {"other height and width", kFixed, std::nullopt, given({1, 3, 96, 96}), {"input.size-fixed", "input.size-fixed"}},
      {"other batch", kFixed, std::nullopt, given({2, 3, 640, 800}), {"input.batch-fixed"}},
      {"the failing kind",
       kDynamic,
       contractOf(SizeMode::kDynamic),
       given({1, 3, 650, 640}),
       {"input.size-not-multiple"}},
      {"the silent kind",
       kDynamic,
       contractOf(SizeMode::kDynamic),
       given({1, 3, 640, 670}),
       {"input.size-not-multiple"}},
      {"both sides",
       kDynamic,
       contractOf(SizeMode::kDynamic),
       given({1, 3, 100, 95}),
       {"input.size-not-multiple", "input.size-not-multiple"}},
      {"too large", kDynamic, contractOf(SizeMode::kDynamic), given({1, 3, 64, 2080}), {"input.size-out-of-range"}},
      {"too small for any size",
       kDynamic,
       contractOf(SizeMode::kAny),
       given({1, 3, 31, 40}),
       {"input.size-out-of-range"}},
      {"bytes for floats", kDynamic, std::nullopt, given({1, 3, 64, 64}, DType::kUint8), {"input.type"}},
      {"floats for bytes", kBytes, std::nullopt, given({1, 64, 64, 3}), {"input.type"}},
      {"three dimensions", kDynamic, std::nullopt, given({3, 64, 64}), {"input.rank"}},
      {"channels last", kDynamic, std::nullopt, given({1, 64, 64, 3}), {"input.layout"}},
      {"channels first", kBytes, std::nullopt, given({1, 3, 64, 64}, DType::kUint8), {"input.layout"}},
      {"grey", kDynamic, std::nullopt, given({1, 1, 64, 64}), {"input.channels"}},
      {"with alpha", kBytes, std::nullopt, given({1, 64, 64, 4}, DType::kUint8), {"input.channels"}},
      {"no picture", kDynamic, std::nullopt, given({0, 3, 64, 64}), {"input.zero-batch"}},
      {"no height", kDynamic, std::nullopt, given({1, 3, 0, 64}), {"input.zero-size"}},
      {"wrong name",
       kDynamic,
       std::nullopt,
       given({1, 3, 64, 64}, DType::kFloat32, "images"),
       {"input.name", "input.missing"}},
      {"several rules at once",
       kDynamic,
       contractOf(SizeMode::kDynamic),
       given({1, 3, 100, 4000}, DType::kFloat64),
       {"input.type", "input.size-not-multiple", "input.size-out-of-range"}},
  };
  return all;
}

TEST(InputCheck, FindsEveryBrokenRuleAndNoOther) {
  for (const Case& c : cases()) {
    EXPECT_EQ(codesOf(judge(c.declared, c.contract, c.tensor)), c.codes) << c.what;
  }
}

TEST(InputCheck, GivesTheArithmeticAndTheTwoMapsThatWouldMeet) {
  const auto problems = judge(kDynamic, contractOf(SizeMode::kDynamic), given({1, 3, 650, 640}));
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_THAT(problems[0].message, HasSubstr("height 650 of input 'input' is not a multiple of 32 (20 × 32 + 10)"));
  EXPECT_THAT(problems[0].message, HasSubstr("decoder.up5 would give 42 where decoder.in4 has 41"));
  EXPECT_THAT(problems[0].advice, HasSubstr("640 is the nearest valid height"));
}

TEST(InputCheck, SaysThatTheSilentKindWouldShiftEveryBox) {
  for (const std::int64_t width : {669, 670, 671}) {
    const auto problems = judge(kDynamic, contractOf(SizeMode::kDynamic), given({1, 3, 640, width}));
    ASSERT_EQ(problems.size(), 1u);
    EXPECT_THAT(problems[0].message, HasSubstr("it would run, but with an output of 672")) << width;
    EXPECT_THAT(problems[0].advice, HasSubstr("672 is the nearest valid width")) << width;
  }
}

TEST(InputCheck, AdvisesTheUpperNeighbourWhereTheLowerIsTooSmall) {
  const auto problems = judge(kDynamic, contractOf(SizeMode::kDynamic), given({1, 3, 40, 33}));
  ASSERT_EQ(problems.size(), 2u);
  EXPECT_THAT(problems[0].advice, HasSubstr("32 is the nearest valid height"));
  const auto small = judge(kDynamic, contractOf(SizeMode::kDynamic), given({1, 3, 32, 3}));
  EXPECT_THAT(codesOf(small), ElementsAre("input.size-out-of-range", "input.size-not-multiple"));
  EXPECT_THAT(small[1].advice, HasSubstr("32 is the nearest valid width"));
}

TEST(InputCheck, RefusesBuffersThatDoNotHoldTheirShape) {
  NamedTensor shorter = given({1, 3, 64, 64});
  shorter.tensor.storage.bytes = shorter.tensor.storage.bytes.first(3 * 64 * 64 * 4 - 1);
  NamedTensor transposed = given({1, 3, 64, 64});
  std::swap(transposed.tensor.strides[2], transposed.tensor.strides[3]);
  NamedTensor beyond = given({1, 3, 64, 64});
  beyond.tensor.offset = std::int64_t{1} << 60;
  NamedTensor before = given({1, 3, 64, 64});
  before.tensor.offset = -1;
  const NamedTensor huge = given({1, 3, std::int64_t{1} << 40, std::int64_t{1} << 40});
  for (const NamedTensor& tensor : {shorter, transposed, beyond, before, huge}) {
    EXPECT_THAT(codesOf(judge(kDynamic, std::nullopt, tensor)), ElementsAre("input.buffer-size"));
  }
}

TEST(InputCheck, RefusesANameThatIsGivenTwice) {
  const std::vector<Value> declared{kDynamic};
  const std::vector<NamedTensor> twice{given({1, 3, 64, 64}), given({1, 3, 64, 64})};
  EXPECT_THAT(codesOf(inputProblems(declared, std::nullopt, twice)), ElementsAre("input.name"));
}

// A file edited by others may say anything about itself; it must not divide by zero.
TEST(InputCheck, SurvivesAContractWithoutSense) {
  FileContract contract = contractOf(SizeMode::kDynamic);
  for (const std::int64_t multiple : {std::int64_t{0}, std::int64_t{-32}}) {
    contract.multiple = multiple;
    EXPECT_THAT(judge(kDynamic, contract, given({1, 3, 61, 64})), IsEmpty()) << multiple;
  }
}

// Every height against the rule itself: multiples of 32 pass, all others are refused.
TEST(InputCheck, JudgesEveryHeightAsTheContractDoes) {
  for (std::int64_t height = 32; height <= 2048; ++height) {
    const bool refused = !judge(kDynamic, contractOf(SizeMode::kDynamic), given({1, 3, height, 32})).empty();
    EXPECT_EQ(refused, height % 32 != 0) << height;
  }
}

}  // namespace
}  // namespace ocrdet
