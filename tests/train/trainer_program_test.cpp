// The trainer as users run it: whole runs, stopped, killed and resumed ones, and what it says when something is wrong.
#include <gmock/gmock.h>
#include <torch/version.h>

#include "cli/program.h"
#include "model/state_dict.h"
#include "model/weights_file.h"
#include "support/formula_checkpoint.h"
#include "support/formula_weights.h"
#include "tensor/checkpoint.h"
#include "train/trainer_runs.h"
#include "train/training_state.h"

namespace ocrdet {
namespace {

namespace fs = std::filesystem;
using test::epochsOf;
using test::lossesOf;
using test::textOf;
using test::Trainer;
using test::TrainerProcess;
using testing::HasSubstr;
using testing::Not;

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

// What a state must carry beyond weights and momentum: AdamW's two memories, sizes of batches, epochs without gain, the
// initial weights.
TEST_F(Trainer, ResumesToTheSameWeightsWithAllThatAStateMayHold) {
  expectTheSameAfterKills({"--optimizer", "adamw", "--rate", "0.001", "--scales", "1,1.5", "--freeze", "backbone",
                           "--init", test::formulaCheckpoint("formula.pt").string(), "--patience", "2",
                           "--keep-initial", "0.5", "--validation", (folder_ / "set").string()});
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
  ASSERT_EQ(epochsOf(run).size(), 1U) << "the validation before the first epoch";

  const TrainerProcess resumed = start({"--resume", run.string()});
  ASSERT_EQ(resumed.wait(), 0) << resumed.words();
  EXPECT_THAT(resumed.words(), HasSubstr("Resuming at step 3, after 0 epochs."));
  ASSERT_EQ(epochsOf(run).size(), 2U);
  const Json found = epochsOf(run).back(), expected = epochsOf(onlyRun("whole")).back();
  for (const char* field : {"step", "loss", "hmean", "precision", "recall"}) EXPECT_EQ(found[field], expected[field]);
  EXPECT_GT(found["seconds"], 0) << "of the steps, which another process did";
  EXPECT_EQ(weightsOf(run), weightsOf(onlyRun("whole")));

  ASSERT_EQ(start({"--resume", run.string(), "--epochs", "2"}).wait(), 0);
  EXPECT_EQ(epochsOf(run).size(), 3U);
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

TEST_F(Trainer, KeepsMostOfAWholeCheckpointUnlessToldOtherwise) {
  const std::string init = test::formulaCheckpoint("formula.pt").string();
  const TrainerProcess keeping = start(arguments("keeping", {"--epochs", "1", "--init", init}));
  ASSERT_EQ(keeping.wait(), 0) << keeping.words();
  EXPECT_THAT(keeping.words(), HasSubstr("0.82 of the initial and 0.18 of the trained weights"));
  EXPECT_THAT(keeping.words(), HasSubstr("--keep-initial 0 switches this off"));
  const std::string run = onlyRun("keeping").string();
  EXPECT_THAT(textOf(run + "/config.toml"), HasSubstr("\nkeep-initial = 0.82\n"));
  const TrainerProcess resumed = start({"--resume", run, "--epochs", "2"});
  ASSERT_EQ(resumed.wait(), 0) << resumed.words();
  EXPECT_THAT(textOf(run + "/config.toml"), HasSubstr("\nkeep-initial = 0.82\n"));

  const TrainerProcess free = start(arguments("free", {"--epochs", "1", "--init", init, "--keep-initial", "0"}));
  ASSERT_EQ(free.wait(), 0) << free.words();
  EXPECT_THAT(free.words(), HasSubstr("the trained weights alone"));
  EXPECT_THAT(textOf(onlyRun("free") / "config.toml"), HasSubstr("\nkeep-initial = 0\n"));
}

// A resumed run does not read its initial weights again.
TEST_F(Trainer, SavesTheSettingsOfBoxesOfItsInitialWeights) {
  const BoxSettings boxes{0.35, 0.45, 1.75};
  writeWeights(folder_ / "init.safetensors", test::formulaStateDict(), Precision::kFloat32, boxes);
  ASSERT_EQ(start(arguments("runs", {"--epochs", "1", "--init", folder_ / "init.safetensors"})).wait(), 0);
  const fs::path run = onlyRun("runs");
  EXPECT_EQ(readBoxSettings(readCheckpoint(run / "best.safetensors").metadata), boxes);
  fs::remove(folder_ / "init.safetensors");
  ASSERT_EQ(start({"--resume", run.string(), "--epochs", "2"}).wait(), 0);
  EXPECT_EQ(readBoxSettings(readCheckpoint(run / "last.safetensors").metadata), boxes);
}

TEST_F(Trainer, ResumesARunWhoseConfigurationSaysNothingOfInitialWeights) {
  ASSERT_EQ(start(arguments("runs", {"--epochs", "1"})).wait(), 0);
  const fs::path configuration = onlyRun("runs") / "config.toml";
  std::string text = textOf(configuration);
  const std::string line = "keep-initial = 0\n";
  ASSERT_THAT(text, HasSubstr(line));
  writeFileAtomically(configuration, text.erase(text.find(line), line.size()));
  const TrainerProcess process = start({"--resume", onlyRun("runs").string(), "--epochs", "2"});
  ASSERT_EQ(process.wait(), 0) << process.words();
  EXPECT_THAT(textOf(configuration), HasSubstr(line));
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
  const auto files = [&] { return std::distance(fs::directory_iterator(run), {}); };
  const auto before = files();
  const std::vector<std::vector<std::string>> kOthers = {{"--batch", "3"},
                                                         {"--optimizer", "adamw"},
                                                         {"--freeze", "backbone"},
                                                         {"--average", "0"},
                                                         {"--keep-initial", "0.5"}};
  for (std::vector<std::string> words : kOthers) {
    words.insert(words.end(), {"--resume", run, "--epochs", "2"});
    const TrainerProcess process = start(words);
    EXPECT_EQ(process.wait(), 3) << words.front();
    EXPECT_THAT(process.words(), HasSubstr("train.resume-differs")) << words.front();
    EXPECT_EQ(files(), before) << words.front();
  }
  const TrainerProcess process = start({"--resume", run, "--epochs", "2"});
  EXPECT_EQ(process.wait(), 0) << "a refusal leaves the run as it was\n" << process.words();
}

// What the command line gives replaces what the run's file says, also where it is given by position.
TEST_F(Trainer, KeepsTheOptionsOfARunThatAFileOfOthersResumes) {
  ASSERT_EQ(start(arguments("runs", {"--epochs", "1", "--rate", "0.0003", "--seed", "77"})).wait(), 0);
  const std::string run = onlyRun("runs").string();
  std::ofstream(folder_ / "more.toml") << "epochs = 2\n";
  const TrainerProcess resumed = start({"--resume", run, "--config", "more.toml"});
  ASSERT_EQ(resumed.wait(), 0) << resumed.words();
  EXPECT_THAT(textOf(onlyRun("runs") / "config.toml"),
              AllOf(HasSubstr("epochs = 2\n"), HasSubstr("rate = 0.0003\n"), HasSubstr("seed = 77\n")));
}

TEST_F(Trainer, RefusesAnotherStartForARunThatGoesOn) {
  ASSERT_EQ(start(arguments("runs", {"--epochs", "1"})).wait(), 0);
  const std::string run = onlyRun("runs").string(), before = textOf(onlyRun("runs") / "config.toml");
  const TrainerProcess resumed =
      start({"--resume", run, "--epochs", "2", "--init", test::formulaCheckpoint("formula.pt").string()});
  EXPECT_EQ(resumed.wait(), 2);
  EXPECT_THAT(resumed.words(), HasSubstr("--resume"));
  EXPECT_EQ(textOf(onlyRun("runs") / "config.toml"), before);
}

TEST_F(Trainer, SavesItsStateWhenThePicturesAreGone) {
  const TrainerProcess process = start(arguments("runs", {"--epochs", "2000"}));
  waitForLines(folder_ / "runs", 4);
  fs::rename(folder_ / "set/train_images", folder_ / "set/gone");
  EXPECT_EQ(process.wait(), 3);
  const fs::path run = onlyRun("runs");
  EXPECT_THAT(process.words(), AllOf(HasSubstr("is saved"), HasSubstr("--resume " + run.string())));
  fs::rename(folder_ / "set/gone", folder_ / "set/train_images");
  const std::int64_t step = readState(run / "state.safetensors").standing.step;
  EXPECT_GE(step, 4);
  EXPECT_THAT(textOf(run / "log.jsonl"), HasSubstr(fmt::format("\"step\":{}", step)));
  const TrainerProcess resumed = start({"--resume", run.string(), "--epochs", std::to_string(step / 3 + 1)});
  EXPECT_EQ(resumed.wait(), 0) << resumed.words();
}

TEST_F(Trainer, TakesTheDataSetsOfTheCommandLineAlone) {
  ASSERT_EQ(start(arguments("runs", {"--epochs", "1"})).wait(), 0);
  const fs::path other = folder_ / "set #2 \"b\"";
  fs::copy(folder_ / "set", other, fs::copy_options::recursive);
  const TrainerProcess process = start(
      {other.string(), "--config", (onlyRun("runs") / "config.toml").string(), "--out", (folder_ / "others").string()});
  ASSERT_EQ(process.wait(), 0) << process.words();
  const fs::path configuration = onlyRun("others") / "config.toml";
  EXPECT_THAT(textOf(configuration), Not(HasSubstr((folder_ / "set").string() + "\"")));
  // A name with # and quotes is read as it was written.
  const TrainerProcess resumed = start({"--resume", onlyRun("others").string(), "--epochs", "2"});
  ASSERT_EQ(resumed.wait(), 0) << resumed.words();
  EXPECT_EQ(epochsOf(onlyRun("others")).size(), 2U);
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
  setenv("OCRDET_SIZE", "64", 1);  // of the training: the export's --size is another option
  const TrainerProcess process = start(words);
  unsetenv("OCRDET_SIZE");
  ASSERT_EQ(process.wait(), 0) << process.words();
  const fs::path model = onlyRun("runs") / "best.onnx";
  const test::ProgramResult verified = test::runProgram("verify '" + model.string() + "' --against '" +
                                                        (onlyRun("runs") / "best.safetensors").string() + "'");
  EXPECT_EQ(verified.status, 0) << verified.out << verified.err;
}

// A terminal signals the trainer and the export that it waits for.
TEST_F(Trainer, CanBeStoppedWhileItsOnnxFileIsMade) {
  std::vector<std::string> words = arguments("runs", {"--epochs", "1"});
  std::erase(words, "--no-export");
  const TrainerProcess process = start(words);
  waitForLines(folder_ / "runs", 4);  // three steps, one epoch
  const auto exports = [&] {
    for (const auto& entry : fs::directory_iterator(onlyRun("runs")))
      if (entry.path().filename().string().starts_with(".best.onnx.tmp-")) return true;
    return false;
  };
  for (int i = 0; i < 3000 && !exports(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  process.signalGroup(SIGINT);
  EXPECT_EQ(process.wait(), 130) << process.words();
  EXPECT_THAT(process.words(), AllOf(HasSubstr("best.onnx"), HasSubstr("--resume " + onlyRun("runs").string())));
  const TrainerProcess resumed = start({"--resume", onlyRun("runs").string()});
  EXPECT_EQ(resumed.wait(), 0) << resumed.words();
  EXPECT_TRUE(fs::exists(onlyRun("runs") / "best.onnx"));
}

struct RefusedCase {
  const char* name;
  std::vector<std::string> more;
  int status;
  const char* words;
};

// Formula weights find no text, however long they learn at a rate of next to nothing.
TEST_F(Trainer, StopsEarlyAlsoWhereNothingIsEverFound) {
  const TrainerProcess process = start(arguments(
      "runs", {"--validation", (folder_ / "set").string(), "--epochs", "6", "--patience", "2", "--rate", "1e-9"}));
  ASSERT_EQ(process.wait(), 0) << process.words();
  const std::vector<Json> epochs = epochsOf(onlyRun("runs"));
  ASSERT_EQ(epochs.size(), 3U) << "before the first one, and two";
  for (const Json& epoch : epochs) EXPECT_EQ(epoch["hmean"], 0);
  EXPECT_THAT(process.words(), HasSubstr("No better hmean in 2 epochs"));
}

// Epochs that were not validated are no epochs without gain.
TEST_F(Trainer, CanBeValidatedFromTheMiddleOn) {
  ASSERT_EQ(start(arguments("runs")).wait(), 0);
  const std::string set = (folder_ / "set").string(), run = onlyRun("runs").string();
  const TrainerProcess resumed = start({"--resume", run, "--epochs", "5", "--validation", set, "--patience", "3"});
  ASSERT_EQ(resumed.wait(), 0) << resumed.words();
  EXPECT_EQ(epochsOf(run).size(), 5U) << resumed.words();
  EXPECT_THAT(resumed.words(), HasSubstr("\nhmean 0.0000 after epoch 5\n"));
}

// What it was of other pictures must not stay the best for ever.
TEST_F(Trainer, SeeksTheBestEpochAnewWithAnotherValidation) {
  const std::string set = (folder_ / "set").string();
  ASSERT_EQ(start(arguments("runs", {"--validation", set, "--epochs", "1"})).wait(), 0);
  const fs::path run = onlyRun("runs");
  TrainingState state = readState(run / "state.safetensors");
  state.standing.best_hmean = 0.9;
  writeState(run / "state.safetensors", state);
  ASSERT_EQ(start({"--resume", run.string(), "--epochs", "2"}).wait(), 0);
  EXPECT_EQ(readState(run / "state.safetensors").standing.best_hmean, 0.9);
  fs::copy(set, folder_ / "moved", fs::copy_options::recursive);
  ASSERT_EQ(start({"--resume", run.string(), "--epochs", "2", "--validation", folder_ / "moved"}).wait(), 0);
  EXPECT_EQ(readState(run / "state.safetensors").standing.best_hmean, 0.9) << "the same pictures elsewhere";
  const TrainerProcess resumed = start({"--resume", run.string(), "--epochs", "3", "--validation-limit", "1"});
  ASSERT_EQ(resumed.wait(), 0) << resumed.words();
  EXPECT_THAT(resumed.words(), HasSubstr("the best epoch is sought anew"));
  EXPECT_LT(readState(run / "state.safetensors").standing.best_hmean, 0.9);
}

TEST_F(Trainer, WarnsOfAShortRunWithoutTextToLearn) {
  const TrainerProcess process = start(arguments("runs", {"--min-text-size", "5000", "--epochs", "1"}));
  EXPECT_EQ(process.wait(), 0);
  EXPECT_THAT(process.words(), HasSubstr("pictures with texts had none to learn from"));
}

TEST_F(Trainer, WarnsOfKeepingRandomWeights) {
  const TrainerProcess process = start(arguments("runs", {"--keep-initial", "0.5", "--epochs", "1"}));
  EXPECT_EQ(process.wait(), 0);
  EXPECT_THAT(process.words(), HasSubstr("warning: The initial weights are no detector"));
}

TEST_F(Trainer, RemembersThatAFlagWasTakenBack) {
  ASSERT_EQ(start(arguments("runs", {"--no-nesterov=false", "--no-channels-last", "--epochs", "1"})).wait(), 0);
  EXPECT_THAT(textOf(onlyRun("runs") / "config.toml"),
              AllOf(HasSubstr("no-nesterov = false\n"), HasSubstr("no-channels-last = true\n")));
}

TEST_F(Trainer, DoesNotResumeARunThatHasNotEnded) {
  ASSERT_EQ(start(arguments("runs")).wait(), 0);
  const fs::path run = onlyRun("runs");
  const FolderLock as_if_it_ran(run);
  const std::string state = weightsOf(run, "state.safetensors");
  const TrainerProcess second = start({"--resume", run.string(), "--epochs", "4"});
  EXPECT_EQ(second.wait(), 2) << second.words();
  EXPECT_THAT(second.words(), HasSubstr("run.busy"));
  EXPECT_EQ(weightsOf(run, "state.safetensors"), state);
}

TEST_F(Trainer, ExplainsWhatCannotWork) {
  writeDataset(folder_ / "ignored", "###");
  const RefusedCase cases[] = {
      {"all ignored", {"--dataset", (folder_ / "ignored").string()}, 3, "train.all-ignored"},
      {"nothing to validate",
       {"--dataset", (folder_ / "set").string(), "--validation", (folder_ / "ignored").string()},
       3,
       "2 pictures with 4 texts"},
      {"no such set", {"--dataset", (folder_ / "nowhere").string()}, 3, "file.missing"},
      {"an empty path", {"--dataset", "", "--init", ""}, 2, "--init is empty."},
      {"an empty run", {"--resume", ""}, 2, "--resume is empty."},
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
      {"infinite loss",
       {"--dataset", (folder_ / "set").string(), "--init", weightsWithBias(3e38F).string(), "--size", "64", "--batch",
        "2"},
       1,
       "The loss is no number any more (text"},
      {"no number",
       {"--dataset", (folder_ / "set").string(), "--init", weightsWithBias(std::nanf("")).string()},
       3,
       "decoder.binarize.6.bias has 1 of 1 values that are NaN or infinite"},
  };
  for (const RefusedCase& one : cases) {
    std::vector<std::string> words = one.more;
    words.insert(words.end(), {"--out", (folder_ / "refused").string(), "--no-export"});
    const TrainerProcess process = start(words);
    EXPECT_EQ(process.wait(), one.status) << one.name << "\n" << process.words();
    EXPECT_THAT(process.words(), HasSubstr(one.words)) << one.name;
  }
}

}  // namespace
}  // namespace ocrdet
