// `ocrdet check`: the size contract alone. Needs neither a model nor a runtime.

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/available_memory.h"
#include "base/byte_count.h"
#include "cli/commands.h"
#include "cli/wrap.h"
#include "contract/verdict_json.h"
#include "export/memory_forecast.h"
#include "ocrdet/contract.h"

namespace ocrdet::cli {
namespace {

struct CheckSizeArguments {
  std::vector<std::string> sizes;
  std::vector<std::string> allowed;
  std::string precision = "fp32";
  std::string target;
  std::string rounding;
  std::string max_memory;
  CLI::Option* rounding_given = nullptr;
  bool any_size = false;
  bool dynamic = false;
  int batch = 1;
  std::optional<int> opset;
};

// The answer to one size of the command line.
struct Answer {
  std::string given;
  Verdict verdict;  // without a size when `given` could not be read
  bool readable = true;
  std::optional<Size> replaced;  // what the size was before rounding
  std::optional<MemoryPrediction> memory;
};

// CLI11 takes the word after `--round` for its value; what starts with a digit was meant as a size.
std::optional<Rounding> takeRounding(CheckSizeArguments& options) {
  if (options.rounding_given->count() == 0) return std::nullopt;
  const std::string word = options.rounding;
  if (!word.empty() && std::isdigit(static_cast<unsigned char>(word[0]))) {
    options.sizes.insert(options.sizes.begin(), word);
    return Rounding::kClosest;
  }
  const bool no_value = word.empty() || word == "true";
  return no_value ? Rounding::kClosest : parseRounding(word);
}

// Only for sizes that can be exported; int8 files have a plan of memory that is not predicted.
std::optional<MemoryPrediction> forecast(const SizeQuestion& question) {
  if (question.precision == Precision::kInt8 || !checkSize(question).valid()) return std::nullopt;
  GraphOptions options;
  options.any_size = question.any_size;
  options.precision = question.precision == Precision::kFloat16 ? GraphOptions::kFloat16 : GraphOptions::kFloat32;
  if (!question.dynamic) {
    options.batch = question.batch;
    options.height = static_cast<int>(question.size.height);
    options.width = static_cast<int>(question.size.width);
  }
  return forecastMemory(options, question.size.height, question.size.width, question.batch);
}

Answer answer(const std::string& text, SizeQuestion question, std::optional<Rounding> rounding) {
  Answer result{text, {}, true, {}, {}};
  try {
    question.size = parseSize(text);
  } catch (const Error& error) {
    result.readable = false;
    for (const Problem& problem : error.problems()) {
      result.verdict.findings.push_back(
          {problem.code, Level::kError, problem.message, problem.advice, problem.details});
    }
    return result;
  }
  if (rounding) {
    if (const auto replacement = replacementSize(question, *rounding)) {
      result.replaced = question.size;
      question.size = *replacement;
    }
  }
  result.memory = forecast(question);
  if (result.memory) question.predicted_memory = result.memory->peak_bytes;
  result.verdict = checkSize(question);
  return result;
}

std::string headline(const Answer& answer) {
  if (!answer.readable) return fmt::format("\"{}\" is not valid.", answer.given);
  const Verdict& verdict = answer.verdict;
  std::string text = toText(verdict.size);
  if (answer.replaced) text = fmt::format("{} is rounded to {}, which", toText(*answer.replaced), text);
  if (!verdict.valid()) return text + " is not valid.";
  const bool warned = !verdict.findings.empty() && verdict.findings.front().level == Level::kWarning;
  return text + (warned ? " is valid, with a warning." : " is valid.");
}

// "832x832 (closest, above) or 800x800 (below)"; empty when there is nothing better than the size itself.
std::string betterSizes(const Verdict& verdict) {
  if (!verdict.suggestions || verdict.suggestions->closest == verdict.size) return "";
  const auto& [below, above, closest] = *verdict.suggestions;
  std::vector<std::pair<Size, std::string>> better;
  for (const auto& [size, word] :
       {std::pair(closest, "closest"), std::pair(below, "below"), std::pair(above, "above")}) {
    const auto same =
        std::find_if(better.begin(), better.end(), [&, size = size](const auto& e) { return e.first == size; });
    if (same != better.end()) {
      same->second += std::string(", ") + word;
    } else if (size != verdict.size) {
      better.emplace_back(size, word);
    }
  }
  std::string text;
  for (std::size_t i = 0; i < better.size(); ++i) {
    text += i == 0 ? "" : i + 1 == better.size() ? " or " : ", ";
    text += fmt::format("{} ({})", toText(better[i].first), better[i].second);
  }
  return text;
}

void print(const Answer& answer, const Console& console) {
  const Verdict& verdict = answer.verdict;
  console.text(headline(answer));
  for (const Finding& finding : verdict.findings) {
    console.text("");
    console.text(fmt::format("{}[{}]", name(finding.level), finding.code->name));
    console.text(wrapped("  ", finding.message));
    console.text(wrapped("  ", finding.advice));
  }
  if (!verdict.pytorch_message.empty()) {
    console.text("");
    console.text(wrapped("PyTorch would say: ", verdict.pytorch_message, 120));
  }
  if (answer.memory) {
    console.text("");
    console.text(wrapped("Memory of a run: ", describe(*answer.memory)));
  }
  if (const std::string better = betterSizes(verdict); !better.empty()) {
    console.text("");
    console.text("Better sizes: " + better + ".");
  }
}

Json toJson(const Answer& answer) {
  Json json{{"given", answer.given}};
  if (answer.replaced) json["rounded_from"] = ocrdet::toJson(*answer.replaced);
  json.update(ocrdet::toJson(answer.verdict));
  if (answer.memory) json["predicted_peak_bytes"] = answer.memory->peak_bytes;
  if (!answer.readable) {
    json.erase("height");
    json.erase("width");
  }
  return json;
}

ExitStatus runCheck(CheckSizeArguments options, const Console& console) {
  const std::optional<Rounding> rounding = takeRounding(options);
  if (options.sizes.empty()) {
    throw Error(
        Problem{&codes::kUsageOption, "No size was given.", "Write for instance `ocrdet check 800x800`.", {}, ""});
  }
  SizeQuestion question;
  question.any_size = options.any_size;
  question.dynamic = options.dynamic;
  question.batch = options.batch;
  question.opset = options.opset;
  question.precision = parsePrecision(options.precision);
  question.target = options.target.empty() ? nullptr : &targetNamed(options.target);
  question.allowed = options.allowed;
  question.available_memory = availableMemory();
  if (!options.max_memory.empty()) question.memory_limit = parseByteCount(options.max_memory);

  bool valid = true;
  Json verdicts = Json::array();
  for (const std::string& text : options.sizes) {
    const Answer each = answer(text, question, rounding);
    if (!verdicts.empty()) console.text("");
    print(each, console);
    valid = valid && each.verdict.valid();
    verdicts.push_back(toJson(each));
  }
  console.document(Json{{"valid", valid}, {"verdicts", verdicts}});
  return valid ? ExitStatus::kDone : ExitStatus::kUsage;
}

}  // namespace

void addCheck(Commands& commands) {
  auto options = std::make_shared<CheckSizeArguments>();
  CLI::App& command = commands.add("check", "Say whether an input size is valid, and which one is.",
                                   {"ocrdet check 800x800", "ocrdet check 819x819 720x1280 --round up",
                                    "ocrdet check 640x640 --dynamic --target opencv-dnn --json"},
                                   [options](const Console& console) { return runCheck(*options, console); });
  command.add_option("SIZE", options->sizes, "Height x width, one or more");
  command.add_flag("--any-size", options->any_size, "For files that pad inside: any size from 32 up");
  command.add_flag("--dynamic", options->dynamic, "Free axes instead of one fixed size");
  command.add_option("--batch", options->batch, "Pictures in one run, 1 to 64")->capture_default_str();
  command.add_option("--opset", options->opset, "ONNX opset, 11 to 17");
  command.add_option("--precision", options->precision, "fp32, fp16 or int8")->capture_default_str();
  command.add_option("--target", options->target, "Where the file is to run: onnxruntime, opencv-dnn, rknn …");
  command.add_option("--allow", options->allowed, "size.out-of-range: warn of it instead of refusing")
      ->allow_extra_args(false);
  command.add_option("--max-memory", options->max_memory, "Refuse what would need more: 2GB, 800MB");
  options->rounding_given =
      command
          .add_option("--round", options->rounding, "Judge the closest valid size instead, or the one `up` or `down`")
          ->expected(0, 1);
}

}  // namespace ocrdet::cli
