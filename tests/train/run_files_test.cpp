// What a run writes and reads: states that notice damage, logs that lose what will be written again, event files.
#include <gmock/gmock.h>
#include <sys/resource.h>

#include <cmath>
#include <csignal>
#include <cstring>
#include <fstream>
#include <limits>
#include <map>
#include <optional>

#include "base/atomic_file.h"
#include "image/decode.h"
#include "ocrdet/error.h"
#include "support/file_text.h"
#include "train/curves.h"
#include "train/event_file.h"
#include "train/run_folder.h"
#include "train/schedule.h"
#include "train/training_state.h"

namespace ocrdet {
namespace {

namespace fs = std::filesystem;

class Scratch : public testing::Test {
 protected:
  void SetUp() override { fs::create_directories(folder_); }
  void TearDown() override { fs::remove_all(folder_); }
  const fs::path folder_ = fs::path(testing::TempDir()) / ("run_files_" + std::to_string(getpid()));
};

using State = Scratch;
using Folder = Scratch;
using Events = Scratch;

TrainingState someState() {
  TrainingState state;
  state.standing.step = 123456789012;
  state.standing.steps_per_epoch = 16'000'000'000;
  state.standing.epoch = 7;
  state.standing.best_hmean = 0.1 + 0.2;  // not a short decimal: must come back bit for bit
  state.standing.loss = 1.0 / 3;
  state.standing.seen = {true, 3, 40'000'000'000, 2};
  state.standing.boxes = {0.35, 0.45, 1.75};
  // A counter between floats: the file has them in another order.
  static constexpr std::int64_t kCount = 5;
  const Tensor counter{DType::kInt64, {}, {}, 0, {std::as_bytes(std::span(&kCount, 1)), nullptr}};
  state.tensors = {{"network/a", makeTensor({2, 3}, {1, 2, 3, 4, 5, 1e-30F})},
                   {"network/counter", counter},
                   {"first/a", makeTensor({1}, {0.1F})}};
  return state;
}

Standing standingAt(std::int64_t step, int epoch) {
  Standing standing;
  standing.step = step, standing.epoch = epoch;
  return standing;
}

std::string codeOf(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.code().name;
  }
  return "";
}

TEST_F(State, ComesBackBitForBit) {
  const TrainingState written = someState();
  writeState(folder_ / "state.safetensors", written);
  const TrainingState read = readState(folder_ / "state.safetensors");
  EXPECT_EQ(read.standing, written.standing);
  ASSERT_EQ(read.tensors.size(), 3U);
  std::map<std::string, std::vector<float>> values;
  for (const NamedTensor& entry : read.tensors) values[entry.name] = toFloat32(entry.tensor);
  for (const NamedTensor& entry : written.tensors) EXPECT_EQ(values[entry.name], toFloat32(entry.tensor)) << entry.name;
}

TEST_F(State, NoticesEveryFlippedByteAndEveryCut) {
  writeState(folder_ / "good", someState());
  const std::string good = test::readText(folder_ / "good");
  int unnoticed = 0;
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = char(bad[i] ^ 0x10);
    writeFileAtomically(folder_ / "bad", bad);
    unnoticed += codeOf([&] { readState(folder_ / "bad"); }).empty();
    writeFileAtomically(folder_ / "cut", good.substr(0, i));
    unnoticed += codeOf([&] { readState(folder_ / "cut"); }).empty();
  }
  EXPECT_EQ(unnoticed, 0);
  writeFileAtomically(folder_ / "other", test::readText(OCRDET_GOLDEN_DIR "/pickles/small.safetensors"));
  EXPECT_EQ(codeOf([&] { readState(folder_ / "other"); }), "train.state-damaged");
}

// Its checksum fits, as that of a file which someone made to fit.
TEST_F(State, IsRefusedWhereNoRunCanStand) {
  const std::pair<const char*, std::function<void(Standing&)>> cases[] = {
      {"steps below 0", [](Standing& standing) { standing.step = -7, standing.epoch = -3; }},
      {"epochs without steps", [](Standing& standing) { standing.epoch = 2'000'000'000; }},
      {"steps without epochs", [](Standing& standing) { standing.step = 1'000'000'000'000'000'000; }},
      {"epochs of no steps", [](Standing& standing) { standing.steps_per_epoch = 0; }},
      {"a best epoch to come", [](Standing& standing) { standing.best_epoch = 8; }},
  };
  for (const auto& [name, spoil] : cases) {
    TrainingState state = someState();
    spoil(state.standing);
    writeState(folder_ / "state", state);
    EXPECT_EQ(codeOf([&] { readState(folder_ / "state"); }), "train.state-damaged") << name;
  }
}

// As by a process that begins when the first one has ended.
RunFolder reopened(RunFolder run, const Standing& standing) {
  const fs::path path = run.path();
  { const RunFolder ended = std::move(run); }
  return RunFolder::open(path, FolderLock(path), standing, {});
}

TEST_F(Folder, IsOneProcessesAtATime) {
  std::optional<RunFolder> run = RunFolder::create(folder_, {});
  const fs::path path = run->path();
  EXPECT_EQ(codeOf([&] { FolderLock{path}; }), "run.busy");
  run.reset();
  run = RunFolder::open(path, FolderLock(path), standingAt(3, 1), {});
  EXPECT_EQ(codeOf([&] { FolderLock{path}; }), "run.busy");
}

TEST_F(Folder, KeepsTheValidationBeforeTheFirstEpochUnlessItIsDue) {
  for (const double first_hmean : {0.25, -1.0}) {
    RunFolder run = RunFolder::create(folder_, {});
    EpochRecord before;
    before.hmean = 0.25, before.loss = -1, before.images_per_second = -1;
    run.add(before, {}, makeImage(20, 30));
    EXPECT_TRUE(fs::exists(run.path() / "samples" / "epoch_0000.jpg"));
    EXPECT_THAT(test::readText(run.file("log.csv")), testing::HasSubstr("\n0,0,0,,0.00000,"));
    Standing standing = standingAt(0, 0);
    standing.first_hmean = first_hmean;
    const RunFolder resumed = reopened(std::move(run), standing);
    EXPECT_EQ(test::readText(resumed.file("log.jsonl")).empty(), first_hmean < 0);
  }
}

// The first hmean of a validation that was changed on the way is unknown for ever.
TEST_F(Folder, KeepsTheValidationBeforeTheFirstEpochOfARunThatWentOn) {
  RunFolder run = RunFolder::create(folder_, {});
  EpochRecord before;
  before.hmean = 0.25;
  run.add(before, {}, {});
  Standing standing = standingAt(3, 1);
  standing.first_hmean = -1;
  EXPECT_FALSE(test::readText(reopened(std::move(run), standing).file("log.jsonl")).empty());
}

TEST_F(Folder, DropsWhatAResumedRunWritesAgain) {
  RunFolder run = RunFolder::create(folder_, {});
  for (int step = 1; step <= 4; ++step) {
    StepRecord record;
    record.step = step, record.loss = 10.0 / step, record.epoch = step / 2.0;
    run.add(record);
    if (step % 2 != 0) continue;
    EpochRecord epoch;
    epoch.epoch = step / 2, epoch.step = step, epoch.hmean = 0.25 * step;
    run.add(epoch, {{"signs", 0.5}}, {});
  }
  run.writeConfiguration("rate = 0.007\n");
  std::ofstream(run.file("log.jsonl"), std::ios::app) << "{\"kind\": \"step\", \"st";  // killed while writing

  writeFileAtomically(run.path() / ".state.safetensors.tmp-a1b2c3", "half a state");
  writeFileAtomically(run.path() / "samples" / ".epoch_0002.jpg.tmp-a1b2c3", "half a picture");
  writeFileAtomically(run.path() / ".notes.txt.tmp-a1b2c3", "somebody else's");

  const RunFolder resumed = reopened(std::move(run), standingAt(3, 1));
  EXPECT_EQ(test::readText(resumed.file("config.toml")), "rate = 0.007\n") << "until it is known that the run goes on";
  EXPECT_FALSE(fs::exists(resumed.path() / ".state.safetensors.tmp-a1b2c3"));
  EXPECT_FALSE(fs::exists(resumed.path() / "samples" / ".epoch_0002.jpg.tmp-a1b2c3"));
  EXPECT_TRUE(fs::exists(resumed.path() / ".notes.txt.tmp-a1b2c3"));
  const std::string log = test::readText(resumed.file("log.jsonl")), table = test::readText(resumed.file("log.csv"));
  EXPECT_EQ(std::count(log.begin(), log.end(), '\n'), 4) << "steps 1 to 3, epoch 1\n" << log;
  EXPECT_EQ(std::count(table.begin(), table.end(), '\n'), 2) << table;
  EXPECT_THAT(table, testing::HasSubstr("\n1,2,0,0.00000,0.00000,0.00000,0.00000,0.00000,0.5000,,,"));
}

// Killed between the epoch's line and its state: the epoch's validation comes again.
// JSON writes what is infinite as null.
TEST_F(Folder, ReopensALogWithValuesThatAreNoNumbers) {
  RunFolder run = RunFolder::create(folder_, {});
  StepRecord record;
  record.step = 1, record.gradient_norm = std::numeric_limits<double>::infinity();
  run.add(record);
  std::ofstream(run.file("log.jsonl"), std::ios::app) << "{\"kind\":5,\"step\":\"one\",\"loss\":null}\n";
  const RunFolder resumed = reopened(std::move(run), standingAt(3, 1));
  EXPECT_THAT(test::readText(resumed.file("log.jsonl")), testing::HasSubstr("null"));
}

TEST_F(Folder, DropsTheEpochWhoseValidationIsDue) {
  RunFolder run = RunFolder::create(folder_, {});
  for (int number = 1; number <= 2; ++number) {
    StepRecord record;
    record.step = 10 * number;
    run.add(record);
    EpochRecord epoch;
    epoch.epoch = number, epoch.step = 10 * number, epoch.hmean = 0.5;
    run.add(epoch, {}, {});
  }
  const RunFolder resumed = reopened(std::move(run), standingAt(20, 1));
  const std::string log = test::readText(resumed.file("log.jsonl")), table = test::readText(resumed.file("log.csv"));
  EXPECT_THAT(log, testing::HasSubstr("\"step\":20"));
  EXPECT_THAT(log, testing::Not(testing::HasSubstr("\"epoch\":2,")));
  EXPECT_EQ(std::count(table.begin(), table.end(), '\n'), 2) << table;
}

TEST_F(Folder, SaysWhenALogTakesNoMore) {
  for (const char* name : {"log.jsonl", "log.csv"}) {
    RunFolder run = RunFolder::create(folder_, {});
    fs::remove(run.file(name));
    fs::create_symlink("/dev/full", run.file(name));
    try {
      run.add(EpochRecord{}, {}, {});
      ADD_FAILURE() << name << " is full";
    } catch (const Error& error) {
      EXPECT_STREQ(error.code().name, "file.unwritable");
      EXPECT_THAT(error.what(), testing::HasSubstr(name));
    }
  }
}

TEST_F(Folder, IsNewForEachRun) {
  const RunFolder first = RunFolder::create(folder_ / "runs", {});
  const RunFolder second = RunFolder::create(folder_ / "runs", {});
  EXPECT_NE(first.path(), second.path());
  EXPECT_EQ(codeOf([&] { RunFolder::open(folder_ / "runs" / "none", FolderLock(folder_ / "runs" / "none"), {}, {}); }),
            "file.missing");
  writeFileAtomically(folder_ / "file", "");
  EXPECT_EQ(codeOf([&] { RunFolder::create(folder_ / "file", {}); }), "file.unwritable");
}

TEST_F(Folder, DrawsCurvesAndSamples) {
  RunFolder run = RunFolder::create(folder_, {});
  StepRecord record;
  record.step = 1, record.loss = 3;
  run.add(record);
  Image sample = makeImage(20, 30);
  EpochRecord epoch;
  epoch.epoch = 1, epoch.hmean = 0.5;
  run.add(epoch, {}, sample);
  const Image curves = readImage(run.file("curves.png"));
  int dark = 0;
  for (const std::uint8_t value : curves.bgr) dark += value < 128;
  EXPECT_GT(dark, 500) << "axes and labels";
  const auto blank = [&](int y) {
    return std::all_of(curves.row(y), curves.row(y) + 3 * curves.width, [](std::uint8_t v) { return v == 255; });
  };
  for (int y = 26; y < 32; ++y) EXPECT_TRUE(blank(y)) << "a curve runs into the legend, row " << y;
  EXPECT_EQ(readImage(run.path() / "samples" / "epoch_0001.jpg").width, 30);
}

// Whatever the weights are, a curve lies where its share of the total does.
TEST(Curves, ShowLossesAsTheyAddUp) {
  const auto drawn = [](double teacher, double weight) {
    StepRecord start, end;
    start.loss = end.loss = 6, start.teacher = end.teacher = teacher, end.epoch = 1;
    LossWeights weights;
    weights.teacher = weight;
    Image curves = drawCurves({start, end}, {}, weights);
    constexpr int kLegend = 30;
    std::fill(curves.bgr.begin(), curves.bgr.begin() + 3 * std::ptrdiff_t(curves.width) * kLegend, std::uint8_t{0});
    return curves.bgr;
  };
  EXPECT_EQ(drawn(1, 4), drawn(2, 2));
  EXPECT_EQ(drawn(1, 4), drawn(4, 1));
  EXPECT_NE(drawn(1, 4), drawn(1, 2));
}

TEST(Crc32c, HasTheKnownValues) {
  EXPECT_EQ(crc32c("123456789"), 0xe3069283U);            // the check value of CRC-32C
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aaU);  // RFC 3720, B.4
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62a8ab43U);
}

// Reads records back as TensorBoard does: lengths and checksums, then the fields of the protocol buffer.
struct ReadEvent {
  std::string tag;
  float value = 0;
  std::uint64_t step = 0;
  std::uint64_t session_status = 0;
};

std::uint64_t readVarint(std::string_view& bytes) {
  std::uint64_t value = 0;
  for (int shift = 0;; shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    value |= std::uint64_t(byte & 127) << shift;
    if (byte < 128) return value;
  }
}

void readFields(std::string_view bytes, const std::function<void(int field, std::string_view content)>& see) {
  while (!bytes.empty()) {
    const std::uint64_t key = readVarint(bytes);
    std::size_t length = key % 8 == 1 ? 8 : 4;
    std::string number;
    if (key % 8 == 0) {
      const std::uint64_t value = readVarint(bytes);
      number.assign(reinterpret_cast<const char*>(&value), 8);
      see(int(key / 8), number);
      continue;
    }
    if (key % 8 == 2) length = readVarint(bytes);
    see(int(key / 8), bytes.substr(0, length));
    bytes.remove_prefix(length);
  }
}

template <typename Number>
Number numberIn(std::string_view bytes) {
  Number number;
  std::memcpy(&number, bytes.data(), sizeof number);
  return number;
}

std::vector<ReadEvent> readEvents(std::string_view bytes) {
  std::vector<ReadEvent> events;
  while (!bytes.empty()) {
    const auto length = numberIn<std::uint64_t>(bytes);
    EXPECT_EQ(numberIn<std::uint32_t>(bytes.substr(8)), maskedCrc32c(bytes.substr(0, 8)));
    const std::string_view data = bytes.substr(12, length);
    EXPECT_EQ(numberIn<std::uint32_t>(bytes.substr(12 + length)), maskedCrc32c(data));
    bytes.remove_prefix(16 + length);
    ReadEvent event;
    readFields(data, [&](int field, std::string_view content) {
      if (field == 2) event.step = numberIn<std::uint64_t>(content);
      if (field == 3) event.tag = content;
      if (field == 7)
        readFields(content,
                   [&](int, std::string_view status) { event.session_status = numberIn<std::uint64_t>(status); });
      if (field != 5) return;
      readFields(content, [&](int, std::string_view value) {
        readFields(value, [&](int part, std::string_view inner) {
          if (part == 1) event.tag = inner;
          if (part == 2) event.value = numberIn<float>(inner);
        });
      });
    });
    events.push_back(event);
  }
  return events;
}

TEST_F(Events, AreRecordsThatTensorBoardReads) {
  {
    EventFile file(folder_);
    file.addScalar("loss/total", 300, 2.5);
    file.addImage("detections", 301, 2, 3, "PNG bytes");
    file.dropFrom(250);
  }
  const fs::path path = fs::directory_iterator(folder_)->path();
  EXPECT_THAT(path.filename().string(), testing::MatchesRegex("events\\.out\\.tfevents\\.[0-9]+\\.ocrdet"));
  const std::vector<ReadEvent> events = readEvents(test::readText(path));
  ASSERT_EQ(events.size(), 4U);
  EXPECT_EQ(events[0].tag, "brain.Event:2");
  EXPECT_EQ(events[1].tag, "loss/total");
  EXPECT_EQ(events[1].step, 300U);
  EXPECT_EQ(events[1].value, 2.5F);
  EXPECT_EQ(events[2].tag, "detections");
  EXPECT_EQ(events[3].session_status, 1U) << "SessionLog.START, at which TensorBoard forgets later steps";
  EXPECT_EQ(events[3].step, 250U);
}

TEST_F(Events, SayWhenTheDiskTakesNoMore) {
  EventFile file(folder_);
  const auto ignored = std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit small{100, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  const std::string code = codeOf([&] {
    for (int step = 0; step < 3; ++step) file.addScalar("loss/total", step, 1);
  });
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, ignored);
  EXPECT_EQ(code, "file.unwritable");
}

TEST(Schedule, RisesThenFallsAsTheOriginalsDo) {
  const Schedule schedule{0.007, 1000, 10, 0.9};
  EXPECT_LT(schedule.rate(0), 0.001);
  for (int step = 1; step < 10; ++step) EXPECT_GT(schedule.rate(step), schedule.rate(step - 1));
  for (int step = 11; step < 1000; ++step) EXPECT_LT(schedule.rate(step), schedule.rate(step - 1));
  EXPECT_NEAR(schedule.rate(500), 0.007 * std::pow(1 - 500.0 / 1001, 0.9), 1e-12);
  EXPECT_GT(schedule.rate(999), 0);
}

}  // namespace
}  // namespace ocrdet
