#include "train/processes.h"

#include <fmt/format.h>

#include <chrono>
#include <torch/csrc/distributed/c10d/FileStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include "ocrdet/error.h"

namespace ocrdet {

struct Processes::Group {
  c10::intrusive_ptr<c10d::ProcessGroupGloo> gloo;
  int count = 1;

  at::Tensor sum(const at::Tensor& values) const {
    std::vector<at::Tensor> tensors{values.detach().to(at::kCPU).clone(at::MemoryFormat::Contiguous)};
    gloo->allreduce(tensors)->wait();
    return tensors[0].to(values.device());
  }

  // Lengths differ: all are padded to the longest, with their lengths in front.
  at::Tensor gather(const at::Tensor& values) const {
    const at::Tensor lengths = at::zeros({count}, at::kLong);
    lengths[gloo->getRank()] = values.numel();
    const at::Tensor all_lengths = sum(lengths);
    const std::int64_t longest = all_lengths.max().item<std::int64_t>();
    at::Tensor padded = at::zeros({longest}, at::kFloat);
    padded.narrow(0, 0, values.numel()).copy_(values.detach());
    std::vector<at::Tensor> inputs{padded};
    std::vector<std::vector<at::Tensor>> outputs(1);
    for (int i = 0; i < count; ++i) outputs[0].push_back(at::zeros({longest}, at::kFloat));
    gloo->allgather(outputs, inputs)->wait();
    for (int i = 0; i < count; ++i)
      outputs[0][std::size_t(i)] = outputs[0][std::size_t(i)].narrow(0, 0, all_lengths[i].item<std::int64_t>());
    return at::cat(outputs[0]).to(values.device());
  }
};

namespace {

constexpr auto kPatience = std::chrono::seconds(60);
// A process may validate, or wait for its disk, while the others wait for it.
constexpr auto kStepPatience = std::chrono::minutes(30);

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

c10::intrusive_ptr<c10d::Store> openStore(const std::string& rendezvous, int process, int count) {
  const std::size_t colon = rendezvous.rfind(':');
  if (colon == std::string::npos || rendezvous.find('/') != std::string::npos)
    return c10::make_intrusive<c10d::FileStore>(rendezvous, count);
  c10d::TCPStoreOptions options;
  options.port = static_cast<std::uint16_t>(std::stoi(rendezvous.substr(colon + 1)));
  options.isServer = process == 0;
  options.numWorkers = static_cast<std::size_t>(count);
  options.timeout = kPatience;
  return c10::make_intrusive<c10d::TCPStore>(rendezvous.substr(0, colon), options);
}

}  // namespace

Processes::Processes(const std::string& rendezvous, int process, int count) : group_(std::make_shared<Group>()) {
  try {
    const auto store = openStore(rendezvous, process, count);
    store->setTimeout(kPatience);
    auto options = c10d::ProcessGroupGloo::Options::create(kStepPatience);
    options->devices.push_back(c10d::ProcessGroupGloo::createDefaultDevice());
    group_->gloo = c10::make_intrusive<c10d::ProcessGroupGloo>(store, process, count, options);
    group_->count = count;
  } catch (const std::exception& error) {
    throw Error({&codes::kTrainProcessesFailed,
                 fmt::format("Process {} of {} did not meet the others at {}.", process, count, rendezvous),
                 "Start all of them within a minute, with the same --rendezvous and numbers from 0.",
                 {{"process", std::int64_t{process}}, {"processes", std::int64_t{count}}},
                 error.what()});
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

bool Processes::any(bool yes) const {
  return group_->sum(at::full({1}, yes ? 1.0 : 0.0)).item<double>() > 0;
}

double Processes::fromFirst(double value) const {
  const bool first = group_->gloo->getRank() == 0;
  return group_->sum(at::full({1}, first ? value : 0.0, at::kDouble)).item<double>();
}

}  // namespace ocrdet
