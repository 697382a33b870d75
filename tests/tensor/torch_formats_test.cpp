// Variants of torch.save's formats that no golden file has: byte orders, zip64, other folders, damaged directories.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>
#include <functional>
#include <memory>

#include "base/mapped_file.h"
#include "ocrdet/error.h"
#include "support/file_text.h"
#include "support/formula_checkpoint.h"
#include "support/refusal.h"
#include "tensor/checkpoint.h"
#include "tensor/pickle_files.h"
#include "tensor/zip_archive.h"
#include "tensor/zip_writer.h"

namespace ocrdet {
namespace {

using test::kPickleFolder;
using test::readText;
using test::zip;
using test::ZipEntry;
using testing::HasSubstr;

Checkpoint read(const std::string& bytes) {
  const auto owner = std::make_shared<const std::string>(bytes);
  return readCheckpoint(std::as_bytes(std::span(*owner)), owner);
}

void expectRefused(const std::string& bytes, const ErrorCode& code, const char* says) {
  const Error error = test::refusalBy([&] { read(bytes); });
  EXPECT_STREQ(error.code().name, code.name);
  EXPECT_THAT(error.what(), HasSubstr(says));
}

// The records of plain.pt, for packing them anew: data.pkl, five storages of float32 and one of int64.
std::vector<ZipEntry> plainRecords(const std::string& root = "plain/") {
  const auto file = MappedFile::open(kPickleFolder / "plain.pt");
  ZipArchive archive({file->bytes(), file});
  std::vector<ZipEntry> entries;
  for (const ZipRecord& record : archive.records()) {
    const std::span<const std::byte> content = archive.read(record).bytes;
    entries.push_back({root + std::string(record.name.substr(record.name.find('/') + 1)),
                       std::string(reinterpret_cast<const char*>(content.data()), content.size())});
  }
  return entries;
}

ZipEntry& recordOf(std::vector<ZipEntry>& entries, const std::string& name) {
  return *std::ranges::find(entries, name, &ZipEntry::name);
}

void expectPlain(const Checkpoint& checkpoint) {
  const Checkpoint plain = readCheckpoint(kPickleFolder / "plain.pt");
  ASSERT_EQ(checkpoint.tensors.size(), plain.tensors.size());
  for (std::size_t i = 0; i < plain.tensors.size(); ++i) {
    EXPECT_EQ(checkpoint.tensors[i].name, plain.tensors[i].name);
    EXPECT_EQ(toFloat32(checkpoint.tensors[i].tensor), toFloat32(plain.tensors[i].tensor)) << plain.tensors[i].name;
  }
}

std::string swapped(std::string bytes, std::size_t element_size) {
  for (std::size_t i = 0; i < bytes.size(); i += element_size)
    std::reverse(bytes.begin() + static_cast<std::ptrdiff_t>(i),
                 bytes.begin() + static_cast<std::ptrdiff_t>(i + element_size));
  return bytes;
}

TEST(TorchZip, ReadsBothByteOrders) {
  std::vector<ZipEntry> little = plainRecords(), big = plainRecords();
  little.push_back({"plain/byteorder", "little"});
  expectPlain(read(zip(little)));
  for (ZipEntry& entry : big)
    if (entry.name.starts_with("plain/data/"))
      entry.content = swapped(entry.content, entry.name == "plain/data/5" ? 8 : 4);
  big.push_back({"plain/byteorder", "big"});
  expectPlain(read(zip(big)));
  big.back().content = "middle";
  expectRefused(zip(big), codes::kCheckpointCorrupt, "neither \"little\" nor \"big\"");
}

TEST(TorchZip, ReadsZip64AndPaddingAndComments) {
  expectPlain(read(zip(plainRecords(), {.zip64 = true})));
  expectPlain(read(zip(plainRecords(), {.padding = 61})));
  expectPlain(read(zip(plainRecords(), {.comment = "with a PK\x05\x06 inside"})));
}

TEST(TorchZip, ReadsAnyRootFolder) {
  for (const char* root : {"", "archive/", "层/", "a/b/"}) expectPlain(read(zip(plainRecords(root))));
}

TEST(TorchZip, IgnoresRecordsThatNewerVersionsAdd) {
  std::vector<ZipEntry> entries = plainRecords();
  entries.push_back({"plain/.format_version", "1"});
  entries.push_back({"plain/.storage_alignment", "64"});
  entries.push_back({"plain/.data/serialization_id", "0123456789"});
  expectPlain(read(zip(entries)));
}

TEST(TorchZip, ComparesChecksumsUnlessTheyWereNotComputed) {
  std::vector<ZipEntry> entries = plainRecords();
  recordOf(entries, "plain/data/0").crc32 = 0;
  expectPlain(read(zip(entries)));
  recordOf(entries, "plain/data/0").crc32 = 12345;
  expectRefused(zip(entries), codes::kCheckpointCorrupt, "\"plain/data/0\" does not match its checksum");
}

TEST(TorchZip, RefusesDirectoriesThatLie) {
  struct Case {
    const char* what;
    std::function<void(std::vector<ZipEntry>&)> damage;
    const ErrorCode* code;
    const char* says;
  };
  const Case cases[] = {
      {"overlap",
       [](auto& entries) {
         entries.push_back({"plain/data/9", "", 0, 0, {}, 0});
       },
       &codes::kCheckpointCorrupt, "Records of the zip overlap"},
      {"the same name twice", [](auto& entries) { entries.push_back(entries[0]); }, &codes::kCheckpointCorrupt,
       "two records"},
      {"an offset behind the end", [](auto& entries) { entries[1].offset = 0x7fffffff; }, &codes::kCheckpointCorrupt,
       "behind its end"},
      {"an offset to no record", [](auto& entries) { entries[1].offset = 3; }, &codes::kCheckpointCorrupt,
       "no record at 3"},
      {"a missing storage",
       [](auto& entries) { std::erase_if(entries, [](auto& e) { return e.name == "plain/data/2"; }); },
       &codes::kCheckpointCorrupt, "lacks the record data/\"2\""},
      {"a short storage", [](auto& entries) { recordOf(entries, "plain/data/0").content.resize(68); },
       &codes::kCheckpointCorrupt, "has 68 bytes; its tensor needs 72"},
      {"a password", [](auto& entries) { entries[0].flags = 1; }, &codes::kCheckpointUnsupported, "encrypted"},
      {"another compression", [](auto& entries) { entries[0].method = 12; }, &codes::kCheckpointUnsupported,
       "method 12"},
      {"deflated bytes that are none", [](auto& entries) { recordOf(entries, "plain/data/0").method = 8; },
       &codes::kCheckpointCorrupt, "does not unpack"},
  };
  for (const Case& row : cases) {
    SCOPED_TRACE(row.what);
    std::vector<ZipEntry> entries = plainRecords();
    row.damage(entries);
    expectRefused(zip(entries), *row.code, row.says);
  }
}

TEST(TorchZip, TellsOtherZipsApart) {
  expectRefused(zip({{"a.txt", "hello"}, {"b.txt", ""}}), codes::kCheckpointNotACheckpoint,
                "2 records without data.pkl");
  expectRefused(zip({{"weights/model.pth", "x"}}), codes::kCheckpointNotACheckpoint, "holds \"weights/model.pth\"");
  expectRefused(zip({}), codes::kCheckpointNotACheckpoint, "0 records");
}

TEST(TorchZip, RefusesAFileWithoutTensors) {
  expectRefused(zip({{"x/data.pkl", "\x80\x02}q\x01."}}), codes::kCheckpointNoTensors, "holds no tensors");
}

TEST(TorchLegacy, StoresLittleEndianWhateverTheWritersMachineWas) {
  std::string bytes = readText(kPickleFolder / "plain_legacy.pt");
  const std::string little("little_endianq\x02\x88");
  const std::size_t position = bytes.find(little);
  ASSERT_NE(position, std::string::npos);
  bytes[position + little.size() - 1] = '\x89';
  expectPlain(read(bytes));
}

TEST(LargeCheckpoints, AreReadInPlaceAndFast) {
  for (const char* name : {"formula.pt", "formula_legacy.pt", "formula.safetensors"}) {
    const auto path = test::formulaCheckpoint(name);
    const std::clock_t start = std::clock();
    const Checkpoint checkpoint = readCheckpoint(path);
    const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    EXPECT_LT(seconds, 0.5) << name;  // some 0.02 s in a release build, far more under sanitizers
    const std::byte* begin = checkpoint.file.bytes.data();
    ASSERT_EQ(checkpoint.tensors.size(), 158u);
    for (const NamedTensor& entry : checkpoint.tensors) {
      const std::span<const std::byte> bytes = contiguousBytes(entry.tensor);
      EXPECT_TRUE(bytes.data() >= begin && bytes.data() + bytes.size() <= begin + checkpoint.file.bytes.size())
          << entry.name << " was copied";
    }
  }
}

}  // namespace
}  // namespace ocrdet
