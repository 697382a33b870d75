// What people give in place of a checkpoint, and that the message says what it is.
#include "tensor/foreign_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "ocrdet/error.h"
#include "support/refusal.h"
#include "tensor/checkpoint.h"

namespace ocrdet {
namespace {

using namespace std::string_literals;
using test::refusalBy;
using testing::HasSubstr;

struct Foreign {
  const char* name;
  std::string bytes;
  const ErrorCode* code;
  const char* says;
};

const Foreign kForeign[] = {
    {"Nothing", "", &codes::kCheckpointEmpty, "empty"},
    {"HtmlPage", "\n <!DOCTYPE HTML><html>Sign in</html>", &codes::kCheckpointNotACheckpoint, "an HTML page"},
    {"GitLfsPointer", "version https://git-lfs.github.com/spec/v1\noid sha256:12\nsize 49000000\n",
     &codes::kCheckpointNotACheckpoint, "a Git LFS pointer"},
    {"Png", "\x89PNG\r\n\x1a\n\0\0\0\rIHDR"s, &codes::kCheckpointNotACheckpoint, "a PNG picture"},
    {"Jpeg", "\xff\xd8\xff\xe0\0\x10JFIF"s, &codes::kCheckpointNotACheckpoint, "a JPEG picture"},
    {"Onnx", "\x08\x07\x12\x07pytorch\x1a\x06"s, &codes::kCheckpointNotACheckpoint, "an ONNX model"},
    {"Gzip", "\x1f\x8b\x08\0"s, &codes::kCheckpointNotACheckpoint, "a gzip archive"},
    {"OldTar", std::string(257, 'x') + "ustar", &codes::kCheckpointNotACheckpoint, "a tar archive"},
    {"Hdf5", "\x89HDF\r\n\x1a\n"s, &codes::kCheckpointNotACheckpoint, "HDF5"},
    {"Json", "{\"model\": 1}", &codes::kCheckpointNotACheckpoint, "a JSON text"},
    {"Xml", "<?xml version=\"1.0\"?>", &codes::kCheckpointNotACheckpoint, "an XML file"},
    {"Script", "import torch\n", &codes::kCheckpointNotACheckpoint, "a text that begins with \"import torch"},
    {"Zeros", std::string(1000, '\0'), &codes::kCheckpointNotACheckpoint, "begins with zeros"},
    {"Noise", "\x01\x02\x03\x04\x05", &codes::kCheckpointNotACheckpoint,
     "unknown kind (5 bytes, beginning with 01 02 03 04)"},
    {"PlainPickle", "\x80\x02}q\x00."s, &codes::kCheckpointNotACheckpoint, "a plain Python pickle"},
    {"TensorFlowTable", std::string(60, '\x01') + "\x57\xfb\x80\x8b\x24\x75\x47\xdb", &codes::kCheckpointTensorflow,
     "TensorFlow"},
    {"TensorFlowPointer", "model_checkpoint_path: \"checkpoint-80000\"\n", &codes::kCheckpointTensorflow, "TensorFlow"},
};

class ForeignFiles : public testing::TestWithParam<Foreign> {};

TEST_P(ForeignFiles, AreCalledByTheirName) {
  const auto bytes = std::as_bytes(std::span(GetParam().bytes));
  const Error error = refusalBy([&] { readCheckpoint(bytes, nullptr); });
  EXPECT_STREQ(error.code().name, GetParam().code->name);
  EXPECT_THAT(error.what(), HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(Kinds, ForeignFiles, testing::ValuesIn(kForeign),
                         [](const auto& row) { return row.param.name; });

class ForeignPaths : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path write(const std::string& name, const std::string& bytes) const {
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
    return folder_ / name;
  }

  const std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("ocrdet-foreign-" + std::to_string(getpid()));
};

TEST_F(ForeignPaths, OfTensorFlowAreRecognisedInEveryForm) {
  const std::string noise = "\x01\x02\x03\x04";
  const auto data = write("checkpoint-80000.data-00000-of-00001", noise);
  write("checkpoint-80000.index", noise);
  for (const auto& path : {data, folder_ / "checkpoint-80000", folder_}) {
    const Error error = refusalBy([&] { readCheckpoint(path); });
    EXPECT_STREQ(error.code().name, "checkpoint.tensorflow") << path;
    EXPECT_THAT(error.what(), HasSubstr("db-line-level")) << "the model to take instead";
  }
}

TEST_F(ForeignPaths, OfFoldersLeadToTheCheckpointInside) {
  write("pytorch_model.pt", "");
  const Error error = refusalBy([&] { readCheckpoint(folder_); });
  EXPECT_STREQ(error.code().name, "file.unreadable");
  EXPECT_THAT(error.what(), HasSubstr((folder_ / "pytorch_model.pt").string()));
}

TEST_F(ForeignPaths, ThatAreMissingSaySo) {
  EXPECT_STREQ(refusalBy([&] { readCheckpoint(folder_ / "none.pt"); }).code().name, "file.missing");
}

TEST_F(ForeignPaths, NamesDoNotDecideWhatAFileIs) {
  const auto disguised = folder_ / "picture.png";
  std::filesystem::copy(OCRDET_GOLDEN_DIR "/pickles/plain.pt", disguised);
  EXPECT_EQ(readCheckpoint(disguised).format, CheckpointFormat::kTorchZip);
  const Error error = refusalBy([&] { readCheckpoint(write("weights.pt", "<html>")); });
  EXPECT_THAT(error.what(), HasSubstr("weights.pt: This is an HTML page"));
}

}  // namespace
}  // namespace ocrdet
