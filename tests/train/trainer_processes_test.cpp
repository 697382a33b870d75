// Several trainers as one: started by `--processes` or by hand, stopped, killed, and at odds with each other.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <sys/socket.h>

#include <cstdio>
#include <cstdlib>

#include "train/trainer_runs.h"
#include "train/training_state.h"

namespace ocrdet {
namespace {

namespace fs = std::filesystem;
using test::lossesOf;
using test::Trainer;
using test::TrainerProcess;
using testing::AllOf;
using testing::HasSubstr;

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

  Words shared(const std::string& out, const Words& more = {}, int processes = 2) const {
    Words all{"--batch", "4", "--precision", "fp32", "--processes", std::to_string(processes)};
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

// From weights that know text: random ones follow rounding so far that one process with two threads is not like itself
// with one, either (8 % in four epochs).
TEST_F(TrainerProcesses, LearnsInTwoProcessesAsInOne) {
  const std::string line_model = std::string(OCRDET_SOURCE_DIR) + "/models/ocrdet-line.safetensors";
  const Words more{"--epochs", "4", "--init", line_model, "--keep-initial", "0"};
  ASSERT_EQ(start(shared("one", more, 1)).wait(), 0);
  const TrainerProcess two = start(shared("two", more));
  ASSERT_EQ(two.wait(), 0) << two.words();
  expectNothingLeft(two);
  const std::vector<double> alone = lossesOf(onlyRun("one")), together = lossesOf(onlyRun("two"));
  ASSERT_EQ(alone.size(), 4U);
  ASSERT_EQ(together.size(), 4U);
  for (std::size_t i = 0; i < alone.size(); ++i) EXPECT_NEAR(together[i], alone[i], 0.002 * alone[i]) << "epoch " << i;
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
      {"weights", {}, {"--init", weightsWithBias(3).string(), "--keep-initial", "0"}, "hash of the weights"},
      {"kept weights",
       {},
       {"--keep-initial", "0.5"},
       "process 0 has `keep-initial = 0`, process 1 has `keep-initial = 0.5`"},
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
    EXPECT_FALSE(fs::exists(folder_ / "runs")) << one.name;
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
  first.signal(SIGINT);
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  kill(first.id(), SIGSTOP);  // so that it cannot end by itself before the second comes
  std::this_thread::sleep_for(std::chrono::milliseconds(600));
  first.signal(SIGTERM);
  kill(first.id(), SIGCONT);
  EXPECT_EQ(first.wait(), 130);
  for (int i = 0; i < 500 && first.groupLives(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  expectNothingLeft(first);
}

}  // namespace
}  // namespace ocrdet
