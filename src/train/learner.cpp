#include "train/learner.h"

#include <ATen/detail/CUDAHooksInterface.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <utility>

#include "base/processors.h"
#include "image/normalise.h"
#include "ocrdet/error.h"
#include "train/symptoms.h"

namespace ocrdet {
namespace {

bool cpuHasBfloat16() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512bf16") != 0 && at::hasMKLDNN();
#else
  return false;
#endif
}

// Cards before Ampere compute bfloat16 slower than float32, or not at all.
bool cudaHasBfloat16() {
  return at::detail::getCUDAHooks().supportsBFloat16ConvolutionWithCuDNNv8();
}

at::ScalarType chooseType(TrainingPrecision wanted, bool cuda) {
  if (wanted == TrainingPrecision::kFloat32) return at::kFloat;
  if (wanted == TrainingPrecision::kBfloat16) return at::kBFloat16;
  return (cuda ? cudaHasBfloat16() : cpuHasBfloat16()) ? at::kBFloat16 : at::kFloat;
}

std::unique_ptr<Optimizer> optimizerOf(Network& network, const TrainingOptions& options) {
  return std::make_unique<Optimizer>(network, OptimizerOptions{options.optimizer, options.momentum, options.nesterov,
                                                               options.weight_decay, options.clip});
}

std::shared_ptr<Network> evaluatingNetwork(const Weights& weights, at::Device device) {
  const auto network = std::make_shared<Network>();
  setWeights(*network, weights);
  network->to(device);
  network->eval();
  return network;
}

// As exact as the state says it.
float shareKept(const TrainingOptions& options) {
  return static_cast<float>(options.keep_initial.value_or(0));
}

// Of the head that turns features into text probabilities more is kept: when it moves, the scores of what is not among
// the new pictures sink below the thresholds first.
float shareKept(const std::string& name, const TrainingOptions& options) {
  const float share = shareKept(options);
  return name.starts_with("decoder.binarize.") ? std::cbrt(share) : share;
}

// Bytes or floats of a batch as a tensor, without a copy.
template <typename Value>
at::Tensor viewOf(const std::vector<Value>& values, at::IntArrayRef shape, at::ScalarType type) {
  return at::from_blob(const_cast<Value*>(values.data()), shape, type);
}

// Without a norm, that of the gradients was not computed: the loss went first.
Error notFinite(const StepReport& report, double rate, std::optional<double> norm) {
  std::string numbers = fmt::format("text {:.3g}, border {:.3g}, dice {:.3g}", report.text, report.border, report.dice);
  if (report.teacher != 0) numbers += fmt::format(", teacher {:.3g}", report.teacher);
  std::vector<Detail> details = {{"rate", rate}};
  if (norm) details.push_back({"gradient_norm", *norm});
  return Error({&codes::kTrainNotFinite,
                norm ? fmt::format("The norm of the gradients is no number any more ({:.3g}; loss: {}; rate {:.3g}).",
                                   *norm, numbers, rate)
                     : fmt::format("The loss is no number any more ({}; rate {:.3g}).", numbers, rate),
                "Use a lower --rate (a tenth), a longer --warm-up, or --precision fp32; resume from the last state "
                "with --resume.",
                std::move(details)});
}

// How much too large it was is not known: half of it is worth a try.
Error outOfMemory(const TrainingBatch& batch, int processes, const char* cause) {
  return Error(
      {&codes::kTrainOutOfMemory,
       fmt::format("A batch of {} pictures of {}×{} does not fit into memory.", batch.count, batch.size, batch.size),
       adviceOnBatch(batch.count / 2, processes),
       {{"batch", std::int64_t{batch.count}}, {"size", std::int64_t{batch.size}}},
       cause});
}

Error validationOutOfMemory(int height, int width, const char* cause) {
  return Error({&codes::kTrainOutOfMemory,
                fmt::format("Validating a picture of {}×{} (height × width, as the network sees it) does not fit into "
                            "memory.",
                            height, width),
                "End other programs, or leave pictures this large out of --validation; --resume goes on from the last "
                "state.",
                {{"height", std::int64_t{height}}, {"width", std::int64_t{width}}},
                cause});
}

// The network as its exported file computes: fixed statistics, float32. Afterwards as it was.
class AsExported {
 public:
  AsExported(Network& network, at::ScalarType type_afterwards)
      : network_(network), was_training_(network.is_training()), type_afterwards_(type_afterwards) {
    network.eval();
    network.computeIn(at::kFloat);
  }
  ~AsExported() {
    network_.train(was_training_);
    network_.computeIn(type_afterwards_);
  }
  AsExported(const AsExported&) = delete;
  AsExported& operator=(const AsExported&) = delete;

 private:
  Network& network_;
  bool was_training_;
  at::ScalarType type_afterwards_;
};

// One copy from the device, which waits once for what it computes.
StepReport reportOf(const Losses& losses) {
  const at::Tensor teacher = losses.teacher.defined() ? losses.teacher : at::zeros_like(losses.total);
  const at::Tensor values =
      at::stack({losses.total, losses.text, losses.border, losses.dice, teacher}).detach().to(at::kCPU, at::kDouble);
  const double* value = values.data_ptr<double>();
  return {value[0], value[1], value[2], value[3], value[4], 0};
}

std::vector<at::Tensor> copiesOf(const std::vector<at::Tensor>& tensors) {
  std::vector<at::Tensor> copies;
  for (const at::Tensor& tensor : tensors) copies.push_back(tensor.clone());
  return copies;
}

// LibTorch has an exception of its own for CUDA only.
bool saysOutOfMemory(const std::string& message) {
  return message.find("out of memory") != std::string::npos ||
         message.find("can't allocate memory") != std::string::npos;
}

}  // namespace

Computing chooseComputing(const TrainingOptions& options) {
  Computing computing;
  const bool has_cuda = torch::cuda::is_available();
  if (options.device == TrainingDevice::kCuda && !has_cuda)
    throw Error({&codes::kTrainDeviceMissing, "This LibTorch sees no CUDA device.",
                 "Leave --device out, or build ocrdet-train with a LibTorch for CUDA (docs/training.md)."});
  const bool cuda = has_cuda && options.device != TrainingDevice::kCpu;
  const int threads = options.threads > 0 ? options.threads : usableProcessors();
  at::set_num_threads(threads);
  // Several processes on one machine share its cards.
  if (cuda) {
    computing.device = at::Device(
        at::kCUDA, static_cast<at::DeviceIndex>(options.process % static_cast<int>(torch::cuda::device_count())));
    // Batches have few sizes: the fastest convolution for each is found out once.
    at::globalContext().setBenchmarkCuDNN(true);
  }
  computing.type = chooseType(options.precision, cuda);
  computing.channels_last = options.channels_last;
  computing.description = fmt::format("{}, {}{}", cuda ? "CUDA" : fmt::format("CPU, {} threads", threads),
                                      computing.type == at::kBFloat16 ? "bfloat16" : "float32",
                                      computing.channels_last ? ", channels last" : "");
  if (computing.type == at::kBFloat16 && !cuda && !cpuHasBfloat16())
    computing.description += " (this processor has no bfloat16 instructions: slow)";
  return computing;
}

Learner::Learner(const Weights& start, const TrainingOptions& options, const Computing& computing, Together together)
    : computing_(computing), options_(options), together_(std::move(together)), network_(std::make_shared<Network>()) {
  setWeights(*network_, start);
  network_->to(computing.device);
  if (computing.channels_last) {
    for (at::Tensor& parameter : network_->parameters())
      if (parameter.dim() == 4) parameter.set_data(parameter.contiguous(at::MemoryFormat::ChannelsLast));
  }
  network_->computeIn(computing.type);
  network_->shareBatchStatistics(together_.sums.sum);
  network_->train();
  if (options.freeze_backbone) network_->freezeBackbone();
  optimizer_ = optimizerOf(*network_, options);
  if (options.average > 0) average_ = evaluatingNetwork(start, computing.device);
  if (shareKept(options) > 0) {
    network_->fixStatistics();
    initial_ = weightsOf(*network_);
    std::erase_if(initial_, [](const auto& entry) { return entry.second.dtype == DType::kInt64; });
  }
}

at::Tensor Learner::imagesOf(const TrainingBatch& batch) const {
  static const Normalisation kNormalisation;
  const at::Tensor pixels = viewOf(batch.pixels, {batch.count, batch.size, batch.size, 3}, at::kByte)
                                .to(computing_.device)
                                .permute({0, 3, 1, 2})  // bytes lie channels last already
                                .to(at::kFloat);
  const auto perChannel = [&](const std::array<float, 3>& values) {
    return at::tensor(at::ArrayRef<float>(values), at::kFloat).to(computing_.device).view({1, 3, 1, 1});
  };
  const at::Tensor images = (pixels - perChannel(kNormalisation.mean)) / perChannel(kNormalisation.divisor);
  return images.contiguous(computing_.channels_last ? at::MemoryFormat::ChannelsLast : at::MemoryFormat::Contiguous);
}

BatchTargets Learner::targetsOf(const TrainingBatch& batch, const std::vector<float>& teacher) const {
  const std::vector<std::int64_t> shape{batch.count, batch.size, batch.size};
  const auto flags = [&](const std::vector<std::uint8_t>& values) {
    return viewOf(values, shape, at::kByte).to(computing_.device).to(at::kFloat);
  };
  const auto numbers = [&](const std::vector<float>& values) {
    return viewOf(values, shape, at::kFloat).to(computing_.device);
  };
  return {flags(batch.text), flags(batch.text_mask), numbers(batch.border), flags(batch.border_mask),
          teacher.empty() ? at::Tensor() : numbers(teacher)};
}

StepReport Learner::step(const TrainingBatch& batch, const std::vector<float>& teacher, double rate) {
  mixture_.reset();  // outdated after the step, which needs the memory
  // Only a step that other processes can break off is followed by a saved state.
  const bool shared = together_.averageGradients != nullptr;
  const std::vector<at::Tensor> statistics = shared ? copiesOf(network_->buffers()) : std::vector<at::Tensor>();
  try {
    const BatchTargets targets = targetsOf(batch, teacher);
    optimizer_->clearGradients();
    const Losses losses = computeLosses(network_->forward(imagesOf(batch)), targets, options_.loss, together_.sums);
    losses.total.backward();
    StepReport report = reportOf(losses);
    if (!std::isfinite(report.total)) throw notFinite(report, rate, std::nullopt);
    if (together_.averageGradients) {
      std::vector<at::Tensor> gradients;
      for (const at::Tensor& parameter : optimizer_->parameters()) gradients.push_back(parameter.grad());
      together_.averageGradients(gradients);
    }
    report.gradient_norm = optimizer_->step(rate);
    if (!std::isfinite(report.gradient_norm)) throw notFinite(report, rate, report.gradient_norm);
    updateAverage();
    return report;
  } catch (const Error&) {
    // Batch norm has seen the batch by then. What is saved now must be the state before it.
    const std::vector<at::Tensor> buffers = network_->buffers();
    for (std::size_t i = 0; i < statistics.size(); ++i) buffers[i].copy_(statistics[i]);
    throw;
  } catch (const c10::Error& error) {
    if (saysOutOfMemory(error.what())) throw outOfMemory(batch, options_.processes, error.what_without_backtrace());
    throw;
  } catch (const std::bad_alloc& error) {
    throw outOfMemory(batch, options_.processes, error.what());
  }
}

// A young average follows quickly: after t steps its memory is no longer than t / 9 steps.
void Learner::updateAverage() {
  ++steps_;
  if (!average_) return;
  const torch::NoGradGuard no_gradients;
  const double t = static_cast<double>(steps_);
  const double kept = std::min(options_.average, (1 + t) / (10 + t));
  const auto follow = [&](const auto& from, const auto& to) {
    for (std::size_t i = 0; i < from.size(); ++i) {
      if (at::isFloatingType(to[i].scalar_type()))
        to[i].lerp_(from[i], 1 - kept);
      else
        to[i].copy_(from[i]);
    }
  };
  follow(network_->parameters(), average_->parameters());
  follow(network_->buffers(), average_->buffers());
}

Weights Learner::bestGuess() const {
  Weights weights = weightsOf(learnt());
  for (const auto& [name, initial] : initial_) {
    Tensor& weight = weights.at(name);
    weight = toTensor(at::lerp(toTorch(weight), toTorch(initial), shareKept(name, options_)));
  }
  return weights;
}

Network& Learner::bestNetwork() {
  if (initial_.empty()) return learnt();
  if (!mixture_) mixture_ = evaluatingNetwork(bestGuess(), computing_.device);
  return *mixture_;
}

std::vector<float> Learner::probabilities(const std::vector<float>& planes, int height, int width) {
  const torch::NoGradGuard no_gradients;
  try {
    Network& network = bestNetwork();
    const AsExported as_exported(network, &network == network_.get() ? computing_.type : at::kFloat);
    const at::Tensor image = viewOf(planes, {1, 3, height, width}, at::kFloat).to(computing_.device);
    const at::Tensor map =
        network.forward(computing_.channels_last ? image.contiguous(at::MemoryFormat::ChannelsLast) : image)
            .text_logits.to(at::kFloat)
            .sigmoid()
            .to(at::kCPU)
            .contiguous();
    const float* values = map.data_ptr<float>();
    return {values, values + map.numel()};
  } catch (const c10::Error& error) {
    if (saysOutOfMemory(error.what())) throw validationOutOfMemory(height, width, error.what_without_backtrace());
    throw;
  } catch (const std::bad_alloc& error) {
    throw validationOutOfMemory(height, width, error.what());
  }
}

void Learner::save(std::vector<NamedTensor>& to) const {
  for (const auto& [name, tensor] : weightsOf(*network_)) to.push_back({"network/" + name, tensor});
  if (average_)
    for (const auto& [name, tensor] : weightsOf(*average_)) to.push_back({"average/" + name, tensor});
  if (!initial_.empty()) to.push_back({"keep_initial", makeTensor({1}, {shareKept(options_)})});
  for (const auto& [name, tensor] : initial_) to.push_back({"initial/" + name, tensor});
  optimizer_->save(to);
  to.push_back({"steps", toTensor(at::full({1}, steps_, at::kLong))});
}

void Learner::load(const std::vector<NamedTensor>& from) {
  const auto weightsUnder = [&](const std::string& prefix) {
    Weights weights;
    for (const NamedTensor& entry : from)
      if (entry.name.starts_with(prefix)) weights[entry.name.substr(prefix.size())] = entry.tensor;
    return weights;
  };
  const Weights own = weightsUnder("network/"), average = weightsUnder("average/"), initial = weightsUnder("initial/");
  const std::size_t expected = network_->parameters().size() + network_->buffers().size();
  if (own.size() != expected || (!average.empty() && average.size() != expected))
    throw Error({&codes::kTrainStateDamaged,
                 fmt::format("The state holds {} weights and {} averages; {} are needed.", own.size(), average.size(),
                             expected),
                 "Start again with --init RUN/last.safetensors --keep-initial 0."});
  if (average.empty() != !average_)
    throw Error(
        {&codes::kTrainResumeDiffers,
         average_ ? "The run kept no average of its weights, which --average asks for."
                  : "The run kept an average of its weights, which --average 0 would drop.",
         "Resume with the --average of the run, or begin another: --init RUN/last.safetensors --keep-initial 0."});
  float kept = 0;
  for (const NamedTensor& entry : from)
    if (entry.name == "keep_initial") kept = toFloat32(entry.tensor).at(0);
  if (kept != shareKept(options_))
    throw Error(
        {&codes::kTrainResumeDiffers,
         fmt::format("The run kept a share of {} of its initial weights; now it is {}.", kept, shareKept(options_)),
         "Resume with the --keep-initial of the run, or begin another: --init RUN/last.safetensors --keep-initial 0."});
  if (initial.size() != initial_.size())
    throw Error({&codes::kTrainStateDamaged,
                 fmt::format("The state holds {} initial weights; {} are needed.", initial.size(), initial_.size()),
                 "Start again with --init RUN/last.safetensors --keep-initial 0."});
  mixture_.reset();
  setWeights(*network_, own);
  if (average_) setWeights(*average_, average);
  for (auto& [name, mine] : initial_) mine = toTensor(toTorch(initial.at(name)));  // a copy, so that the file can go
  optimizer_->load(from);
  for (const NamedTensor& entry : from)
    if (entry.name == "steps") steps_ = toTorch(entry.tensor).item<std::int64_t>();
}

}  // namespace ocrdet
