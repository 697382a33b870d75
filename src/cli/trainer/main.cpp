// The program `ocrdet-train`: what `ocrdet train` becomes. The same options, read once more.

#include <fmt/format.h>

#include "base/cancellation.h"
#include "base/log.h"
#include "cli/train_options.h"
#include "cli/trainer/other_processes.h"
#include "train/train.h"

namespace ocrdet::cli {
namespace {

Json toJson(const TrainingResult& result) {
  Json json{{"success", true}, {"run", result.run.string()}, {"epochs", result.epochs}};
  if (result.validated) {
    if (result.first_hmean >= 0) json["hmean_before"] = result.first_hmean;
    json["hmean"] = result.best_hmean;
    json["best_epoch"] = result.best_epoch;
  }
  json["weights"] = (result.run / "best.safetensors").string();
  if (!result.onnx.empty()) json["onnx"] = result.onnx.string();
  json["libtorch"] = result.libtorch;
  json["seconds"] = result.seconds;
  json["waiting_share"] = result.waiting_share;
  return json;
}

// --processes alone: this process becomes the first and starts the others, before LibTorch has threads.
TrainingResult trainTogether(TrainingOptions options) {
  options.threads = threadsOfEach(options.threads, options.processes);
  options.processes_here = options.processes;
  OtherProcesses others(options.processes, [&](int number, const std::filesystem::path& meeting) {
    TrainingOptions own = options;
    own.process = number;
    own.rendezvous = meeting.string();
    train(own);
  });
  options.rendezvous = others.meeting().string();
  try {
    const TrainingResult result = train(options);
    if (const auto problem = others.failure(60)) logWarning(fmt::format("{} {}", problem->message, problem->cause));
    return result;
  } catch (const Error& error) {
    if (error.code().name != codes::kTrainProcessesFailed.name) throw;
    const auto reason = others.failure(5);
    if (!reason) throw;
    std::vector<Problem> problems{*reason};
    problems.insert(problems.end(), error.problems().begin(), error.problems().end());
    throw Error(std::move(problems));
  }
}

ExitStatus run(const TrainArguments& arguments, const CLI::App& command, const Console& console) {
  const TrainingOptions options = trainingOptions(arguments, command, console);
  const bool starts_others = options.processes > 1 && options.rendezvous.empty();
  const TrainingResult result = starts_others ? trainTogether(options) : train(options);
  if (options.process > 0) {
    console.document({{"success", true}, {"process", options.process}});
    return ExitStatus::kDone;
  }
  if (result.validated)
    console.text(fmt::format("hmean {}{:.4f} after epoch {}",
                             result.first_hmean < 0 ? "" : fmt::format("{:.4f} before, ", result.first_hmean),
                             result.best_hmean, result.best_epoch));
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
