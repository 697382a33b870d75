#include "train/optimizer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "ocrdet/error.h"

namespace ocrdet {

Optimizer::Optimizer(Network& network, const OptimizerOptions& options) : options_(options) {
  for (const auto& item : network.named_parameters()) {
    if (!item.value().requires_grad()) continue;
    names_.push_back(item.key());
    tensors_.push_back(item.value());
    decay_.push_back(item.value().dim() > 1 ? options.weight_decay : 0);
    first_.push_back(at::zeros_like(item.value()));
    if (options.kind == OptimizerKind::kAdamW) second_.push_back(at::zeros_like(item.value()));
  }
}

void Optimizer::clearGradients() {
  for (at::Tensor& tensor : tensors_) tensor.mutable_grad().reset();
}

double Optimizer::step(double rate) {
  const torch::NoGradGuard no_gradients;
  std::vector<at::Tensor> norms;
  for (const at::Tensor& tensor : tensors_) norms.push_back(tensor.grad().norm());
  const double norm = at::stack(norms).norm().item<double>();
  if (!std::isfinite(norm)) return norm;
  ++steps_;
  const double factor = options_.clip > 0 && norm > options_.clip ? options_.clip / norm : 1;
  for (std::size_t i = 0; i < tensors_.size(); ++i) {
    if (factor < 1) tensors_[i].mutable_grad().mul_(factor);
    if (options_.kind == OptimizerKind::kSgd)
      stepSgd(i, tensors_[i].grad(), rate);
    else
      stepAdamW(i, tensors_[i].grad(), rate);
  }
  return norm;
}

void Optimizer::stepSgd(std::size_t i, const at::Tensor& gradient, double rate) {
  const at::Tensor slope = decay_[i] > 0 ? gradient.add(tensors_[i], decay_[i]) : gradient;
  first_[i].mul_(options_.momentum).add_(slope);
  tensors_[i].add_(options_.nesterov ? slope.add(first_[i], options_.momentum) : first_[i], -rate);
}

void Optimizer::stepAdamW(std::size_t i, const at::Tensor& gradient, double rate) {
  constexpr double kFirst = 0.9, kSecond = 0.999, kEpsilon = 1e-8;
  const double first_bias = 1 - std::pow(kFirst, steps_), second_bias = 1 - std::pow(kSecond, steps_);
  tensors_[i].mul_(1 - rate * decay_[i]);
  first_[i].lerp_(gradient, 1 - kFirst);
  second_[i].mul_(kSecond).addcmul_(gradient, gradient, 1 - kSecond);
  tensors_[i].addcdiv_(first_[i], second_[i].sqrt().div_(std::sqrt(second_bias)).add_(kEpsilon), -rate / first_bias);
}

// AdamW's names are its own, so that no optimizer takes another's memory for its own.
void Optimizer::save(std::vector<NamedTensor>& to) const {
  for (std::size_t i = 0; i < names_.size(); ++i) {
    to.push_back({(second_.empty() ? "momentum/" : "first/") + names_[i], toTensor(first_[i])});
    if (!second_.empty()) to.push_back({"second/" + names_[i], toTensor(second_[i])});
  }
  to.push_back({"optimizer/steps", toTensor(at::full({1}, steps_, at::kLong))});
}

void Optimizer::load(const std::vector<NamedTensor>& from) {
  std::map<std::string, const Tensor*, std::less<>> known;
  for (const NamedTensor& entry : from) known[entry.name] = &entry.tensor;
  const auto otherLayers = [](const std::string& what) {
    return Error({&codes::kTrainResumeDiffers, what,
                  "Resume with the --optimizer and --freeze of the run, or begin another: --init "
                  "RUN/last.safetensors --keep-initial 0."});
  };
  const std::string first = second_.empty() ? "momentum/" : "first/";
  const auto fill = [&](const std::string& name, at::Tensor& tensor) {
    const auto found = known.find(name);
    if (found == known.end())
      throw otherLayers(fmt::format(
          "The run's optimizer remembers nothing called {}: it was another one, or trained other layers.", name));
    tensor.copy_(toTorch(*found->second));
  };
  for (std::size_t i = 0; i < names_.size(); ++i) {
    fill(first + names_[i], first_[i]);
    if (!second_.empty()) fill("second/" + names_[i], second_[i]);
  }
  const auto remembered = static_cast<std::size_t>(
      std::count_if(from.begin(), from.end(), [&](const NamedTensor& entry) { return entry.name.starts_with(first); }));
  if (remembered != names_.size())
    throw otherLayers(
        fmt::format("The run trained {} tensors; with these options there are {}.", remembered, names_.size()));
  if (const auto found = known.find("optimizer/steps"); found != known.end())
    steps_ = toTorch(*found->second).item<std::int64_t>();
}

}  // namespace ocrdet
