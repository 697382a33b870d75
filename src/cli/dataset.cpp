// `ocrdet dataset …`: data sets checked, mended, made and packed.

#include <fmt/format.h>

#include <optional>

#include "base/progress.h"
#include "cli/commands.h"
#include "dataset/check.h"

namespace ocrdet::cli {
namespace {

struct CheckArguments {
  std::filesystem::path folder;
  CheckOptions options;
  bool headers = false, notes = false;
  std::size_t shown = 5;
};

ExitStatus runCheck(const CheckArguments& arguments, const Console& console) {
  CheckOptions options = arguments.options;
  options.image.decode = !arguments.headers;
  std::optional<Progress> progress;
  options.begin = [&](std::size_t total) { progress.emplace("check", "images", std::int64_t(total)); };
  options.after_each = [&] { progress->advance(); };
  const CheckReport report = checkDataset(arguments.folder, options);
  progress.reset();
  console.text(toText(report, arguments.shown, arguments.notes));
  console.document(toJson(report));
  return report.clean() ? ExitStatus::kDone : ExitStatus::kSomeFailed;
}

void addCheckCommand(Commands& commands) {
  auto arguments = std::make_shared<CheckArguments>();
  CLI::App& command =
      commands.add("dataset check", "Say what is wrong with a data set, with file and line; nothing is changed.",
                   {"ocrdet dataset check icdar2015/", "ocrdet dataset check receipts/ --show 100 --notes",
                    "ocrdet dataset check signs/ --headers --json"},
                   [=](const Console& console) { return runCheck(*arguments, console); });
  command.add_option("DATASET", arguments->folder, "Folder with images and ground truth")->required();
  command.add_flag("--headers", arguments->headers, "Read images' headers only: faster, damage behind them unseen");
  command.add_flag("--notes", arguments->notes, "Also list notes: facts that are normal in good sets");
  command.add_option("--show", arguments->shown, "Findings of each kind to list")->capture_default_str();
  command.add_option("--threads", arguments->options.threads, "Processors to use (default: all)")
      ->check(CLI::Range(0, 1024));
  command.add_option("--max-pixels", arguments->options.image.max_pixels, "Largest image that is decoded")
      ->check(CLI::PositiveNumber);
}

}  // namespace

void addDataset(Commands& commands) {
  commands.addGroup("dataset", "Check, mend, make and pack data sets.",
                    {"ocrdet dataset check icdar2015/", "ocrdet dataset check receipts/ --notes",
                     "ocrdet dataset check signs/ --json"});
  addCheckCommand(commands);
}

}  // namespace ocrdet::cli
