// Damaged and hostile checkpoints: always an Error or an answer, soon, and without memory that the file does not
// justify.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "ocrdet/error.h"
#include "support/file_text.h"
#include "tensor/checkpoint.h"
#include "tensor/pickle_files.h"

namespace ocrdet {
namespace {

using test::kPickleFolder;
using test::readText;

std::vector<std::string> goldenFiles() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(kPickleFolder))
    if (entry.path().extension() != ".json") names.push_back(entry.path().filename());
  std::ranges::sort(names);
  return names;
}

// A copy of exactly the text's size, so that the address sanitizer sees a read beyond it.
Checkpoint readInPlace(const std::string& text) {
  const auto bytes = std::make_shared<std::vector<std::byte>>(text.size());
  if (!text.empty()) std::memcpy(bytes->data(), text.data(), text.size());
  return readCheckpoint(*bytes, bytes);
}

// The name of the error's code, or "read". Other exceptions end the test.
std::string outcome(const std::string& text) {
  try {
    const Checkpoint checkpoint = readInPlace(text);
    for (const NamedTensor& entry : checkpoint.tensors)
      if (entry.tensor.size() < 100'000) toFloat32(entry.tensor);
    return "read";
  } catch (const Error& error) {
    return error.code().name;
  }
}

// Processor time, which a busy machine does not change.
double seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}
constexpr double kLongest = 0.05;  // for files of a few kilobytes, with sanitizers

long peakKilobytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

// Refused with `code`, while the process grows by less than 32 MB.
void expectRefusedCheaply(const std::string& text, const ErrorCode& code) {
  const long before = peakKilobytes();
  const double start = seconds();
  EXPECT_EQ(outcome(text), code.name);
  EXPECT_LT(seconds() - start, kLongest);
  EXPECT_LT(peakKilobytes() - before, 32 * 1024);
}

template <typename Number>
std::string littleEndian(Number value) {
  std::string text(sizeof value, '\0');
  std::memcpy(text.data(), &value, sizeof value);
  return text;
}

std::string safetensors(const std::string& header, std::size_t data_size) {
  return littleEndian<std::uint64_t>(header.size()) + header + std::string(data_size, '\0');
}

TEST(HostileCheckpoints, AreRefusedWhereverTheyAreCutOff) {
  for (const std::string& name : goldenFiles()) {
    const std::string text = readText(kPickleFolder / name);
    for (std::size_t length = 0; length < text.size(); length += length < 64 ? 1 : 7) {
      const double start = seconds();
      EXPECT_NE(outcome(text.substr(0, length)), "read") << name << " cut to " << length << " bytes";
      EXPECT_LT(seconds() - start, kLongest) << name << " cut to " << length << " bytes";
    }
  }
}

TEST(HostileCheckpoints, AreReadOrRefusedWhicheverBytesChange) {
  constexpr unsigned kSeed = 20240917;
  std::mt19937 random(kSeed);
  int refused = 0;
  for (const std::string& name : goldenFiles()) {
    const std::string text = readText(kPickleFolder / name);
    for (int round = 0; round < 200; ++round) {
      std::string damaged = text;
      for (unsigned changes = 1 + random() % 4; changes > 0; --changes)
        damaged[random() % damaged.size()] = static_cast<char>(random());
      const double start = seconds();
      refused += outcome(damaged) == "read" ? 0 : 1;
      EXPECT_LT(seconds() - start, kLongest) << name << ", round " << round << ", seed " << kSeed;
    }
  }
  EXPECT_GT(refused, 1000);
}

struct SafetensorsCase {
  const char* name;
  const char* header;
  std::size_t data_size;
  const ErrorCode* code;
};

class HostileSafetensors : public testing::TestWithParam<SafetensorsCase> {};

TEST_P(HostileSafetensors, IsRefusedCheaply) {
  expectRefusedCheaply(safetensors(GetParam().header, GetParam().data_size), *GetParam().code);
}

const SafetensorsCase kSafetensorsCases[] = {
    {"ShapeOfTwoToTheSixtieth", R"({"w":{"dtype":"F32","shape":[1152921504606846976],"data_offsets":[0,8]}})", 8,
     &codes::kCheckpointCorrupt},
    {"ShapeWhoseProductOverflows",
     R"({"w":{"dtype":"F32","shape":[4294967296,4294967296,4294967296],"data_offsets":[0,8]}})", 8,
     &codes::kCheckpointCorrupt},
    {"SizeThatWrapsAroundToEight", R"({"w":{"dtype":"F64","shape":[2305843009213693953],"data_offsets":[0,8]}})", 8,
     &codes::kCheckpointCorrupt},
    {"OverlappingTensors",
     R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}})",
     12, &codes::kCheckpointCorrupt},
    {"TheSameBytesTwice",
     R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})",
     8, &codes::kCheckpointCorrupt},
    {"OffsetsBeyondTheFile", R"({"w":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}})", 8,
     &codes::kCheckpointTruncated},
    {"OffsetsNearTheLargestNumber",
     R"({"w":{"dtype":"F32","shape":[2],"data_offsets":[9223372036854775799,9223372036854775807]}})", 8,
     &codes::kCheckpointTruncated},
    {"EndBeforeBegin", R"({"w":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}})", 8, &codes::kCheckpointCorrupt},
    {"GapBetweenTensors",
     R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}})",
     12, &codes::kCheckpointCorrupt},
    {"BytesOfNoTensor", R"({"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 8, &codes::kCheckpointCorrupt},
    {"NegativeShape", R"({"w":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}})", 8, &codes::kCheckpointCorrupt},
    {"OneNameTwice",
     R"({"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"w":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
     8, &codes::kCheckpointCorrupt},
};

INSTANTIATE_TEST_SUITE_P(Headers, HostileSafetensors, testing::ValuesIn(kSafetensorsCases),
                         [](const auto& row) { return row.param.name; });

TEST(HostileCheckpoints, MayNestTheirHeaderAMillionTimes) {
  expectRefusedCheaply(safetensors(R"({"w":)" + std::string(1'000'000, '['), 8), codes::kCheckpointCorrupt);
}

// plain_legacy.pt has no checksums: what stands in its pickle can be replaced. `from` must be there.
std::string legacyWith(const std::string& from, const std::string& to) {
  std::string text = readText(kPickleFolder / "plain_legacy.pt");
  const std::size_t position = text.find(from);
  EXPECT_NE(position, std::string::npos);
  return text.replace(position, from.size(), to);
}

TEST(HostileCheckpoints, MayClaimShapesOfTwoToTheSixtieth) {
  const std::string huge = "\x8a\x08" + littleEndian(std::int64_t{1} << 60);  // LONG1
  const std::string shape("(K\x02K\x01K\x03K\x03t");                          // conv.weight: 2×1×3×3
  expectRefusedCheaply(legacyWith(shape, "(" + huge + "K\x01K\x03K\x03t"), codes::kCheckpointTooLarge);
  // The storage's number of elements, 18, behind its device. Before the elements themselves, it says 18 again.
  const std::string storage("cpuq\x07K\x12N");
  expectRefusedCheaply(legacyWith(storage, "cpuq\x07" + huge + "N"), codes::kCheckpointCorrupt);
}

// A zip of one deflated record, archive/data.pkl, of `size` zeros, that says it unpacks to `claimed` bytes.
std::string zipBomb(std::size_t size, std::uint32_t claimed) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 1, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string packed(size / 100 + 1024, '\0'), zeros(1 << 20, '\0');
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  for (std::size_t done = 0; done < size; done += zeros.size()) {
    stream.next_in = reinterpret_cast<Bytef*>(zeros.data());
    stream.avail_in = static_cast<uInt>(zeros.size());
    EXPECT_GE(deflate(&stream, done + zeros.size() < size ? Z_NO_FLUSH : Z_FINISH), Z_OK);
  }
  packed.resize(stream.total_out);
  deflateEnd(&stream);

  using Half = std::uint16_t;
  using Word = std::uint32_t;
  const std::string name = "archive/data.pkl";
  // Version, flags, method, time, date; checksum (0: not computed), sizes, length of the name.
  const std::string common = littleEndian(Half{20}) + littleEndian(Half{0}) + littleEndian(Half{8}) +
                             littleEndian(Word{0}) + littleEndian(Word{0}) +
                             littleEndian(static_cast<Word>(packed.size())) + littleEndian(Word{claimed}) +
                             littleEndian(static_cast<Half>(name.size())) + littleEndian(Half{0});
  const std::string record = "PK\x03\x04" + common + name + packed;
  const std::string entry = "PK\x01\x02" + littleEndian(Half{20}) + common + std::string(14, '\0') + name;
  const std::string end = "PK\x05\x06" + littleEndian(Word{0}) + littleEndian(Half{1}) + littleEndian(Half{1}) +
                          littleEndian(static_cast<Word>(entry.size())) +
                          littleEndian(static_cast<Word>(record.size())) + littleEndian(Half{0});
  return record + entry + end;
}

TEST(HostileCheckpoints, MayBeZipBombs) {
  constexpr std::size_t kUnpacked = std::size_t{256} << 20;
  const std::string honest = zipBomb(kUnpacked, kUnpacked);
  EXPECT_LT(honest.size(), 3'000'000u);
  expectRefusedCheaply(honest, codes::kCheckpointTooLarge);
  expectRefusedCheaply(zipBomb(kUnpacked, 1000), codes::kCheckpointCorrupt);
}

}  // namespace
}  // namespace ocrdet
