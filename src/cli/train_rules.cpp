#include "cli/train_rules.h"

#include <fmt/format.h>

#include <limits>
#include <string>

#include "train/rendezvous.h"

namespace ocrdet::cli {
namespace {

constexpr double kAnyNumber = std::numeric_limits<double>::infinity();
constexpr int kSmallestSize = 64, kLargestSize = 2048;

enum class Ends { kBoth, kWithoutFirst, kWithoutLast };  // of a range: which of them are allowed

struct NumberRule {
  const char* option;
  double value;
  double first, last;
  Ends ends;
  std::string advice;
};

std::vector<NumberRule> numberRules(const TrainingOptions& options) {
  return {
      {"--synthetic", double(options.drawn), 0, 10'000'000, Ends::kBoth, "Use 1000, say."},
      {"--validation-limit", double(options.validation_limit), 0, kAnyNumber, Ends::kBoth, "Use 100, or 0 for all."},
      {"--teacher-weight", options.loss.teacher, 0, kAnyNumber, Ends::kBoth, "Use 5."},
      {"--batch", double(options.batch), 1, 1024, Ends::kBoth, "Use 8, or less when memory is short."},
      {"--epochs", double(options.epochs), 1, 100000, Ends::kBoth, "Use 10 to fine-tune."},
      {"--rate", options.rate, 0, 1, Ends::kWithoutFirst, "Use 0.007 for SGD, 0.001 for AdamW."},
      {"--warm-up", options.warm_up, 0, 100000, Ends::kBoth, "Use 0.1, a tenth of an epoch, or 0 for none."},
      {"--momentum", options.momentum, 0, 1, Ends::kBoth, "Use 0.9."},
      {"--weight-decay", options.weight_decay, 0, kAnyNumber, Ends::kBoth, "Use 0.0001, or 0 for none."},
      {"--clip", options.clip, 0, kAnyNumber, Ends::kBoth, "Use 25, or 0 for never."},
      {"--average", options.average, 0, 1, Ends::kWithoutLast, "Use 0.999, or 0 for none."},
      {"--keep-initial", options.keep_initial.value_or(0), 0, 0.95, Ends::kBoth,
       fmt::format("Use {}, or 0 for the trained weights alone.", kShareKept)},
      {"--patience", double(options.patience), 0, kAnyNumber, Ends::kBoth, "Use 20, or 0 for never."},
      {"--min-text-size", options.min_text_size, 0, kAnyNumber, Ends::kBoth, "Use 8, or 0 to learn every text."},
      {"--mirror", options.mirror, 0, 1, Ends::kBoth, "Use 0.5, a share of the pictures, or 0 for none."},
      {"--rotation", options.rotation, 0, 180, Ends::kBoth, "Use 10, in degrees, or 0 for none."},
      {"--quarter-turns", options.quarter_turns, 0, 1, Ends::kBoth,
       "Use 0.25, a share of the pictures, or 0 for none."},
      {"--text-crop", options.text_crop, 0, 1, Ends::kBoth, "Use 0.5, a share of the pictures."},
      {"--colour", options.colour, 0, 1, Ends::kBoth, "Use 0.5, or 0 for none."},
      {"--threads", double(options.threads), 0, 1024, Ends::kBoth, "Use 0 for all processors."},
      {"--workers", double(options.workers), 1, 256, Ends::kBoth, "Use 2."},
      {"--save-minutes", options.save_minutes, 0, kAnyNumber, Ends::kWithoutFirst, "Use 10."},
      {"--processes", double(options.processes), 1, 64, Ends::kBoth, "Use 2 to share the work between two."},
  };
}

// "at least 0 and below 1"
std::string rangeOf(const NumberRule& rule) {
  std::string text = fmt::format("{} {}", rule.ends == Ends::kWithoutFirst ? "above" : "at least", rule.first);
  if (rule.last != kAnyNumber)
    text += fmt::format(" and {} {}", rule.ends == Ends::kWithoutLast ? "below" : "at most", rule.last);
  return text;
}

bool holds(const NumberRule& rule) {  // never for what is no number
  const bool above = rule.ends == Ends::kWithoutFirst ? rule.value > rule.first : rule.value >= rule.first;
  return above && (rule.ends == Ends::kWithoutLast ? rule.value < rule.last : rule.value <= rule.last);
}

void require(std::vector<Problem>& problems, bool holds, std::string message, std::string advice) {
  if (!holds) problems.push_back({&codes::kUsageOption, std::move(message), std::move(advice)});
}

void checkSizes(const TrainingOptions& options, std::vector<Problem>& problems) {
  const bool size_holds = options.size % 32 == 0 && options.size >= kSmallestSize && options.size <= kLargestSize;
  require(
      problems, size_holds,
      fmt::format("--size {} is not a multiple of 32 between {} and {}.", options.size, kSmallestSize, kLargestSize),
      "Use 640, or 800 for small text.");
  if (!size_holds) return;
  for (const double scale : options.scales) {
    const int scaled = roundedTo32(options.size * scale);
    require(problems, scaled >= kSmallestSize && scaled <= kLargestSize,
            fmt::format("--scales {} makes pictures of {} out of --size {}, which is not between {} and {}.", scale,
                        scaled, options.size, kSmallestSize, kLargestSize),
            fmt::format("Use factors between {:.2f} and {:.2f}.", double(kSmallestSize) / options.size,
                        double(kLargestSize) / options.size));
  }
}

void checkProcesses(const TrainingOptions& options, std::vector<Problem>& problems) {
  if (options.processes < 1) return;  // said already
  require(problems, options.process >= 0 && options.process < options.processes,
          fmt::format("--process {} is none of --processes {}.", options.process, options.processes),
          "Number processes from 0; --processes alone starts them all on this machine.");
  require(problems, options.batch % options.processes == 0,
          fmt::format("--batch {} cannot be shared by {} processes.", options.batch, options.processes),
          fmt::format("Use a multiple of {}.", options.processes));
  require(problems, options.process <= 0 || !options.rendezvous.empty(),
          fmt::format("--process {} is not told where to meet the others.", options.process),
          "Give all of them the same --rendezvous HOST:PORT.");
  require(problems, options.rendezvous.empty() || options.processes > 1, "--rendezvous needs --processes.",
          "Say how many there are: --processes 2.");
  require(problems, options.rendezvous.empty() || parseRendezvous(options.rendezvous),
          fmt::format("--rendezvous \"{}\" is neither HOST:PORT, with a port from 1 to 65535, nor a file.",
                      options.rendezvous),
          "Use for instance 10.0.0.1:29500; a file's name with a colon needs a slash: ./a:b.");
}

}  // namespace

std::vector<Problem> brokenRules(const TrainingOptions& options) {
  std::vector<Problem> problems;
  require(problems, !options.datasets.empty() || !options.unlabelled.empty() || options.drawn > 0,
          "No data set was given.",
          "Write for instance `ocrdet train receipts/`, or --resume RUN to go on with an earlier run.");
  require(problems, options.unlabelled.empty() || !options.teacher.empty(),
          "--unlabelled pictures teach nothing without --teacher.", "Name a detector with --teacher MODEL.onnx.");
  require(problems, options.patience <= 0 || !options.validation.empty(),
          fmt::format("--patience {} waits for a better hmean, which nothing measures.", options.patience),
          "Name a data set with --validation.");
  require(problems, !options.freeze_backbone || !options.init.empty() || !options.resume.empty(),
          "--freeze backbone would keep random weights for ever.", "Name weights to start from with --init.");
  for (const NumberRule& rule : numberRules(options))
    require(problems, holds(rule),
            fmt::format("{} {} is out of range: it must be {}.", rule.option, rule.value, rangeOf(rule)), rule.advice);
  checkSizes(options, problems);
  checkProcesses(options, problems);
  return problems;
}

}  // namespace ocrdet::cli
