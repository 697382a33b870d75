#include "cli/train_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <sstream>

#include "base/paths.h"
#include "cli/number_option.h"
#include "cli/train_rules.h"
#include "cli/word_option.h"
#include "dataset/text_lines.h"

namespace ocrdet::cli {
namespace {

using Names = std::initializer_list<const char*>;

// Options of this one call; they do not belong to the run.
constexpr Names kOfThisCall = {"help",   "json",    "quiet",     "verbose",   "config",
                               "resume", "process", "processes", "rendezvous"};
// The trainer decides it by the start, and writes it.
constexpr Names kDecidedLater = {"keep-initial"};
constexpr Names kPaths = {"dataset", "unlabelled", "validation", "init", "teacher", "out", "onnxruntime"};
// Several processes that train as one may differ in these. Only the first validates and saves.
constexpr Names kOfOneProcess = {"device",           "threads",  "workers",      "no-channels-last",
                                 "validation-limit", "patience", "save-minutes", "no-export"};

bool contains(const Names& names, const std::string& name) {
  return std::any_of(names.begin(), names.end(), [&](const char* each) { return name == each; });
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

// What an option is now, given or not. Paths are absolute, so that the run can go on from another folder.
std::vector<std::string> valuesOf(const CLI::Option& option, const std::string& name, const TrainingOptions& options) {
  if (option.get_items_expected_max() == 0) return {option.count() > 0 && option.as<bool>() ? "true" : "false"};
  if (name == "rate") return {fmt::format("{}", options.rate)};
  if (name == "out") return {std::filesystem::absolute(options.runs).string()};
  std::vector<std::string> values = option.results();
  if (values.empty() && !option.get_default_str().empty()) values = {option.get_default_str()};
  if (contains(kPaths, name))
    for (std::string& value : values) value = std::filesystem::absolute(value).string();
  return values;
}

// Left by a shell's variable that is not set.
std::vector<Problem> emptyPaths(const CLI::App& command) {
  std::vector<Problem> problems;
  for (const CLI::Option* option : command.get_options()) {
    const std::string name = option->get_lnames().empty() ? "" : option->get_lnames().front();
    const std::vector<std::string>& values = option->results();
    if ((!contains(kPaths, name) && name != "resume") || std::count(values.begin(), values.end(), "") == 0) continue;
    problems.push_back(
        {&codes::kUsageOption, fmt::format("--{} is empty.", name), "Name a file or folder, or leave it out."});
  }
  return problems;
}

// A run that goes on does not read --init again, and must not say that it began there.
std::vector<Problem> otherStart(const CLI::App& command, const TrainingOptions& options) {
  const std::filesystem::path file = options.resume / "config.toml";
  if (options.resume.empty() || options.init.empty() || !isFile(file)) return {};
  const std::string own = tomlValue(valuesOf(*command.get_option("--init"), "init", options).front());
  if (readTextFile(file).find(fmt::format("\ninit = {}\n", own)) != std::string::npos) return {};
  return {{&codes::kUsageOption, fmt::format("--init {} does not go with --resume: that run began otherwise.", own),
           "Leave --init out, or begin another run without --resume."}};
}

// What every option is now, as TOML.
void writeConfiguration(const CLI::App& command, TrainingOptions& options) {
  options.configuration = "# The options of this run; `ocrdet train --config` takes this file.\n";
  for (const CLI::Option* option : command.get_options()) {
    if (option->get_lnames().empty()) continue;
    const std::string name = option->get_lnames().front();
    if (contains(kOfThisCall, name) || contains(kDecidedLater, name)) continue;
    std::string text;
    for (const std::string& value : valuesOf(*option, name, options))
      text += (text.empty() ? "" : ", ") + tomlValue(value);
    if (text.empty()) continue;
    const bool list = option->get_items_expected_max() > 1;
    const std::string line = fmt::format("{} = {}\n", name, list ? "[" + text + "]" : text);
    options.configuration += line;
    if (!contains(kPaths, name) && !contains(kOfOneProcess, name)) options.common_configuration += line;
  }
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

void readScaleRange(const std::string& text, TrainingOptions& options) {
  const std::vector<double> range = numbersIn(text, "--scale-range");
  if (range.size() != 2 || range[0] > range[1])
    throw Error({&codes::kUsageOption, fmt::format("--scale-range \"{}\" is no range.", text),
                 "Write the smallest and the largest factor: 0.5,3."});
  options.smallest_scale = range[0];
  options.largest_scale = range[1];
}

// Left out of --help, which has to fit a screen; docs/training.md lists them.
void addRareOptions(CLI::App& command, TrainArguments& arguments) {
  TrainingOptions& options = arguments.options;
  const auto add = [&](const char* name, auto& value) {
    command.add_option(name, value)->capture_default_str()->group("");
  };
  command.add_flag("--synthetic-words", options.drawn_words)->group("");
  add("--validation-limit", options.validation_limit);
  add("--teacher-weight", options.loss.teacher);
  add("--momentum", options.momentum);
  add("--weight-decay", options.weight_decay);
  add("--clip", options.clip);
  add("--min-text-size", options.min_text_size);
  add("--mirror", options.mirror);
  add("--rotation", options.rotation);
  add("--quarter-turns", options.quarter_turns);
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
  folders("--validation", options.validation, "Folder or packed file whose test part is measured");
  command.add_option("--init", options.init, "Checkpoint of this network, or an ImageNet ResNet-18");
  command.add_option("--keep-initial", options.keep_initial,
                     fmt::format("Share of --init in what is saved [{} of a whole network, else 0]", kShareKept));
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
  command.add_option("--rate", arguments->rate, "Learning rate [0.007, of AdamW 0.001]");
  command.add_option("--warm-up", options.warm_up, "Epochs in which the rate rises")->capture_default_str();
  command.add_option("--average", options.average, "Of the weights (EMA); 0: none")->capture_default_str();
  command.add_option("--patience", options.patience, "Stop after so many epochs without gain; 0: never")
      ->capture_default_str();
  command.add_option("--device", arguments->device, "auto, cpu or cuda")->capture_default_str();
  command.add_option("--precision", arguments->precision, "auto, fp32 or bf16")->capture_default_str();
  command.add_option("--threads", options.threads, "Of the network; 0: all")->capture_default_str();
  command.add_option("--workers", options.workers, "Threads that prepare pictures")->capture_default_str();
  command.add_option("--seed", options.seed, "Of everything random")->check(seedNumber())->capture_default_str();
  command.add_flag("--no-export", arguments->no_export, "Do not write best.onnx");
  addRareOptions(command, *arguments);
  commands.addRuntimeOption(command);
  return command;
}

TrainingOptions trainingOptions(const TrainArguments& arguments, const CLI::App& command, const Console& console) {
  TrainingOptions options = arguments.options;
  std::vector<Problem> problems = emptyPaths(command);
  const auto read = [&](const auto& reading) {
    try {
      reading();
    } catch (const Error& error) {
      problems.insert(problems.end(), error.problems().begin(), error.problems().end());
    }
  };
  options.nesterov = !arguments.no_nesterov;
  options.channels_last = !arguments.no_channels_last;
  options.export_best = !arguments.no_export;
  options.onnxruntime = console.onnxruntime;
  read([&] {
    options.freeze_backbone =
        !arguments.freeze.empty() && wordIn<bool>({{"backbone", true}}, arguments.freeze, "--freeze");
  });
  read([&] {
    options.optimizer = wordIn<OptimizerKind>({{"sgd", OptimizerKind::kSgd}, {"adamw", OptimizerKind::kAdamW}},
                                              arguments.optimizer, "--optimizer");
  });
  options.rate = arguments.rate.value_or(options.optimizer == OptimizerKind::kAdamW ? 0.001 : 0.007);
  read([&] {
    options.precision = wordIn<TrainingPrecision>({{"auto", TrainingPrecision::kAuto},
                                                   {"fp32", TrainingPrecision::kFloat32},
                                                   {"bf16", TrainingPrecision::kBfloat16}},
                                                  arguments.precision, "--precision");
  });
  read([&] {
    options.device = wordIn<TrainingDevice>(
        {{"auto", TrainingDevice::kAuto}, {"cpu", TrainingDevice::kCpu}, {"cuda", TrainingDevice::kCuda}},
        arguments.device, "--device");
  });
  read([&] {
    if (!arguments.scales.empty()) options.scales = numbersIn(arguments.scales, "--scales");
  });
  read([&] { readScaleRange(arguments.scale_range, options); });
  for (const auto& broken : {otherStart(command, options), brokenRules(options)})
    problems.insert(problems.end(), broken.begin(), broken.end());
  if (!problems.empty()) throw Error(std::move(problems));
  writeConfiguration(command, options);
  return options;
}

}  // namespace ocrdet::cli
