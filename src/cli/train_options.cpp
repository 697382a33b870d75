#include "cli/train_options.h"

#include <fmt/format.h>

#include <cstdlib>
#include <sstream>

#include "cli/word_option.h"

namespace ocrdet::cli {
namespace {

// Options of this one call; they do not belong to the run.
bool ofThisCall(const std::string& name) {
  for (const char* each :
       {"help", "json", "quiet", "verbose", "config", "resume", "process", "processes", "rendezvous"})
    if (name == each) return true;
  return false;
}

std::string tomlValue(const std::string& text) {
  char* end = nullptr;
  std::strtod(text.c_str(), &end);
  if (!text.empty() && *end == 0) return text;
  if (text == "true" || text == "false") return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  return quoted + "\"";
}

// What every option is now, given or not.
std::string effectiveConfiguration(const CLI::App& command) {
  std::string toml = "# The options of this run; `ocrdet train --config` takes this file.\n";
  for (const CLI::Option* option : command.get_options()) {
    if (option->get_lnames().empty() || ofThisCall(option->get_lnames().front())) continue;
    std::vector<std::string> values = option->results();
    const bool flag = option->get_items_expected_max() == 0;
    if (flag) values = {option->count() > 0 ? "true" : "false"};
    if (values.empty() && !option->get_default_str().empty()) values = {option->get_default_str()};
    if (values.empty()) continue;
    std::string text;
    for (const std::string& value : values) text += (text.empty() ? "" : ", ") + tomlValue(value);
    const bool list = option->get_items_expected_max() > 1;
    toml += fmt::format("{} = {}\n", option->get_lnames().front(), list ? "[" + text + "]" : text);
  }
  return toml;
}

std::vector<double> numbersIn(const std::string& text, const char* option) {
  std::vector<double> numbers;
  std::istringstream parts(text);
  for (std::string part; std::getline(parts, part, ',');) {
    char* end = nullptr;
    const double number = std::strtod(part.c_str(), &end);
    if (part.empty() || *end != 0 || !(number >= 0.1) || number > 10)
      throw Error({&codes::kUsageOption, fmt::format("{}: \"{}\" is no factor between 0.1 and 10.", option, part),
                   fmt::format("Write numbers with commas between them: {} 0.75,1,1.25.", option)});
    numbers.push_back(number);
  }
  return numbers;
}

void require(std::vector<Problem>& problems, bool holds, std::string message, std::string advice) {
  if (!holds) problems.push_back({&codes::kUsageOption, std::move(message), std::move(advice)});
}

void checkOptions(const TrainingOptions& options, const TrainArguments& arguments) {
  std::vector<Problem> problems;
  require(problems, !options.datasets.empty() || !options.unlabelled.empty() || options.drawn > 0,
          "No data set was given.",
          "Write for instance `ocrdet train receipts/`, or --resume RUN to go on with an earlier run.");
  require(problems, options.unlabelled.empty() || !options.teacher.empty(),
          "--unlabelled pictures teach nothing without --teacher.", "Name a detector with --teacher MODEL.onnx.");
  require(problems, options.drawn >= 0, fmt::format("--synthetic {} is below 0.", options.drawn), "Use 1000, say.");
  require(problems, options.size % 32 == 0 && options.size >= 64 && options.size <= 2048,
          fmt::format("--size {} is not a multiple of 32 between 64 and 2048.", options.size),
          "Use 640, or 800 for small text.");
  require(problems, options.batch >= 1 && options.batch <= 1024,
          fmt::format("--batch {} is not between 1 and 1024.", options.batch), "Use 8, or less when memory is short.");
  require(
      problems,
      options.processes >= 1 && options.processes <= 64 && options.process >= 0 && options.process < options.processes,
      fmt::format("--process {} is none of --processes {}.", options.process, options.processes),
      "Number processes from 0; --processes alone starts them all on this machine.");
  require(problems, options.processes < 1 || options.batch % options.processes == 0,
          fmt::format("--batch {} cannot be shared by {} processes.", options.batch, options.processes),
          "Use a multiple of the number of processes.");
  require(problems, options.epochs >= 1 && options.epochs <= 100000,
          fmt::format("--epochs {} is not between 1 and 100000.", options.epochs), "Use 5 to fine-tune.");
  require(problems, options.rate > 0 && options.rate <= 1, fmt::format("--rate {} is not in 0 … 1.", options.rate),
          "Use 0.007 for SGD, 0.001 for AdamW.");
  require(problems, arguments.freeze.empty() || arguments.freeze == "backbone",
          fmt::format("--freeze \"{}\" is not known.", arguments.freeze), "Use --freeze backbone.");
  if (!problems.empty()) throw Error(std::move(problems));
}

// Left out of --help, which has to fit a screen; docs/training.md lists them.
void addRareOptions(CLI::App& command, TrainArguments& arguments) {
  TrainingOptions& options = arguments.options;
  const auto add = [&](const char* name, auto& value) {
    command.add_option(name, value)->capture_default_str()->group("");
  };
  command.add_flag("--synthetic-words", options.drawn_words)->group("");
  add("--validation-limit", options.validation_limit);
  add("--teacher-weight", options.teacher_weight);
  add("--momentum", options.momentum);
  add("--weight-decay", options.weight_decay);
  add("--clip", options.clip);
  add("--min-text-size", options.min_text_size);
  add("--mirror", options.mirror);
  add("--rotation", options.rotation);
  add("--text-crop", options.text_crop);
  add("--scale-range", arguments.scale_range);
  add("--colour", options.colour);
  add("--save-minutes", options.save_minutes);
  command.add_option("--processes", options.processes)->group("");
  command.add_option("--process", options.process)->group("");
  command.add_option("--rendezvous", options.rendezvous)->group("");
  command.add_flag("--no-nesterov", arguments.no_nesterov)->group("");
  command.add_flag("--no-channels-last", arguments.no_channels_last)->group("");
}

}  // namespace

CLI::App& addTrainCommand(Commands& commands, const std::shared_ptr<TrainArguments>& arguments, Commands::Body body) {
  TrainingOptions& options = arguments->options;
  CLI::App& command = commands.add("train", "Train or fine-tune the detector on pictures with ground truth.",
                                   {"ocrdet train receipts/ --init pytorch_model.pt --validation receipts/",
                                    "ocrdet train signs/ forms/@2 --init imagenet.safetensors --epochs 200 --out runs",
                                    "ocrdet train --resume runs/20260801-120000"},
                                   std::move(body));
  const auto folders = [&](const char* name, auto& value, const char* text) {
    command.add_option(name, value, text)->allow_extra_args(false);
  };
  command.add_option("--dataset,DATASET", options.datasets, "Folders or packed files; SET@2 counts twice an epoch");
  command.add_option("--synthetic", options.drawn, "Pictures drawn for each epoch, besides");
  folders("--validation", options.validation, "Folder whose test part is measured each epoch");
  command.add_option("--init", options.init, "Checkpoint of this network, or an ImageNet ResNet-18");
  command.add_option("--freeze", arguments->freeze, "backbone: train the rest only");
  command.add_option("--teacher", options.teacher, "Detector (ONNX) to learn from as well");
  folders("--unlabelled", options.unlabelled, "Folder of pictures for the teacher alone");
  command.add_option("--out", options.runs, "Where the run's folder is made")->capture_default_str();
  command.add_option("--resume", options.resume, "Go on with the run in this folder");
  command.add_option("--epochs", options.epochs, "Times that all pictures are seen")->capture_default_str();
  command.add_option("--batch", options.batch, "Pictures in a step")->capture_default_str();
  command.add_option("--size", options.size, "Side of the training square")->capture_default_str();
  command.add_option("--scales", arguments->scales, "Sizes of batches relative to --size: 0.75,1,1.25");
  command.add_option("--optimizer", arguments->optimizer, "sgd or adamw")->capture_default_str();
  command.add_option("--rate", options.rate, "Learning rate")->capture_default_str();
  command.add_option("--warm-up", options.warm_up, "Epochs in which the rate rises")->capture_default_str();
  command.add_option("--average", options.average, "Of the weights (EMA); 0: none")->capture_default_str();
  command.add_option("--patience", options.patience, "Stop after so many epochs without gain; 0: never")
      ->capture_default_str();
  command.add_option("--device", arguments->device, "auto, cpu or cuda")->capture_default_str();
  command.add_option("--precision", arguments->precision, "auto, fp32 or bf16")->capture_default_str();
  command.add_option("--threads", options.threads, "Of the network; 0: all")->capture_default_str();
  command.add_option("--workers", options.workers, "Threads that prepare pictures")->capture_default_str();
  command.add_option("--seed", options.seed, "Of everything random")->capture_default_str();
  command.add_flag("--no-export", arguments->no_export, "Do not write best.onnx");
  addRareOptions(command, *arguments);
  commands.addRuntimeOption(command);
  return command;
}

TrainingOptions trainingOptions(const TrainArguments& arguments, const CLI::App& command, const Console& console) {
  TrainingOptions options = arguments.options;
  options.freeze_backbone = arguments.freeze == "backbone";
  options.optimizer = wordIn<OptimizerKind>({{"sgd", OptimizerKind::kSgd}, {"adamw", OptimizerKind::kAdamW}},
                                            arguments.optimizer, "--optimizer");
  options.nesterov = !arguments.no_nesterov;
  options.channels_last = !arguments.no_channels_last;
  options.export_best = !arguments.no_export;
  options.precision = wordIn<TrainingPrecision>({{"auto", TrainingPrecision::kAuto},
                                                 {"fp32", TrainingPrecision::kFloat32},
                                                 {"bf16", TrainingPrecision::kBfloat16}},
                                                arguments.precision, "--precision");
  options.device = wordIn<TrainingDevice>(
      {{"auto", TrainingDevice::kAuto}, {"cpu", TrainingDevice::kCpu}, {"cuda", TrainingDevice::kCuda}},
      arguments.device, "--device");
  if (!arguments.scales.empty()) options.scales = numbersIn(arguments.scales, "--scales");
  const std::vector<double> range = numbersIn(arguments.scale_range, "--scale-range");
  if (range.size() != 2 || range[0] > range[1])
    throw Error({&codes::kUsageOption, fmt::format("--scale-range \"{}\" is no range.", arguments.scale_range),
                 "Write the smallest and the largest factor: 0.5,3."});
  options.smallest_scale = range[0];
  options.largest_scale = range[1];
  options.onnxruntime = console.onnxruntime;
  checkOptions(options, arguments);
  options.configuration = effectiveConfiguration(command);
  return options;
}

}  // namespace ocrdet::cli
