// Whole runs of the trainer on a small made-up set: the fixture of tests that start the program.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/atomic_file.h"
#include "base/json.h"
#include "base/mapped_file.h"
#include "base/random.h"
#include "base/sha256.h"
#include "image/encode.h"
#include "support/formula_weights.h"
#include "tensor/safetensors.h"
#include "train/trainer_process.h"

namespace ocrdet::test {

namespace fs = std::filesystem;

// Lines of the log about epochs.
inline std::vector<Json> epochsOf(const fs::path& run) {
  std::ifstream log(run / "log.jsonl");
  std::vector<Json> epochs;
  for (std::string line; std::getline(log, line);)
    if (const Json record = Json::parse(line); record["kind"] == "epoch") epochs.push_back(record);
  return epochs;
}

inline std::vector<double> lossesOf(const fs::path& run) {
  std::vector<double> losses;
  for (const Json& epoch : epochsOf(run))
    if (epoch["epoch"] > 0) losses.push_back(epoch["loss"]);  // before the first one there is none
  return losses;
}

inline std::string textOf(const fs::path& path, std::size_t most = std::size_t{1} << 20) {
  std::ifstream file(path, std::ios::binary);
  std::string text(most, '\0');
  file.read(text.data(), std::streamsize(most));
  text.resize(std::size_t(file.gcount()));
  return text;
}

class Trainer : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(folder_);
    writeDataset(folder_ / "set");
  }
  void TearDown() override { fs::remove_all(folder_); }

  // Grey paper with dark striped bars, which look like lines of text from afar.
  static void writeDataset(const fs::path& folder, const std::string& text = "word") {
    Random random(17);
    for (const std::string part : {"train", "test"}) {
      fs::create_directories(folder / (part + "_images"));
      fs::create_directories(folder / (part + "_gts"));
      std::string list;
      for (int number = 0; number < (part == "train" ? 6 : 2); ++number) {
        Image image = makeImage(120, 160);
        std::fill(image.bgr.begin(), image.bgr.end(), std::uint8_t{220});
        std::string truth;
        for (const int top : {20, 70}) {
          const int left = 10 + int(random.below(40)), right = left + 60 + int(random.below(40)), bottom = top + 24;
          for (int y = top; y < bottom; ++y)
            for (int x = left; x < right; ++x)
              if (x / 3 % 2 == 0) std::fill_n(image.row(y) + 3 * x, 3, std::uint8_t{30});
          truth += std::to_string(left) + "," + std::to_string(top) + "," + std::to_string(right) + "," +
                   std::to_string(top) + "," + std::to_string(right) + "," + std::to_string(bottom) + "," +
                   std::to_string(left) + "," + std::to_string(bottom) + "," + text + "\n";
        }
        const std::string name = std::to_string(number);
        writeFileAtomically(folder / (part + "_images") / (name + ".png"), encodePng(image));
        writeFileAtomically(folder / (part + "_gts") / (name + ".txt"), truth);
        list += name + ".png\n";
      }
      writeFileAtomically(folder / (part + "_list.txt"), list);
    }
  }

  // Options in `more` come in place of those here.
  std::vector<std::string> arguments(const std::string& out, const std::vector<std::string>& more = {}) const {
    std::vector<std::string> all{(folder_ / "set").string(), "--no-export"};
    const std::pair<const char*, std::string> defaults[] = {{"--out", (folder_ / out).string()},
                                                            {"--size", "64"},
                                                            {"--batch", "2"},
                                                            {"--epochs", "3"},
                                                            {"--threads", "1"},
                                                            {"--workers", "1"}};
    for (const auto& [option, value] : defaults)
      if (std::find(more.begin(), more.end(), option) == more.end()) all.insert(all.end(), {option, value});
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  // What it prints goes to a file called `name`; paths in `words` are relative to the test's folder.
  TrainerProcess start(const std::vector<std::string>& words, const std::string& name = "words.txt") const {
    return {words, folder_ / name, folder_};
  }
  fs::path onlyRun(const std::string& out) const { return fs::directory_iterator(folder_ / out)->path(); }

  // A checkpoint whose last bias is `bias`: of a number so large the loss is infinite.
  fs::path weightsWithBias(float bias) const {
    std::vector<NamedTensor> tensors;
    for (const auto& [name, tensor] : test::formulaStateDict().tensors) tensors.push_back({name, tensor});
    for (NamedTensor& entry : tensors)
      if (entry.name == "decoder.binarize.6.bias") entry.tensor = makeTensor({1}, {bias});
    const fs::path file = folder_ / fmt::format("bias_{}.safetensors", bias);
    writeSafetensors(file, tensors, DType::kFloat32);
    return file;
  }
  static std::string weightsOf(const fs::path& run, const char* name = "last.safetensors") {
    return sha256(MappedFile::open(run / name)->bytes());
  }

  // A run that is killed four times, resumed each time, against one that never was.
  void expectTheSameAfterKills(const std::vector<std::string>& more) {
    ASSERT_EQ(start(arguments("whole", more)).wait(), 0);
    Random random{std::uint64_t(getpid())};
    std::vector<std::string> often = more;
    often.insert(often.end(), {"--save-minutes", "0.0001"});
    std::vector<std::string> words = arguments("killed", often);
    int kills = 0;
    for (int tries = 0; tries < 12; ++tries) {
      const TrainerProcess process = start(words);
      if (tries < 4) {
        std::this_thread::sleep_for(std::chrono::milliseconds(300 + random.below(1500)));
        process.signal(SIGKILL);
      }
      const int status = process.wait();
      if (status == 0) break;
      ASSERT_EQ(status, 128 + SIGKILL) << process.words();
      ++kills;
      const bool has_state = fs::exists(folder_ / "killed") && !fs::is_empty(folder_ / "killed") &&
                             fs::exists(onlyRun("killed") / "state.safetensors");
      if (!has_state) fs::remove_all(folder_ / "killed");
      words = has_state ? std::vector<std::string>{"--resume", onlyRun("killed").string(), "--save-minutes", "0.0001"}
                        : arguments("killed", often);
    }
    EXPECT_GT(kills, 0);
    const fs::path killed = onlyRun("killed"), whole = onlyRun("whole");
    EXPECT_EQ(weightsOf(killed), weightsOf(whole));
    EXPECT_EQ(weightsOf(killed, "best.safetensors"), weightsOf(whole, "best.safetensors"));
    EXPECT_EQ(lossesOf(killed), lossesOf(whole));
    for (const auto& entry : fs::recursive_directory_iterator(killed))
      EXPECT_EQ(entry.path().filename().string().find(".tmp-"), std::string::npos) << entry.path();
  }
  static void waitForLines(const fs::path& runs, int count) {
    for (int i = 0; i < 3000; ++i) {
      std::error_code none;
      for (const auto& run : fs::directory_iterator(runs, none)) {
        std::ifstream log(run.path() / "log.jsonl");
        const std::string text{std::istreambuf_iterator<char>(log), {}};
        if (std::count(text.begin(), text.end(), '\n') >= count) return;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    FAIL() << "no " << count << " lines of a log within 30 s";
  }

  const fs::path folder_ = fs::path(testing::TempDir()) / ("trainer_" + std::to_string(getpid()));
};

}  // namespace ocrdet::test
