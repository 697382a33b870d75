#include "train/processes.h"

#include <fmt/format.h>

#include <chrono>
#include <sstream>
#include <stdexcept>
#include <torch/csrc/distributed/c10d/FileStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include "ocrdet/error.h"
#include "train/own_address.h"
#include "train/rendezvous.h"

namespace ocrdet {
namespace {

// c10d puts a backtrace below its first line.
std::string firstLine(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

Error lostTheOthers(int process, int count, const std::exception& cause) {
  return Error(
      {&codes::kTrainProcessesFailed,
       fmt::format("Process {} of {} lost the others: one of them stopped, or cannot be reached.", process, count),
       "The one that stopped first says why. Start all of them again, with --resume RUN to go on.",
       {{"process", std::int64_t{process}}, {"processes", std::int64_t{count}}},
       firstLine(cause.what())});
}

}  // namespace

struct Processes::Group {
  int process = 0, count = 1;
  c10::intrusive_ptr<c10d::Store> store;
  c10::intrusive_ptr<c10d::ProcessGroupGloo> gloo;

  void exchange(const auto& work) const {
    try {
      work();
    } catch (const std::exception& error) {
      throw lostTheOthers(process, count, error);
    }
  }

  at::Tensor sum(const at::Tensor& values) const {
    std::vector<at::Tensor> tensors{values.detach().to(at::kCPU).clone(at::MemoryFormat::Contiguous)};
    exchange([&] { gloo->allreduce(tensors)->wait(); });
    return tensors[0].to(values.device());
  }

  // Lengths differ: all are padded to the longest, with their lengths in front.
  at::Tensor gather(const at::Tensor& values) const {
    const at::Tensor lengths = at::zeros({count}, at::kLong);
    lengths[process] = values.numel();
    const at::Tensor all_lengths = sum(lengths);
    const std::int64_t longest = all_lengths.max().item<std::int64_t>();
    at::Tensor padded = at::zeros({longest}, at::kFloat);
    padded.narrow(0, 0, values.numel()).copy_(values.detach());
    std::vector<at::Tensor> inputs{padded};
    std::vector<std::vector<at::Tensor>> outputs(1);
    for (int i = 0; i < count; ++i) outputs[0].push_back(at::zeros({longest}, at::kFloat));
    exchange([&] { gloo->allgather(outputs, inputs)->wait(); });
    for (int i = 0; i < count; ++i)
      outputs[0][std::size_t(i)] = outputs[0][std::size_t(i)].narrow(0, 0, all_lengths[i].item<std::int64_t>());
    return at::cat(outputs[0]).to(values.device());
  }
};

namespace {

constexpr auto kPatience = std::chrono::seconds(60);
// The others wait while the first process validates, which may take hours. This is no protection against processes that
// end: their connections close.
constexpr auto kStepPatience = std::chrono::hours(12);

// The current group, for the gradient of a sum: LibTorch makes such functions static.
struct SumOverProcesses : torch::autograd::Function<SumOverProcesses> {
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& values, std::int64_t group) {
    context->saved_data["group"] = group;
    return reinterpret_cast<const Processes::Group*>(group)->sum(values);
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const auto* group = reinterpret_cast<const Processes::Group*>(context->saved_data["group"].toInt());
    return {group->sum(gradients[0]), at::Tensor()};
  }
};

Rendezvous placeOf(const std::string& rendezvous) {
  const auto place = parseRendezvous(rendezvous);
  if (!place) throw std::invalid_argument(fmt::format("\"{}\" is neither HOST:PORT nor a file", rendezvous));
  return *place;
}

c10::intrusive_ptr<c10d::Store> openStore(const Rendezvous& place, int process, int count) {
  if (place.host.empty()) return c10::make_intrusive<c10d::FileStore>(place.file, count);
  c10d::TCPStoreOptions options;
  options.port = place.port;
  options.isServer = process == 0;
  options.numWorkers = static_cast<std::size_t>(count);
  options.timeout = kPatience;
  return c10::make_intrusive<c10d::TCPStore>(place.host, options);
}

// Where the others connect to this process.
auto listeningDevice(const Rendezvous& place) {
  return place.host.empty()
             ? c10d::ProcessGroupGloo::createDefaultDevice()
             : c10d::ProcessGroupGloo::createDeviceForHostname(ownAddressTowards(place.host, place.port));
}

std::string read(c10d::Store& store, const std::string& key) {
  const std::vector<std::uint8_t> bytes = store.get(key);
  return {bytes.begin(), bytes.end()};
}

void write(c10d::Store& store, const std::string& key, const std::string& text) {
  store.set(key, std::vector<std::uint8_t>(text.begin(), text.end()));
}

// Before Gloo connects, which would wait for a missing process as long as for a step.
void awaitAll(c10d::Store& store, int process, int count) {
  if (store.add(fmt::format("number/{}", process), 1) != 1)
    throw std::invalid_argument(
        fmt::format("number {} is taken already, or the file is left from an earlier run", process));
  write(store, fmt::format("processes/{}", process), std::to_string(count));
  for (int other = 0; other < count; ++other) {
    const std::string expected = read(store, fmt::format("processes/{}", other));
    if (expected != std::to_string(count))
      throw std::invalid_argument(fmt::format("process {} was started with --processes {}", other, expected));
  }
}

// The first line of each that the other does not have in its place.
std::pair<std::string, std::string> firstDifference(const std::string& one, const std::string& other) {
  std::istringstream ones(one), others(other);
  for (std::string left, right;;) {
    const bool more = bool(std::getline(ones, left)), also = bool(std::getline(others, right));
    if (!more) left = "nothing";
    if (!also) right = "nothing";
    if (left != right || (!more && !also)) return {left, right};
  }
}

}  // namespace

Processes::Processes(const std::string& rendezvous, int process, int count) : group_(std::make_shared<Group>()) {
  group_->process = process;
  group_->count = count;
  try {
    const Rendezvous place = placeOf(rendezvous);
    group_->store = openStore(place, process, count);
    group_->store->setTimeout(kPatience);
    awaitAll(*group_->store, process, count);
    auto options = c10d::ProcessGroupGloo::Options::create(kStepPatience);
    options->devices.push_back(listeningDevice(place));
    group_->gloo = c10::make_intrusive<c10d::ProcessGroupGloo>(group_->store, process, count, options);
  } catch (const std::exception& error) {
    throw Error({&codes::kTrainProcessesFailed,
                 fmt::format("Process {} of {} did not meet the others at {}.", process, count, rendezvous),
                 "Start all of them within a minute, with the same --rendezvous and numbers from 0.",
                 {{"process", std::int64_t{process}}, {"processes", std::int64_t{count}}},
                 firstLine(error.what())});
  }
}

Processes::~Processes() = default;

Together Processes::together() const {
  const std::shared_ptr<Group> group = group_;
  Together together;
  together.sums.sum = [group](const at::Tensor& values) {
    return SumOverProcesses::apply(values, reinterpret_cast<std::int64_t>(group.get()));
  };
  together.sums.gather = [group](const at::Tensor& values) { return group->gather(values); };
  // One message for all gradients: 49 MB take 30 ms, while 62 messages would wait for each other 62 times.
  together.averageGradients = [group](const std::vector<at::Tensor>& gradients) {
    std::vector<at::Tensor> flat;
    for (const at::Tensor& gradient : gradients) flat.push_back(gradient.reshape({-1}));
    const at::Tensor mean = group->sum(at::cat(flat)) / group->count;
    std::int64_t begin = 0;
    for (const at::Tensor& gradient : gradients) {
      gradient.copy_(mean.narrow(0, begin, gradient.numel()).view(gradient.sizes()));
      begin += gradient.numel();
    }
  };
  return together;
}

void Processes::requireSame(const std::string& terms) const {
  std::vector<std::string> all;
  // The store waits for what a dead process owes it, Gloo does not: hence all have written before anyone reads.
  const auto key = [](int process) { return fmt::format("terms/{}", process); };
  group_->exchange([&] { write(*group_->store, key(group_->process), terms); });
  any(false);
  group_->exchange([&] {
    for (int process = 0; process < group_->count; ++process) all.push_back(read(*group_->store, key(process)));
  });
  any(false);  // all have read: whoever throws takes the store with it
  for (int process = 1; process < group_->count; ++process) {
    if (all[std::size_t(process)] == all[0]) continue;
    const auto [first, other] = firstDifference(all[0], all[std::size_t(process)]);
    throw Error({&codes::kTrainProcessesFailed,
                 fmt::format("The processes differ: process 0 has `{}`, process {} has `{}`.", first, process, other),
                 "Start all of them with the same options, data and weights; only paths and the machine may differ.",
                 {{"process", std::int64_t{process}}, {"first", first}, {"other", other}}});
  }
}

bool Processes::any(bool yes) const {
  return group_->sum(at::full({1}, yes ? 1.0 : 0.0)).item<double>() > 0;
}

double Processes::fromFirst(double value) const {
  const bool first = group_->process == 0;
  return group_->sum(at::full({1}, first ? value : 0.0, at::kDouble)).item<double>();
}

}  // namespace ocrdet
