// Children of the trainer: started, silent, blamed, and never left behind.
#include "cli/trainer/other_processes.h"

#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "base/processors.h"
#include "cli/program.h"

namespace ocrdet::cli {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

class OtherProcessesTest : public testing::Test {
 protected:
  void SetUp() override { setenv("TMPDIR", folder_.path().c_str(), 1); }
  void TearDown() override { unsetenv("TMPDIR"); }

  // The id of a child, as it wrote it; for work that does not end by itself.
  void noteId(int number) const {
    const fs::path note = folder_.path() / ("id" + std::to_string(number));
    std::ofstream(note.string() + ".new") << getpid();
    fs::rename(note.string() + ".new", note);
  }
  pid_t idOf(int number) const {
    const fs::path note = folder_.path() / ("id" + std::to_string(number));
    for (int i = 0; i < 1000 && !fs::exists(note); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    pid_t id = 0;
    std::ifstream(note) >> id;
    return id;
  }
  static bool lives(pid_t id) { return id > 0 && kill(id, 0) == 0; }

  const test::ScratchFolder folder_;
};

TEST_F(OtherProcessesTest, WorkUnderTheirNumbersAndEnd) {
  fs::path meeting;
  {
    OtherProcesses others(4, [&](int number, const fs::path& place) {
      std::ofstream(folder_ / ("made" + std::to_string(number))) << place.string();
    });
    meeting = others.meeting();
    EXPECT_FALSE(fs::exists(meeting));
    EXPECT_TRUE(fs::exists(meeting.parent_path()));
    EXPECT_FALSE(others.failure(60));
  }
  for (const char* number : {"1", "2", "3"}) {
    std::string place;
    std::ifstream(folder_ / ("made" + std::string(number))) >> place;
    EXPECT_EQ(place, meeting) << number;
  }
  EXPECT_FALSE(fs::exists(meeting.parent_path()));
}

TEST_F(OtherProcessesTest, MeetInAFolderThatNobodyElseCanRead) {
  const OtherProcesses others(1, [](int, const fs::path&) {});
  EXPECT_EQ(fs::status(others.meeting().parent_path()).permissions(), fs::perms::owner_all);
}

TEST_F(OtherProcessesTest, AreSilentUntilOneFails) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  std::optional<Problem> problem;
  {
    OtherProcesses others(2, [](int, const fs::path&) {
      for (int line = 1; line <= 30; ++line) std::printf("line %d\n", line);
      throw Error({&codes::kFileMissing, "There is no such set.", "Name another."});
    });
    problem = others.failure(60);
  }
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  ASSERT_TRUE(problem);
  EXPECT_STREQ(problem->code->name, "train.processes-failed");
  EXPECT_EQ(problem->message, "Process 1 of 2 ended with status 3.");
  EXPECT_THAT(problem->cause, AllOf(HasSubstr("line 30"), testing::Not(HasSubstr("line 10\n"))));
}

TEST_F(OtherProcessesTest, BlameTheOneThatFailedByItself) {
  OtherProcesses others(3, [](int number, const fs::path&) {
    if (number == 1) throw Error({&codes::kTrainProcessesFailed, "Lost the others.", "Start again."});
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    throw Error({&codes::kTrainOutOfMemory, "A batch does not fit.", "Use a smaller one."});
  });
  const auto problem = others.failure(60);
  ASSERT_TRUE(problem);
  EXPECT_EQ(problem->message, "Process 2 of 3 ended with status 4.");
  EXPECT_THAT(problem->cause, HasSubstr("train.out-of-memory"));
}

TEST_F(OtherProcessesTest, BlameOneThatLostTheOthersWhenNobodyElseFailed) {
  OtherProcesses others(2, [](int, const fs::path&) {
    throw Error({&codes::kTrainProcessesFailed, "Lost the others.", "Start again."});
  });
  const auto problem = others.failure(60);
  ASSERT_TRUE(problem);
  EXPECT_THAT(problem->cause, HasSubstr("Lost the others."));
}

TEST_F(OtherProcessesTest, NameTheSignalThatEndedOne) {
  OtherProcesses others(2, [](int, const fs::path&) { raise(SIGKILL); });
  const auto problem = others.failure(60);
  ASSERT_TRUE(problem);
  EXPECT_EQ(problem->message, "Process 1 of 2 was ended by signal 9 (Killed).");
  EXPECT_THAT(problem->advice, HasSubstr("memory"));
}

TEST_F(OtherProcessesTest, EndWithTheirOwner) {
  pid_t ids[2] = {};
  try {
    const OtherProcesses others(3, [&](int number, const fs::path&) {
      noteId(number);
      while (true) pause();
    });
    ids[0] = idOf(1), ids[1] = idOf(2);
    EXPECT_TRUE(lives(ids[0]) && lives(ids[1]));
    throw std::runtime_error("the first failed");
  } catch (const std::runtime_error&) {
  }
  for (const pid_t id : ids) EXPECT_FALSE(lives(id));  // not even as a zombie
  for (const auto& entry : fs::directory_iterator(folder_.path()))
    EXPECT_FALSE(entry.path().filename().string().starts_with("ocrdet-train-")) << entry.path();
}

TEST_F(OtherProcessesTest, EndWhenTheirOwnerIsKilled) {
  const pid_t owner = fork();
  if (owner == 0) {
    const OtherProcesses others(2, [&](int number, const fs::path&) {
      noteId(number);
      while (true) pause();
    });
    while (true) pause();
  }
  const pid_t child = idOf(1);
  ASSERT_TRUE(lives(child));
  kill(owner, SIGKILL);
  waitpid(owner, nullptr, 0);
  // A killed orphan stays visible until whoever inherits it has waited.
  for (int i = 0; i < 500 && lives(child); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  std::ifstream stat("/proc/" + std::to_string(child) + "/stat");
  std::string id, name, state = "gone";
  stat >> id >> name >> state;
  EXPECT_TRUE(state == "gone" || state == "Z" || state == "X") << state;
}

// In a process of its own, as somebody who may start no more of them.
TEST_F(OtherProcessesTest, SayThatOneCouldNotBeStarted) {
  fs::permissions(folder_.path(), fs::perms::all);
  const fs::path words = folder_.path() / "words";
  const pid_t poor = fork();
  if (poor == 0) {
    if (std::freopen(words.c_str(), "w", stdout) == nullptr) _exit(2);
    if (geteuid() == 0 && setresuid(65534, 65534, 65534) != 0) _exit(3);
    const rlimit none{0, 0};
    setrlimit(RLIMIT_NPROC, &none);
    try {
      const OtherProcesses others(2, [](int, const fs::path&) {});
    } catch (const Error& error) {
      std::puts(error.what());
      std::puts(error.problems().front().cause.c_str());
    }
    std::fflush(stdout);
    _exit(0);
  }
  int status = 0;
  waitpid(poor, &status, 0);
  ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  std::ifstream file(words);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  EXPECT_THAT(text, AllOf(HasSubstr("train.processes-failed: Process 1 of 2 could not be started."),
                          HasSubstr("Resource temporarily unavailable")));
}

TEST(ThreadsOfEach, AreAnEvenPart) {
  EXPECT_EQ(threadsOfEach(8, 2), 4);
  EXPECT_EQ(threadsOfEach(7, 2), 3);
  EXPECT_EQ(threadsOfEach(1, 4), 1);
  EXPECT_EQ(threadsOfEach(0, 1), usableProcessors());
  EXPECT_EQ(threadsOfEach(0, 1000), 1);
}

}  // namespace
}  // namespace ocrdet::cli
