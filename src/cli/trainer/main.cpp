// The program `ocrdet-train`: what `ocrdet train` becomes. The same options, read once more.

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "base/cancellation.h"
#include "base/log.h"
#include "cli/train_options.h"
#include "train/train.h"

namespace ocrdet::cli {
namespace {

Json toJson(const TrainingResult& result) {
  Json json{{"success", true}, {"run", result.run.string()}, {"epochs", result.epochs}};
  if (result.validated) {
    json["hmean_before"] = result.first_hmean;
    json["hmean"] = result.best_hmean;
    json["best_epoch"] = result.best_epoch;
  }
  json["weights"] = (result.run / "best.safetensors").string();
  if (!result.onnx.empty()) json["onnx"] = result.onnx.string();
  json["seconds"] = result.seconds;
  json["waiting_share"] = result.waiting_share;
  return json;
}

// --processes alone: this process becomes the first, its children are the others. They are silent and end with it.
// Called before LibTorch has started threads, which would not survive a fork.
std::filesystem::path startOthers(TrainingOptions& options) {
  std::filesystem::path file = std::filesystem::temp_directory_path() / fmt::format("ocrdet-train-{}", getpid());
  options.rendezvous = file.string();
  const pid_t first = getpid();
  for (int number = 1; number < options.processes; ++number) {
    if (fork() != 0) continue;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != first) _exit(1);
    options.process = number;
    setLogLevel(LogLevel::kQuiet);
    break;
  }
  return file;
}

ExitStatus run(const TrainArguments& arguments, const CLI::App& command, const Console& console) {
  TrainingOptions options = trainingOptions(arguments, command, console);
  const bool starts_others = options.processes > 1 && options.rendezvous.empty();
  const std::filesystem::path meeting = starts_others ? startOthers(options) : "";
  const TrainingResult result = train(options);
  if (options.process > 0) return ExitStatus::kDone;
  if (starts_others) {
    while (wait(nullptr) > 0) continue;
    std::filesystem::remove(meeting);
  }
  if (result.validated)
    console.text(fmt::format("hmean {:.4f} before, {:.4f} after epoch {}", result.first_hmean, result.best_hmean,
                             result.best_epoch));
  console.text(fmt::format("{}/best.safetensors", result.run.string()));
  if (!result.onnx.empty()) {
    console.text(fmt::format("{}, verified", result.onnx.string()));
    console.text(fmt::format("\nNext: ocrdet detect PICTURE --model {}", result.onnx.string()));
  }
  console.document(toJson(result));
  return ExitStatus::kDone;
}

}  // namespace
}  // namespace ocrdet::cli

int main(int argc, char** argv) {
  using namespace ocrdet::cli;
  ocrdet::installInterruptHandler();
  CLI::App app("Training for ocrdet; called by `ocrdet train`.", "ocrdet");
  app.require_subcommand(1);
  Commands commands(app);
  auto arguments = std::make_shared<TrainArguments>();
  auto command = std::make_shared<CLI::App*>();
  *command = &addTrainCommand(commands, arguments,
                              [=](const ocrdet::cli::Console& console) { return run(*arguments, **command, console); });
  std::string name = "train";
  std::vector<char*> words(argv, argv + argc);
  words.insert(words.begin() + 1, name.data());
  return commands.run(argc + 1, words.data());
}
