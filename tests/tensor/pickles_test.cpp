// Small files of awkward kinds, written by PyTorch 1.13.1 and listed in tests/golden/pickles/expected.json with every
// value: each is read exactly, or refused for the reason that is written there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>

#include "base/json.h"
#include "ocrdet/error.h"
#include "tensor/checkpoint.h"
#include "tensor/float16.h"
#include "tensor/pickle_files.h"

namespace ocrdet {
namespace {

using test::kPickleFolder;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Json expectations() {
  std::ifstream file(kPickleFolder / "expected.json");
  return Json::parse(file);
}

// Elements as doubles, so that int64 and float64 can be compared; independent of toFloat32.
double element(const Tensor& tensor, std::int64_t position) {
  const std::byte* address = tensor.storage.bytes.data() + static_cast<std::size_t>(position) * byteSize(tensor.dtype);
  const auto load = [&]<typename Stored>(Stored value) {
    std::memcpy(&value, address, sizeof value);
    return value;
  };
  switch (tensor.dtype) {
    case DType::kFloat64:
      return load(double{});
    case DType::kFloat32:
      return static_cast<double>(load(float{}));
    case DType::kFloat16:
      return static_cast<double>(float16ToFloat32(load(std::uint16_t{})));
    case DType::kBfloat16:
      return static_cast<double>(bfloat16ToFloat32(load(std::uint16_t{})));
    case DType::kInt64:
      return static_cast<double>(load(std::int64_t{}));
    case DType::kInt32:
      return load(std::int32_t{});
    case DType::kInt16:
      return load(std::int16_t{});
    case DType::kInt8:
      return load(std::int8_t{});
    case DType::kUint8:
    case DType::kBool:
      return load(std::uint8_t{});
  }
  return 0;
}

std::vector<double> elements(const Tensor& tensor) {
  std::vector<double> values;
  const std::int64_t count = tensor.size();
  for (std::int64_t i = 0; i < count; ++i) {
    std::int64_t rest = i, position = tensor.offset;
    for (std::size_t axis = tensor.shape.size(); axis-- > 0;) {
      position += rest % tensor.shape[axis] * tensor.strides[axis];
      rest /= tensor.shape[axis];
    }
    values.push_back(element(tensor, position));
  }
  return values;
}

std::vector<double> expectedElements(const Json& entry) {
  std::vector<double> values;
  for (const Json& value : entry["values"]) {
    if (value.is_string()) {
      const auto text = value.get<std::string>();
      const double infinity = std::numeric_limits<double>::infinity();
      values.push_back(text == "inf"    ? infinity
                       : text == "-inf" ? -infinity
                                        : std::numeric_limits<double>::quiet_NaN());
    } else {
      values.push_back(value.get<double>());
    }
  }
  return values;
}

void expectTensors(const Checkpoint& checkpoint, const Json& expected) {
  ASSERT_EQ(checkpoint.tensors.size(), expected.size());
  std::size_t position = 0;
  for (const auto& [path, entry] : expected.items()) {
    const NamedTensor& found = checkpoint.tensors[position++];
    EXPECT_EQ(found.name, path);
    EXPECT_EQ(name(found.tensor.dtype), entry["dtype"].get<std::string>()) << path;
    EXPECT_EQ(found.tensor.shape, entry["shape"].get<TensorShape>()) << path;
    EXPECT_EQ(found.tensor.strides, entry["stride"].get<TensorShape>()) << path;
    EXPECT_EQ(found.tensor.offset, entry["offset"].get<std::int64_t>()) << path;
    const std::vector<double> values = expectedElements(entry);
    EXPECT_EQ(elements(found.tensor), values) << path;
    const std::vector<float> floats = toFloat32(found.tensor);
    ASSERT_EQ(floats.size(), values.size()) << path;
    for (std::size_t i = 0; i < values.size(); ++i) EXPECT_EQ(floats[i], static_cast<float>(values[i])) << path;
  }
}

// The reason of the golden file, and the code that stands for it.
const std::map<std::string, const ErrorCode*> kReasons = {
    {"forbidden-global", &codes::kCheckpointUnsafe},
    {"whole-module", &codes::kCheckpointWholeModule},
    {"torchscript", &codes::kCheckpointTorchscript},
};

class Pickles : public testing::TestWithParam<std::string> {};

TEST_P(Pickles, AreReadExactlyOrRefusedForTheRightReason) {
  const Json expected = expectations().at(GetParam());
  const std::filesystem::path path = kPickleFolder / GetParam();
  if (expected.contains("tensors")) return expectTensors(readCheckpoint(path), expected["tensors"]);
  // Objects of harmless foreign classes are skipped: many trainers keep their options beside the weights.
  if (expected.contains("tensors_if_tolerated"))
    return expectTensors(readCheckpoint(path), expected["tensors_if_tolerated"]);
  try {
    readCheckpoint(path);
    FAIL() << "read, but should be refused: " << expected["refused"];
  } catch (const Error& error) {
    EXPECT_STREQ(error.code().name, kReasons.at(expected["refused"])->name) << error.what();
  }
}

std::vector<std::string> fileNames() {
  std::vector<std::string> names;
  const Json expected = expectations();
  for (const auto& [name, entry] : expected.items()) names.push_back(name);
  return names;
}

INSTANTIATE_TEST_SUITE_P(Golden, Pickles, testing::ValuesIn(fileNames()), [](const auto& row) {
  std::string name = row.param;
  for (char& character : name)
    if (std::isalnum(static_cast<unsigned char>(character)) == 0) character = '_';
  return name;
});

TEST(PickleFiles, AreAllListed) {
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kPickleFolder))
    files += entry.path().extension() == ".json" ? 0u : 1u;
  EXPECT_EQ(files, fileNames().size());
}

TEST(PickleFiles, NameTheFunctionThatAnEvilFileWouldCall) {
  const std::pair<const char*, const char*> cases[] = {{"evil_zip.pt", "\"posix.system\""},
                                                       {"evil_legacy.pt", "\"posix.system\""},
                                                       {"evil_pickle.pt", "\"posix.system\""},
                                                       {"evil_builtin.pt", "\"builtins.eval\""}};
  for (const auto& [file, name] : cases) {
    testing::internal::CaptureStdout();
    try {
      readCheckpoint(kPickleFolder / file);
      ADD_FAILURE() << file;
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr(name));
    }
    // The command inside is an echo to the same standard output.
    EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
  }
}

TEST(PickleFiles, TellWhichForeignObjectsWereSkipped) {
  EXPECT_THAT(readCheckpoint(kPickleFolder / "namespace.pt").ignored_classes, ElementsAre("argparse.Namespace"));
  EXPECT_THAT(readCheckpoint(kPickleFolder / "numpy_scalar.pt").ignored_classes,
              ElementsAre("numpy.dtype", "numpy.core.multiarray.scalar"));
  EXPECT_THAT(readCheckpoint(kPickleFolder / "plain.pt").ignored_classes, IsEmpty());
}

TEST(PickleFiles, KeepTheMetadataOfSafetensors) {
  const Checkpoint checkpoint = readCheckpoint(kPickleFolder / "small.safetensors");
  EXPECT_EQ(checkpoint.format, CheckpointFormat::kSafetensors);
  EXPECT_EQ(checkpoint.metadata, (std::map<std::string, std::string>{{"format", "pt"}}));
}

TEST(PickleFiles, ShareOneStorageWithoutACopy) {
  const Checkpoint checkpoint = readCheckpoint(kPickleFolder / "shared_storage.pt");
  const std::byte* begin = checkpoint.file.bytes.data();
  for (const NamedTensor& entry : checkpoint.tensors) {
    EXPECT_EQ(entry.tensor.storage.bytes.data(), checkpoint.tensors[0].tensor.storage.bytes.data());
    EXPECT_GE(entry.tensor.storage.bytes.data(), begin);
    EXPECT_LT(entry.tensor.storage.bytes.data(), begin + checkpoint.file.bytes.size());
  }
}

}  // namespace
}  // namespace ocrdet
