// `ocrdet detect --resume`: runs that were really interrupted and really killed, and what may not be continued.

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fcntl.h>

#include <chrono>
#include <map>
#include <nlohmann/json.hpp>
#include <thread>

#include "cli/program.h"
#include "cli/small_set.h"
#include "support/file_text.h"

namespace ocrdet::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::HasSubstr;

// Content of every file below a folder; of JSON files without what a clock says.
std::map<std::string, std::string> contentOf(const fs::path& folder) {
  std::map<std::string, std::string> content;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file() || entry.path().filename() == "run.json") continue;
    std::string text = readText(entry.path());
    if (entry.path().extension() == ".json") {
      json document = json::parse(text);
      document.erase("timings_ms");
      document.erase("inference_time");
      text = document.dump();
    }
    content[entry.path().lexically_relative(folder).string()] = text;
  }
  return content;
}

class Resume : public ::testing::Test {
 protected:
  Resume() : model_(writeModel(folder_ / "model.onnx")) {}

  void makePictures(int count) const {
    for (int i = 0; i < count; ++i)
      writePng(folder_ / ("scans/" + std::to_string(1000 + i) + ".png"),
               pictureWith(300, 400, {{20 + i % 50, 40, 120, 30}, {30, 120 + i % 40, 200, 40}}));
  }
  std::string arguments(const std::string& out) const {
    return (folder_ / "scans") + " --model " + model_ + " --threads 2 --out " + (folder_ / out) + " --icdar " +
           (folder_ / (out + "-icdar"));
  }
  ProgramResult detect(const std::string& out, const std::string& more = "") const {
    return runProgram("detect " + arguments(out) + " " + more);
  }
  std::vector<fs::path> runs(const std::string& out) const {
    std::vector<fs::path> found;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder_ / out))
      if (fs::exists(entry.path() / "run.json")) found.push_back(entry.path());
    std::sort(found.begin(), found.end());
    return found;
  }
  std::size_t finishedIn(const std::string& out) const {
    if (!fs::exists(folder_ / out) || runs(out).empty()) return 0;
    const fs::path json_folder = runs(out).front() / "json";
    if (!fs::exists(json_folder)) return 0;
    std::size_t count = 0;
    for (const fs::directory_entry& entry : fs::directory_iterator(json_folder))
      count += entry.path().extension() == ".json";
    return count;
  }
  // Starts a run, and sends the signal as soon as `after` images are done. Returns what waitpid says.
  int interrupt(const std::string& out, int signal, std::size_t after) const {
    const std::string command =
        "exec '" OCRDET_PROGRAM "' detect " + arguments(out) + " 2>'" + (folder_ / "err") + "' >&2";
    const pid_t child = fork();
    if (child == 0) {
      execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
      _exit(127);
    }
    for (int i = 0; i < 30'000 && finishedIn(out) < after; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    kill(child, signal);
    int status = 0;
    waitpid(child, &status, 0);
    return status;
  }
  static json recordOf(const fs::path& run) { return json::parse(readText(run / "run.json")); }

  ScratchFolder folder_;
  std::string model_;
};

TEST_F(Resume, AfterCtrlCAndAfterAKillGivesWhatAnUninterruptedRunGives) {
  constexpr std::size_t kCount = 120;
  makePictures(kCount);
  ASSERT_EQ(detect("whole").status, 0);
  for (const int signal : {SIGINT, SIGKILL}) {
    const std::string out = signal == SIGINT ? "stopped" : "killed";
    const int status = interrupt(out, signal, 15);
    if (signal == SIGINT) {
      EXPECT_EQ(WEXITSTATUS(status), 130);
      EXPECT_THAT(readText(folder_ / "err"), HasSubstr("--resume"));
    } else {
      EXPECT_EQ(WTERMSIG(status), SIGKILL);
    }
    const std::size_t finished = finishedIn(out);
    ASSERT_GE(finished, 15U);
    ASSERT_LT(finished, kCount) << "the signal came too late";
    EXPECT_EQ(recordOf(runs(out).front())["finished"], false);
    std::map<std::string, fs::file_time_type> times;
    for (const fs::directory_entry& entry : fs::directory_iterator(runs(out).front() / "json"))
      if (entry.path().extension() == ".json") times[entry.path().string()] = entry.last_write_time();
    // As a kill leaves them.
    writeBytes(runs(out).front() / "json/.1000.json.tmp-AbCdEf", "{\"half");
    writeBytes(folder_ / (out + "-icdar/.res_1119.txt.tmp-AbCdEf"), "20,23,17");

    const ProgramResult resumed = detect(out, "--resume");
    EXPECT_EQ(resumed.status, 0) << resumed.err;
    EXPECT_THAT(resumed.err, HasSubstr(std::to_string(finished) + " of 120 images are done already."));
    ASSERT_EQ(runs(out).size(), 1U);
    for (const auto& [file, time] : times) EXPECT_EQ(fs::last_write_time(file), time) << file << " was done again";
    EXPECT_EQ(contentOf(runs(out).front()), contentOf(runs("whole").front()));
    EXPECT_EQ(contentOf(folder_ / (out + "-icdar")), contentOf(folder_ / "whole-icdar"));
    EXPECT_EQ(recordOf(runs(out).front())["finished"], true);
  }
}

TEST_F(Resume, StartsARunWhereThereIsNoneAndDoesNothingWhereAllIsDone) {
  makePictures(3);
  EXPECT_EQ(detect("out", "--resume").status, 0);
  const auto before = contentOf(folder_ / "out");
  const ProgramResult again = detect("out", "--resume --json");
  EXPECT_EQ(again.status, 0);
  const json document = json::parse(again.out);
  ASSERT_EQ(document["images"].size(), 3U) << "the document holds what was done before, too";
  EXPECT_EQ(document["images"][2]["detections"].size(), 2U);
  EXPECT_EQ(contentOf(folder_ / "out"), before);
  EXPECT_EQ(detect("out", "--resume --ndjson").out, "") << "lines are of new results only";
  EXPECT_EQ(runs("out").size(), 1U);
}

TEST_F(Resume, TriesFailedNewAndDamagedOnesAgain) {
  makePictures(4);
  const std::string late = folder_ / "scans/1001.png";
  const std::string bytes = readText(late);
  writeBytes(late, "no picture yet");
  ASSERT_EQ(detect("out").status, 1);
  writeBytes(late, bytes);
  writePng(folder_ / "scans/0999.png", pictureWith(100, 100, {}));
  writeBytes(runs("out").front() / "json/1002.json", "{\"image_path\": ");
  fs::remove(folder_ / "out-icdar/res_1003.txt");
  const ProgramResult resumed = detect("out", "--resume");
  EXPECT_EQ(resumed.status, 0) << resumed.err;
  EXPECT_THAT(resumed.err, HasSubstr("1 of 5 images are done already"));
  ASSERT_EQ(detect("whole").status, 0);
  EXPECT_EQ(contentOf(runs("out").front()), contentOf(runs("whole").front()));
  EXPECT_EQ(contentOf(folder_ / "out-icdar"), contentOf(folder_ / "whole-icdar"));
}

TEST_F(Resume, ContinuesTheRunThatIsNamedOrTheNewestUnfinishedOne) {
  makePictures(2);
  ASSERT_EQ(detect("out").status, 0);
  ASSERT_EQ(detect("out").status, 0);
  ASSERT_EQ(runs("out").size(), 2U);
  const fs::path first = runs("out")[0];
  json record = recordOf(first);
  record["finished"] = false;
  writeBytes(first / "run.json", record.dump());
  fs::remove(first / "json/1000.json");
  EXPECT_EQ(detect("out", "--resume").status, 0);
  EXPECT_TRUE(fs::exists(first / "json/1000.json")) << "the unfinished one, though it is not the newest";
  EXPECT_EQ(recordOf(first)["finished"], true);

  fs::remove(first / "json/1001.json");
  const std::string run = "out/" + first.filename().string();
  EXPECT_EQ(detect(run, "--resume").status, 0);
  EXPECT_TRUE(fs::exists(first / "json/1001.json"));
  EXPECT_EQ(runs("out").size(), 2U);
}

struct Difference {
  const char* more;
  const char* named;
};

TEST_F(Resume, RefusesOtherSettingsAndAnotherModelAndSaysWhatDiffers) {
  makePictures(2);
  ASSERT_EQ(detect("out").status, 0);
  const auto before = contentOf(folder_ / "out");
  for (const Difference& row : {Difference{"--box-threshold 0.55", "box_threshold: the file's own then, 0.55 now"},
                                {"--unclip-ratio 2", "unclip_ratio"},
                                {"--resize letterbox", "resize: the file's own then, letterbox now"},
                                {"--growth invert-shrink", "growth"},
                                {"--polygons", "polygons: false then, true now"},
                                {"--heatmap", "heatmap: false then, true now"},
                                {"--compat mhliao", "compat"},
                                {"--batch 4", "batch: default then, 4 now"},
                                {"--page 1", "page: all then, 1 now"}}) {
    const ProgramResult result = detect("out", std::string(row.more) + " --resume");
    EXPECT_EQ(result.status, 2) << row.more;
    EXPECT_THAT(result.err, HasSubstr("run.settings-differ")) << row.more;
    EXPECT_THAT(result.err, HasSubstr(row.named)) << row.more;
  }
  EXPECT_EQ(detect("out", "--low-memory --max-pixels 1000000 --resume").status, 0) << "does not change boxes";
  writeModel(model_, {.height = 192, .width = 224});
  const ProgramResult result = detect("out", "--resume");
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.err, HasSubstr("with SHA-256"));
  EXPECT_EQ(contentOf(folder_ / "out"), before);
}

TEST_F(Resume, RefusesAnotherFolderForRelativePaths) {
  makePictures(1);
  fs::create_directories(folder_ / "elsewhere/scans");
  fs::copy(folder_ / "scans/1000.png", folder_ / "elsewhere/scans");
  const std::string command = "detect scans --model " + model_ + " --out " + (folder_ / "out");
  ASSERT_EQ(runProgram(command, "cd " + folder_.path().string() + " &&").status, 0);
  const ProgramResult result = runProgram(command + " --resume", "cd " + (folder_ / "elsewhere") + " &&");
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.err, HasSubstr("started in folder"));
}

TEST_F(Resume, LeavesARunAloneThatIsStillGoing) {
  makePictures(1);
  ASSERT_EQ(detect("out").status, 0);
  const int other = open(runs("out").front().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  ASSERT_EQ(flock(other, LOCK_EX), 0);
  const ProgramResult busy = detect("out", "--resume");
  EXPECT_EQ(busy.status, 2);
  EXPECT_THAT(busy.err, HasSubstr("run.busy"));
  close(other);
  EXPECT_EQ(detect("out", "--resume").status, 0);
}

TEST_F(Resume, RefusesADamagedRecord) {
  makePictures(1);
  ASSERT_EQ(detect("out").status, 0);
  for (const char* damaged : {"", "{", "[]", "{\"settings\": 3}"}) {
    writeBytes(runs("out").front() / "run.json", damaged);
    const ProgramResult result = detect("out", "--resume");
    EXPECT_EQ(result.status, 3) << damaged;
    EXPECT_THAT(result.err, HasSubstr("run.record-damaged")) << damaged;
  }
}

TEST_F(Resume, NeedsAFolder) {
  makePictures(1);
  EXPECT_EQ(runProgram("detect --resume --model " + model_ + " " + (folder_ / "scans")).status, 2);
}

}  // namespace
}  // namespace ocrdet::test
