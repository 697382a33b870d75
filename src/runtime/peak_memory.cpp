// How the second process works: measurePeakMemory() starts this very program (/proc/self/exe) with the task as JSON in
// the environment variable kTaskVariable. `kCaughtBeforeMain` below is initialised before main(); when it finds that
// variable, it does the task, writes one line of JSON to stdout and ends the process, so that main() never runs.
// Initialisation before main() is the one place that every program which links this file has in common: the command
// line program, the tests, and programs of others.
#include "runtime/peak_memory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <utility>

#include "base/cancellation.h"
#include "base/json.h"
#include "base/stopwatch.h"
#include "ocrdet/error.h"
#include "runtime/runtime.h"

namespace ocrdet {
namespace {

constexpr const char* kTaskVariable = "OCRDET_MEASURE_PEAK_MEMORY";

// --- the second process ---

// The kernel's high-water mark of resident memory; it starts anew with every exec.
std::int64_t highWaterMark() {
  std::ifstream status("/proc/self/status");
  std::string line;
  while (std::getline(status, line)) {
    if (line.starts_with("VmHWM:")) return std::strtoll(line.c_str() + 6, nullptr, 10) * 1024;
  }
  return 0;
}

SessionOptions optionsFrom(const Json& task) {
  SessionOptions options;
  options.onnxruntime = task.at("onnxruntime").get<std::string>();
  options.threads = task.at("threads");
  options.optimise = task.at("optimise");
  options.arena = task.at("arena");
  options.memory_pattern = task.at("memory_pattern");
  options.provider = static_cast<Provider>(task.at("provider").get<int>());
  options.device = task.at("device");
  return options;
}

// A tensor of ones for every input: memory does not depend on the values.
std::vector<NamedTensor> inputsFor(const Session& session, const SymbolLengths& lengths) {
  std::vector<NamedTensor> inputs;
  for (const Value& input : session.inputs()) {
    TensorShape shape;
    for (const Dimension& dimension : input.shape) {
      const auto found = lengths.find(dimension.symbol);
      shape.push_back(dimension.fixed() ? dimension.length : found == lengths.end() ? 1 : found->second);
    }
    const std::int64_t count = elementCount(shape).value_or(0);
    auto bytes =
        std::make_shared<std::vector<std::byte>>(static_cast<std::size_t>(count) * byteSize(input.dtype), std::byte{1});
    Tensor tensor{input.dtype, shape, contiguousStrides(shape), 0, Storage{*bytes, bytes}};
    inputs.push_back({input.name, std::move(tensor)});
  }
  return inputs;
}

Json measureHere(const Json& task) {
  Stopwatch watch;
  const Session session = Session::open(task.at("model").get<std::string>(), optionsFrom(task));
  Json result{{"load_seconds", watch.seconds()}, {"loaded_bytes", highWaterMark()}};
  const std::vector<NamedTensor> inputs = inputsFor(session, task.at("lengths").get<SymbolLengths>());
  watch.lap();
  const std::vector<NamedTensor> outputs = session.run(inputs);
  result["run_seconds"] = watch.seconds();
  result["peak_bytes"] = highWaterMark();
  return result;
}

bool measureIfAsked() {
  const char* task = std::getenv(kTaskVariable);
  if (task == nullptr) return false;
  Json result;
  try {
    result = measureHere(Json::parse(task));
  } catch (const Error& error) {
    result = toJson(error);
  } catch (const std::exception& error) {
    result = toJson(Error(Problem{&codes::kRuntimeFailed, "The measurement of memory failed.", {}, {}, error.what()}));
  }
  std::puts(jsonText(result, false).c_str());
  std::fflush(stdout);
  // Without destructors: the session's threads and the rest of the program's static objects are of no interest any
  // more.
  _exit(0);
}

[[maybe_unused]] const bool kCaughtBeforeMain = measureIfAsked();

// --- the first process ---

// A child process whose stdout is read; killed when the reader gives up.
class Child {
 public:
  explicit Child(const std::string& task) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) fail();
    output_ = ends[0];
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    std::string variable = std::string(kTaskVariable) + "=" + task;
    std::vector<char*> environment;
    for (char** entry = environ; *entry != nullptr; ++entry) environment.push_back(*entry);
    environment.push_back(variable.data());
    environment.push_back(nullptr);
    std::string name = "ocrdet-measure";
    char* arguments[] = {name.data(), nullptr};
    const int failure = posix_spawn(&process_, "/proc/self/exe", &actions, nullptr, arguments, environment.data());
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    if (failure != 0) {
      close(output_);
      fail();
    }
  }
  ~Child() {
    if (process_ > 0) {
      kill(process_, SIGKILL);
      waitpid(process_, nullptr, 0);
    }
    close(output_);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // All that the child writes until it ends. Throws run.interrupted.
  std::string readAll() {
    std::string text;
    char buffer[4096];
    pollfd wait{output_, POLLIN, 0};
    for (;;) {
      throwIfInterrupted();
      if (poll(&wait, 1, 50) <= 0) continue;
      const ssize_t length = read(output_, buffer, sizeof buffer);
      if (length < 0 && errno == EINTR) continue;
      if (length <= 0) return text;
      text.append(buffer, static_cast<std::size_t>(length));
    }
  }

  // How the child ended, as waitpid says it.
  int wait() {
    int status = 0;
    while (waitpid(process_, &status, 0) < 0 && errno == EINTR) {
    }
    process_ = 0;
    return status;
  }

 private:
  [[noreturn]] static void fail() {
    throw Error(Problem{&codes::kMemoryExhausted, "No second process could be started to measure memory.",
                        "Close other programs, or raise the limit of processes."});
  }

  pid_t process_ = 0;
  int output_ = -1;
};

// The child's error, thrown again here.
[[noreturn]] void rethrow(const Json& result) {
  const Json& error = result.at("error");
  const std::string code = error.at("code");
  const auto found = std::find_if(std::begin(kAllErrorCodes), std::end(kAllErrorCodes),
                                  [&](const ErrorCode* candidate) { return candidate->name == code; });
  throw Error(Problem{found == std::end(kAllErrorCodes) ? &codes::kRuntimeFailed : *found,
                      error.at("message"),
                      error.at("advice"),
                      {},
                      error.value("cause", "")});
}

}  // namespace

MeasuredMemory measurePeakMemory(const std::filesystem::path& model, const SymbolLengths& lengths,
                                 const SessionOptions& options) {
  const Json task{{"model", model.string()},
                  {"lengths", lengths},
                  {"onnxruntime", loadRuntime(options.onnxruntime).path.string()},
                  {"threads", options.threads},
                  {"optimise", options.optimise},
                  {"arena", options.arena},
                  {"memory_pattern", options.memory_pattern},
                  {"provider", static_cast<int>(options.provider)},
                  {"device", options.device}};
  Child child(task.dump());
  const std::string text = child.readAll();
  const int status = child.wait();
  const Json result = Json::parse(text, nullptr, false);
  if (result.is_discarded()) {
    const std::string how = WIFSIGNALED(status) ? fmt::format("was ended by signal {}", WTERMSIG(status))
                                                : fmt::format("ended with status {}", WEXITSTATUS(status));
    throw Error(Problem{&codes::kMemoryExhausted,
                        fmt::format("The process that ran {} to measure its memory {}.", model.string(), how),
                        "Most likely memory ran out: use a smaller size or batch, or give the machine more memory."});
  }
  if (result.contains("error")) rethrow(result);
  return {result.at("loaded_bytes"), result.at("peak_bytes"), result.at("load_seconds"), result.at("run_seconds")};
}

}  // namespace ocrdet
