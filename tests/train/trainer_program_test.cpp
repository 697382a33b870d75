// The trainer as users run it: whole runs, stopped, killed and resumed ones, and what it says when something is wrong.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <sys/socket.h>
#include <torch/version.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "base/atomic_file.h"
#include "base/json.h"
#include "base/mapped_file.h"
#include "base/sha256.h"
#include "cli/program.h"
#include "image/encode.h"
#include "model/state_dict.h"
#include "support/formula_checkpoint.h"
#include "support/formula_weights.h"
#include "tensor/safetensors.h"
#include "train/random.h"
#include "train/trainer_process.h"
#include "train/training_state.h"

namespace ocrdet {
namespace {

namespace fs = std::filesystem;
using test::TrainerProcess;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// Lines of the log about epochs.
std::vector<Json> epochsOf(const fs::path& run) {
  std::ifstream log(run / "log.jsonl");
  std::vector<Json> epochs;
  for (std::string line; std::getline(log, line);)
    if (const Json record = Json::parse(line); record["kind"] == "epoch") epochs.push_back(record);
  return epochs;
}

std::vector<double> lossesOf(const fs::path& run) {
  std::vector<double> losses;
  for (const Json& epoch : epochsOf(run)) losses.push_back(epoch["loss"]);
  return losses;
}

std::string textOf(const fs::path& path, std::size_t most = std::size_t{1} << 20) {
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

  // A checkpoint with one weight that is no number, as a training run that went wrong leaves it.
  fs::path sickWeights() const {
    std::vector<NamedTensor> tensors;
    for (const auto& [name, tensor] : test::formulaStateDict().tensors) tensors.push_back({name, tensor});
    for (NamedTensor& entry : tensors)
      if (entry.name == "decoder.binarize.6.bias") entry.tensor = makeTensor({1}, {std::nanf("")});
    writeSafetensors(folder_ / "sick.safetensors", tensors, DType::kFloat32);
    return folder_ / "sick.safetensors";
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

TEST_F(Trainer, LeavesARunFolderWithWeightsAndLogs) {
  const TrainerProcess process =
      start(arguments("runs", {"--validation", (folder_ / "set").string(), "--json", "--save-minutes", "0.0001"}));
  ASSERT_EQ(process.wait(), 0) << process.words();
  const fs::path run = onlyRun("runs");
  for (const char* name : {"config.toml", "log.csv", "log.jsonl", "curves.png", "best.safetensors", "last.safetensors",
                           "state.safetensors", "samples/epoch_0003.jpg"})
    EXPECT_TRUE(fs::exists(run / name)) << name;
  const std::string words = process.words();
  EXPECT_THAT(words, HasSubstr("Before the first epoch: hmean 0."));
  const Json result = Json::parse(words.substr(words.find("\n{")));
  EXPECT_EQ(result["epochs"], 3);
  EXPECT_LT(result["waiting_share"], 1);
  EXPECT_EQ(result["libtorch"], TORCH_VERSION);
  const StateDict weights = loadStateDict(run / "last.safetensors");
  EXPECT_TRUE(weights.has_threshold_head);
  for (const auto& entry : fs::recursive_directory_iterator(run))
    EXPECT_EQ(entry.path().filename().string().find(".tmp-"), std::string::npos) << entry.path();
}

TEST_F(Trainer, LearnsWhatItSees) {
  const TrainerProcess process = start(arguments("runs", {"--epochs", "12", "--colour", "0", "--rate", "0.02"}));
  ASSERT_EQ(process.wait(), 0) << process.words();
  const std::vector<double> losses = lossesOf(onlyRun("runs"));
  ASSERT_EQ(losses.size(), 12U);
  EXPECT_LT(losses.back(), 0.75 * losses.front());
}

TEST_F(Trainer, ResumesBitForBitAfterCtrlC) {
  ASSERT_EQ(start(arguments("whole")).wait(), 0);
  const TrainerProcess stopped = start(arguments("stopped"));
  waitForLines(folder_ / "stopped", 4);  // three steps and the end of the first epoch
  stopped.signal(SIGINT);
  const int status = stopped.wait();
  const fs::path run = onlyRun("stopped");
  if (status != 0) {  // not finished before the signal came
    ASSERT_EQ(status, 130) << stopped.words();
    EXPECT_THAT(stopped.words(), HasSubstr("--resume " + run.string()));
    EXPECT_GE(readState(run / "state.safetensors").standing.step, 3);
    ASSERT_EQ(start({"--resume", run.string()}).wait(), 0);
  }
  EXPECT_EQ(weightsOf(run), weightsOf(onlyRun("whole")));
}

TEST_F(Trainer, ResumesToTheSameWeightsAfterKillsAtAnyMoment) {
  expectTheSameAfterKills({});
}

// What a state must carry beyond weights and momentum: AdamW's two memories, sizes of batches, epochs without gain.
TEST_F(Trainer, ResumesToTheSameWeightsWithAllThatAStateMayHold) {
  expectTheSameAfterKills({"--optimizer", "adamw", "--rate", "0.001", "--scales", "1,1.5", "--freeze", "backbone",
                           "--patience", "2", "--validation", (folder_ / "set").string()});
}

TEST_F(Trainer, ResumesWithTheValidationInWhichItWasKilled) {
  const std::string set = (folder_ / "set").string();
  const std::vector<std::string> more{"--validation", set, "--validation", set, "--epochs", "1"};
  ASSERT_EQ(start(arguments("whole", more)).wait(), 0);
  const TrainerProcess process = start(arguments("killed", more));
  const auto standsAtTheEnd = [&] {
    std::error_code none;
    for (const auto& run : fs::directory_iterator(folder_ / "killed", none))
      if (textOf(run.path() / "state.safetensors", 65536).find("\\\"step\\\":3") != std::string::npos) return true;
    return false;
  };
  for (int i = 0; i < 6000 && !standsAtTheEnd(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  process.signal(SIGKILL);
  ASSERT_EQ(process.wait(), 128 + SIGKILL) << "validated faster than it could be killed";
  const fs::path run = onlyRun("killed");
  ASSERT_TRUE(epochsOf(run).empty());

  const TrainerProcess resumed = start({"--resume", run.string()});
  ASSERT_EQ(resumed.wait(), 0) << resumed.words();
  EXPECT_THAT(resumed.words(), HasSubstr("Resuming at step 3, after 0 epochs."));
  ASSERT_EQ(epochsOf(run).size(), 1U);
  const Json found = epochsOf(run).front(), expected = epochsOf(onlyRun("whole")).front();
  for (const char* field : {"step", "loss", "hmean", "precision", "recall"}) EXPECT_EQ(found[field], expected[field]);
  EXPECT_GT(found["seconds"], 0) << "of the steps, which another process did";
  EXPECT_EQ(weightsOf(run), weightsOf(onlyRun("whole")));

  ASSERT_EQ(start({"--resume", run.string(), "--epochs", "2"}).wait(), 0);
  EXPECT_EQ(epochsOf(run).size(), 2U);
  EXPECT_THAT(textOf(run / "config.toml"), HasSubstr("epochs = 2\n"));
}

TEST_F(Trainer, WarnsOfValidationPicturesThatAreLearntOrCannotBeRead) {
  fs::create_directories(folder_ / "flat");
  fs::copy(folder_ / "set" / "train_images", folder_ / "flat" / "images");
  fs::copy(folder_ / "set" / "train_gts", folder_ / "flat" / "gts");
  writeFileAtomically(folder_ / "set" / "test_images" / "1.png", "no picture");
  const std::string flat = (folder_ / "flat").string();
  const TrainerProcess process = start(arguments(
      "runs", {"--dataset", flat, "--validation", flat, "--validation", (folder_ / "set").string(), "--epochs", "1"}));
  ASSERT_EQ(process.wait(), 0) << process.words();
  const std::string words = process.words();
  EXPECT_THAT(words, HasSubstr(flat + ": 6 of 6 validation pictures are learnt from"));
  EXPECT_THAT(words, Not(HasSubstr("of 2 validation pictures are learnt from")));
  const std::size_t named = words.find("set/test_images/1.png");
  ASSERT_NE(named, std::string::npos) << words;
  EXPECT_EQ(words.find("set/test_images/1.png", named + 1), std::string::npos) << "said once:\n" << words;
}

TEST_F(Trainer, GoesOnFromAnotherFolder) {
  fs::create_directories(folder_ / "elsewhere");
  ASSERT_EQ(start({"set@2", "set", "--validation", "set", "--out", "runs", "--size", "64", "--batch", "2", "--epochs",
                   "1", "--optimizer", "adamw", "--no-export"})
                .wait(),
            0);
  const std::string run = onlyRun("runs").string();
  std::ifstream file(run + "/config.toml");
  const std::string configuration{std::istreambuf_iterator<char>(file), {}};
  EXPECT_THAT(configuration, HasSubstr("\nrate = 0.001\n")) << "AdamW's";
  EXPECT_THAT(configuration, HasSubstr("\nout = \"" + (folder_ / "runs").string() + "\"\n"));
  const TrainerProcess process({"--resume", run, "--epochs", "2"}, folder_ / "resumed.txt", folder_ / "elsewhere");
  EXPECT_EQ(process.wait(), 0) << process.words();
  EXPECT_EQ(lossesOf(run).size(), 2U);
}

TEST_F(Trainer, RefusesADamagedState) {
  ASSERT_EQ(start(arguments("runs", {"--epochs", "1"})).wait(), 0);
  const fs::path state = onlyRun("runs") / "state.safetensors";
  std::fstream file(state, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(std::streamoff(fs::file_size(state) / 2));
  file.put('\x55').put('\x55').put('\x55').put('\x55');
  file.close();
  const TrainerProcess process = start({"--resume", onlyRun("runs").string()});
  EXPECT_EQ(process.wait(), 3);
  EXPECT_THAT(process.words(), HasSubstr("train.state-damaged"));
}

TEST_F(Trainer, RefusesToResumeWithAnotherBatchOrOptimizer) {
  ASSERT_EQ(start(arguments("runs", {"--epochs", "1"})).wait(), 0);
  const std::string run = onlyRun("runs").string();
  const std::vector<std::vector<std::string>> kOthers = {
      {"--batch", "3"}, {"--optimizer", "adamw"}, {"--freeze", "backbone"}, {"--average", "0"}};
  for (std::vector<std::string> words : kOthers) {
    words.insert(words.end(), {"--resume", run, "--epochs", "2"});
    const TrainerProcess process = start(words);
    EXPECT_EQ(process.wait(), 3) << words.front();
    EXPECT_THAT(process.words(), HasSubstr("train.resume-differs")) << words.front();
  }
}

TEST_F(Trainer, LearnsFromATeacherWithoutGroundTruth) {
  const fs::path teacher = folder_ / "teacher.onnx";
  const test::ProgramResult exported = test::runProgram("export '" + test::formulaCheckpoint("formula.pt").string() +
                                                        "' --dynamic --no-verify -o '" + teacher.string() + "'");
  ASSERT_EQ(exported.status, 0) << exported.err;
  const TrainerProcess process =
      start({"--unlabelled", (folder_ / "set" / "train_images").string(), "--teacher", teacher.string(), "--out",
             (folder_ / "taught").string(), "--size", "64", "--batch", "2", "--epochs", "2", "--no-export"});
  ASSERT_EQ(process.wait(), 0) << process.words();
  const std::vector<double> losses = lossesOf(onlyRun("taught"));
  ASSERT_EQ(losses.size(), 2U);
  EXPECT_LT(losses[1], losses[0]);
}

TEST_F(Trainer, EndsInAVerifiedOnnxFile) {
  std::vector<std::string> words = arguments("runs", {"--epochs", "1"});
  std::erase(words, "--no-export");
  const TrainerProcess process = start(words);
  ASSERT_EQ(process.wait(), 0) << process.words();
  const fs::path model = onlyRun("runs") / "best.onnx";
  const test::ProgramResult verified = test::runProgram("verify '" + model.string() + "' --against '" +
                                                        (onlyRun("runs") / "best.safetensors").string() + "'");
  EXPECT_EQ(verified.status, 0) << verified.out << verified.err;
}

struct RefusedCase {
  const char* name;
  std::vector<std::string> more;
  int status;
  const char* words;
};

TEST_F(Trainer, ExplainsWhatCannotWork) {
  writeDataset(folder_ / "ignored", "###");
  const RefusedCase cases[] = {
      {"all ignored", {"--dataset", (folder_ / "ignored").string()}, 3, "train.all-ignored"},
      {"nothing to validate",
       {"--dataset", (folder_ / "set").string(), "--validation", (folder_ / "ignored").string()},
       3,
       "2 pictures with 4 texts"},
      {"no such set", {"--dataset", (folder_ / "nowhere").string()}, 3, "file.missing"},
      {"no such weights", {"--dataset", (folder_ / "set").string(), "--init", "nowhere.pt"}, 3, "file.missing"},
      {"odd size", {"--dataset", (folder_ / "set").string(), "--size", "650"}, 2, "--size 650 is not a multiple of 32"},
      {"huge batch",
       {"--dataset", (folder_ / "set").string(), "--size", "2048", "--batch", "512", "--device", "cpu"},
       4,
       "train.out-of-memory"},
      {"nothing", {}, 2, "No data set was given."},
      {"unlabelled alone", {"--unlabelled", (folder_ / "set").string()}, 2, "without --teacher"},
      {"no such run", {"--resume", (folder_ / "nowhere").string()}, 3, "file.missing"},
      {"rate", {"--dataset", (folder_ / "set").string(), "--rate", "1000"}, 2, "--rate 1000 is out of range"},
      {"no number",
       {"--dataset", (folder_ / "set").string(), "--init", sickWeights().string(), "--size", "64", "--batch", "2"},
       1,
       "train.not-finite"},
  };
  for (const RefusedCase& one : cases) {
    std::vector<std::string> words = one.more;
    words.insert(words.end(), {"--out", (folder_ / "refused").string(), "--no-export"});
    const TrainerProcess process = start(words);
    EXPECT_EQ(process.wait(), one.status) << one.name << "\n" << process.words();
    EXPECT_THAT(process.words(), HasSubstr(one.words)) << one.name;
  }
}

// Several trainers as one: started by `--processes` or by hand, stopped, killed, and at odds with each other.

using Words = std::vector<std::string>;

// A port that nobody listens on at this moment.
int freePort() {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  EXPECT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
  close(listener);
  return ntohs(address.sin_port);
}

// Children of a process, by /proc.
std::vector<pid_t> childrenOf(pid_t parent) {
  std::vector<pid_t> children;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    if (std::atoi(entry.path().filename().c_str()) == 0) continue;
    std::ifstream stat(entry.path() / "stat");
    std::string text{std::istreambuf_iterator<char>(stat), {}};
    const std::size_t name_end = text.rfind(')');
    if (name_end == std::string::npos) continue;
    char state = 0;
    int found_parent = 0;
    if (std::sscanf(text.c_str() + name_end + 1, " %c %d", &state, &found_parent) == 2 && found_parent == parent)
      children.push_back(std::atoi(entry.path().filename().c_str()));
  }
  return children;
}

class TrainerProcesses : public Trainer {
 protected:
  void SetUp() override {
    Trainer::SetUp();
    fs::create_directories(temporary_);
    setenv("TMPDIR", temporary_.c_str(), 1);
  }
  void TearDown() override {
    unsetenv("TMPDIR");
    Trainer::TearDown();
  }

  Words shared(const std::string& out, const Words& more = {}) const {
    Words all{"--batch", "4", "--precision", "fp32", "--processes", "2"};
    all.insert(all.end(), more.begin(), more.end());
    return arguments(out, all);
  }
  TrainerProcess byHand(int number, const std::string& out, const Words& more) const {
    Words all{"--process", std::to_string(number)};
    all.insert(all.end(), more.begin(), more.end());
    return start(shared(out, all), "process" + std::to_string(number) + ".txt");
  }
  // No process of the group, and nothing in the folder for temporary files.
  void expectNothingLeft(const TrainerProcess& process) const {
    EXPECT_FALSE(process.groupLives());
    for (const auto& left : fs::directory_iterator(temporary_)) ADD_FAILURE() << left << " was left";
  }
  std::string meetingFile() const { return (folder_ / "meeting").string(); }

  const fs::path temporary_ = folder_ / "temporary";
};

double secondsSince(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

TEST_F(TrainerProcesses, LearnsInTwoProcessesAsInOne) {
  ASSERT_EQ(start(arguments("one", {"--batch", "4", "--precision", "fp32", "--epochs", "4"})).wait(), 0);
  const TrainerProcess two = start(shared("two", {"--epochs", "4"}));
  ASSERT_EQ(two.wait(), 0) << two.words();
  expectNothingLeft(two);
  const std::vector<double> alone = lossesOf(onlyRun("one")), together = lossesOf(onlyRun("two"));
  ASSERT_EQ(alone.size(), 4U);
  ASSERT_EQ(together.size(), 4U);
  for (std::size_t i = 0; i < alone.size(); ++i) EXPECT_NEAR(together[i], alone[i], 0.02 * alone[i]) << "epoch " << i;
}

TEST_F(TrainerProcesses, MeetOverTcpWhenStartedByHand) {
  const std::string place = "127.0.0.1:" + std::to_string(freePort());
  const TrainerProcess first = byHand(0, "runs", {"--rendezvous", place});
  const TrainerProcess second = byHand(1, "none", {"--rendezvous", place, "--workers", "2"});
  EXPECT_EQ(first.wait(), 0) << first.words();
  EXPECT_EQ(second.wait(), 0) << second.words();
  EXPECT_EQ(lossesOf(onlyRun("runs")).size(), 3U);
  EXPECT_FALSE(fs::exists(folder_ / "none")) << "the first alone writes";
}

struct DifferentCase {
  const char* name;
  Words first, second;
  const char* words;
};

TEST_F(TrainerProcesses, RefuseToTrainDifferentThings) {
  writeDataset(folder_ / "other", "###");
  fs::copy(folder_ / "set", folder_ / "smaller", fs::copy_options::recursive);
  std::ofstream(folder_ / "smaller" / "train_list.txt") << "0.png\n1.png\n2.png\n3.png\n";
  const DifferentCase cases[] = {
      {"rate", {}, {"--rate", "0.01"}, "process 0 has `rate = 0.007`, process 1 has `rate = 0.01`"},
      {"seed", {}, {"--seed", "2"}, "`seed = 1`"},
      {"pictures", {"--dataset", "set"}, {"--dataset", "smaller"}, "pictures of source 2"},
      {"weights", {}, {"--init", sickWeights().string()}, "hash of the weights"},
  };
  for (const DifferentCase& one : cases) {
    fs::remove(meetingFile());
    const auto with = [&](Words words) {
      words.insert(words.end(), {"--rendezvous", meetingFile()});
      return words;
    };
    const TrainerProcess first = byHand(0, "runs", with(one.first)), second = byHand(1, "none", with(one.second));
    EXPECT_EQ(first.wait(), 4) << one.name;
    EXPECT_EQ(second.wait(), 4) << one.name;
    for (const TrainerProcess* process : {&first, &second})
      EXPECT_THAT(process->words(),
                  AllOf(HasSubstr("train.processes-failed"), HasSubstr("The processes differ"), HasSubstr(one.words)))
          << one.name;
  }
}

TEST_F(TrainerProcesses, EndSoonAfterOneIsKilledAndGoOnToTheSameWeights) {
  ASSERT_EQ(start(shared("whole", {"--epochs", "6"})).wait(), 0);
  const TrainerProcess first = byHand(0, "runs", {"--epochs", "6", "--rendezvous", meetingFile()});
  const TrainerProcess second = byHand(1, "none", {"--epochs", "6", "--rendezvous", meetingFile()});
  waitForLines(folder_ / "runs", 2);
  second.signal(SIGKILL);
  const auto killed = std::chrono::steady_clock::now();
  EXPECT_EQ(second.wait(), 128 + SIGKILL) << "it had finished before: more epochs are needed";
  ASSERT_EQ(first.wait(), 4) << first.words();
  EXPECT_LT(secondsSince(killed), 20);
  const fs::path run = onlyRun("runs");
  const auto step = readState(run / "state.safetensors").standing.step;
  EXPECT_GE(step, 1);
  EXPECT_THAT(first.words(), AllOf(HasSubstr("train.processes-failed"), HasSubstr("Process 0 of 2 lost the others"),
                                   HasSubstr("The state at step " + std::to_string(step) + " is saved."),
                                   HasSubstr("--resume " + run.string())));
  const TrainerProcess resumed = start({"--resume", run.string(), "--processes", "2"});
  ASSERT_EQ(resumed.wait(), 0) << resumed.words();
  EXPECT_EQ(weightsOf(run), weightsOf(onlyRun("whole")));
}

TEST_F(TrainerProcesses, EndSoonAfterTheFirstIsKilled) {
  const TrainerProcess first = byHand(0, "runs", {"--epochs", "100", "--rendezvous", meetingFile()});
  const TrainerProcess second = byHand(1, "none", {"--epochs", "100", "--rendezvous", meetingFile()});
  waitForLines(folder_ / "runs", 2);
  first.signal(SIGKILL);
  EXPECT_EQ(first.wait(), 128 + SIGKILL);
  EXPECT_EQ(second.wait(), 4) << second.words();
  EXPECT_THAT(second.words(), HasSubstr("Process 1 of 2 lost the others"));
}

TEST_F(TrainerProcesses, SayWhatBecameOfTheOneThatDied) {
  const TrainerProcess first = start(shared("runs", {"--epochs", "100"}));
  waitForLines(folder_ / "runs", 2);
  const std::vector<pid_t> children = childrenOf(first.id());
  ASSERT_EQ(children.size(), 1U);
  kill(children.front(), SIGKILL);
  EXPECT_EQ(first.wait(), 4);
  EXPECT_THAT(first.words(), AllOf(HasSubstr("Process 1 of 2 was ended by signal 9"), HasSubstr("is saved")));
  expectNothingLeft(first);
}

struct StopCase {
  const char* name;
  int signal;
  bool whole_group;  // as Ctrl-C in a terminal does
};

TEST_F(TrainerProcesses, StopTogetherAndSpeakOnce) {
  for (const StopCase& one : {StopCase{"interrupted", SIGINT, true}, StopCase{"terminated", SIGTERM, false}}) {
    const TrainerProcess first = start(shared(one.name, {"--epochs", "100"}));
    waitForLines(folder_ / one.name, 2);
    one.whole_group ? first.signalGroup(one.signal) : first.signal(one.signal);
    EXPECT_EQ(first.wait(), 130) << first.words();
    const std::string words = first.words();
    const std::string error = "error run.interrupted: Stopped at step";
    ASSERT_THAT(words, HasSubstr(error));
    EXPECT_EQ(words.find(error), words.rfind("error")) << words;
    EXPECT_GE(readState(onlyRun(one.name) / "state.safetensors").standing.step, 1);
    expectNothingLeft(first);
  }
}

// The second Ctrl-C ends everything on the spot, but not without tidying up.
TEST_F(TrainerProcesses, LeaveNothingAfterTheSecondCtrlC) {
  const TrainerProcess first = start(shared("runs", {"--epochs", "100"}));
  waitForLines(folder_ / "runs", 2);
  kill(first.id(), SIGSTOP);  // so that both signals are seen before it can end by itself
  first.signal(SIGINT);
  first.signal(SIGTERM);
  kill(first.id(), SIGCONT);
  EXPECT_EQ(first.wait(), 130);
  for (int i = 0; i < 500 && first.groupLives(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  expectNothingLeft(first);
}

}  // namespace
}  // namespace ocrdet
