// `ocrdet train`: checks the options and becomes `ocrdet-train`, which lies beside it and alone links LibTorch. That
// library costs a third of a second to load, and carries the same protobuf names as the ONNX library.

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "cli/commands.h"
#include "cli/train_options.h"

namespace ocrdet::cli {
namespace {

// The words of this call behind `train`.
std::vector<std::string> ownArguments() {
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  const std::string all{std::istreambuf_iterator<char>(file), {}};
  std::vector<std::string> words;
  for (std::size_t begin = 0; begin < all.size();) {
    const std::size_t end = all.find('\0', begin);
    words.push_back(all.substr(begin, end - begin));
    begin = end == std::string::npos ? all.size() : end + 1;
  }
  words.erase(words.begin(), words.begin() + 2);
  return words;
}

// A thread that waits for the others of a loop keeps its processor, for milliseconds if GNU's OpenMP is not told
// otherwise, and those who read pictures, draw them and ask the teacher lack it: a tenth of the time on two processors.
void waitBriefly() {
  if (getenv("OMP_WAIT_POLICY") == nullptr) setenv("GOMP_SPINCOUNT", "3000", 0);
}

ExitStatus becomeTrainer() {
  const std::filesystem::path trainer = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "ocrdet-train";
  std::vector<std::string> words = ownArguments();
  words.insert(words.begin(), trainer.string());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  waitBriefly();
  execv(trainer.c_str(), pointers.data());
  throw Error({&codes::kTrainNotBuilt, fmt::format("{} is not there: the trainer was not built.", trainer.string()),
               "Build it with `make train-build` (docs/training.md)."});
}

}  // namespace

void addTrain(Commands& commands) {
  auto arguments = std::make_shared<TrainArguments>();
  auto command = std::make_shared<CLI::App*>();
  *command = &addTrainCommand(commands, arguments, [=](const Console& console) {
    trainingOptions(*arguments, **command, console);
    return becomeTrainer();
  });
}

}  // namespace ocrdet::cli
