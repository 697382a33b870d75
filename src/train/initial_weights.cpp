#include "train/initial_weights.h"

#include <fmt/format.h>

#include <cmath>
#include <map>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/random.h"
#include "model/architecture.h"
#include "model/known_networks.h"
#include "model/name_places.h"
#include "model/state_dict.h"
#include "ocrdet/error.h"
#include "tensor/checkpoint.h"
#include "train/training_options.h"

namespace ocrdet {
namespace {

constexpr std::string_view kBackbone = "backbone.";

double deviationOf(const ExpectedTensor& tensor) {
  const bool backbone = tensor.name.starts_with(kBackbone);
  // Weights of convolutions are [outputs, inputs, k, k]; of transposed ones the first two change places.
  const std::int64_t fan = (backbone ? tensor.shape[0] : tensor.shape[1]) * tensor.shape[2] * tensor.shape[3];
  return std::sqrt(2.0 / static_cast<double>(fan));
}

std::vector<float> randomValues(const ExpectedTensor& tensor, Random random) {
  std::vector<float> values(static_cast<std::size_t>(*elementCount(tensor.shape)), 0.0F);
  if (tensor.shape.size() == 4) {
    const double deviation = deviationOf(tensor);
    for (float& value : values) value = static_cast<float>(random.normal() * deviation);
  } else if (tensor.name.ends_with(".weight") || tensor.name.ends_with("running_var")) {
    std::fill(values.begin(), values.end(), 1.0F);
  } else if (tensor.name.starts_with("decoder.") &&
             (tensor.name.ends_with(".1.bias") || tensor.name.ends_with(".4.bias"))) {
    std::fill(values.begin(), values.end(), 1e-4F);
  }
  return values;
}

// What a file has of ours.
struct Fit {
  bool is_backbone = false;  // a ResNet-18 with torchvision's names, which lack `backbone.`
  Weights tensors;           // by our names
  int other_shape = 0;
  bool isLessThan(const Fit& other) const {
    return std::pair(tensors.size(), other_shape) < std::pair(other.tensors.size(), other.other_shape);
  }
};

Fit fitOf(const Checkpoint& checkpoint, bool is_backbone) {
  std::map<std::string, const ExpectedTensor*, std::less<>> wanted;  // by the name in the file
  for (const ExpectedTensor& tensor : expectedTensors())
    if (!tensor.counter && (!is_backbone || tensor.name.starts_with(kBackbone)))
      wanted[is_backbone ? tensor.name.substr(kBackbone.size()) : tensor.name] = &tensor;
  NameEndings names;
  for (const auto& [name, tensor] : wanted) names.add(name);

  Fit fit{is_backbone, {}, 0};
  const NamePlace place = findPlace(checkpoint.tensors, names);
  if (is_backbone && place.prefix.ends_with(kBackbone)) return fit;  // our names, then
  for (const NamedTensor& entry : entriesAt(checkpoint.tensors, place)) {
    if (!entry.name.starts_with(place.prefix)) continue;
    const auto found = wanted.find(entry.name.substr(place.prefix.size()));
    if (found == wanted.end()) continue;
    if (entry.tensor.shape == found->second->shape)
      fit.tensors.insert_or_assign(found->second->name, entry.tensor);
    else
      ++fit.other_shape;
  }
  return fit;
}

Fit bestFit(const Checkpoint& checkpoint) {
  Fit network = fitOf(checkpoint, false), backbone = fitOf(checkpoint, true);
  return network.isLessThan(backbone) ? backbone : network;
}

int countNeeded(bool backbone_only) {
  int count = 0;
  for (const ExpectedTensor& tensor : expectedTensors())
    if (!tensor.counter && (!backbone_only || tensor.name.starts_with(kBackbone))) ++count;
  return count;
}

// ImageNet's deviations of red, green, blue, by which its networks expect the input divided.
constexpr float kImagenetDeviation[] = {0.229F, 0.224F, 0.225F};

Tensor toBlueFirst(const Tensor& first_convolution) {
  const std::vector<float> red_first = toFloat32(first_convolution);
  std::vector<float> blue_first(red_first.size());
  const std::size_t taps = 7 * 7;
  for (std::size_t i = 0; i < red_first.size(); ++i) {
    const std::size_t channel = i / taps % 3, other = 2 - channel;
    blue_first[i] = red_first[i - channel * taps + other * taps] / kImagenetDeviation[other];
  }
  return makeTensor(first_convolution.shape, std::move(blue_first));
}

// A residual block that nobody trained starts as the identity: its last batch norm gives nothing.
int startAsIdentity(Weights& weights, const Fit& fit) {
  int blocks = 0;
  for (const ResidualBlock& block : residualBlocks()) {
    if (fit.tensors.contains(block.name + ".conv1.weight") || block.downsample) continue;
    weights[block.name + ".bn2.weight"] =
        makeTensor({block.out_channels}, std::vector<float>(static_cast<std::size_t>(block.out_channels), 0.0F));
    ++blocks;
  }
  return blocks;
}

Error mismatch(const std::filesystem::path& file, const Fit& fit, int needed, std::size_t in_file) {
  return Error({&codes::kTrainInitMismatch,
                fmt::format("{} holds {} tensors, of which {} fit; this network needs {}{}.", file.string(), in_file,
                            fit.tensors.size(), needed,
                            fit.other_shape > 0 ? fmt::format(", and {} have another shape", fit.other_shape) : ""),
                "Give a checkpoint of DBNet-ResNet18, or an ImageNet ResNet-18; `ocrdet inspect` shows what is in it.",
                {{"fitting", static_cast<std::int64_t>(fit.tensors.size())},
                 {"needed", std::int64_t{needed}},
                 {"other_shape", std::int64_t{fit.other_shape}},
                 {"in_file", static_cast<std::int64_t>(in_file)}}});
}

}  // namespace

Weights randomWeights(std::uint64_t seed) {
  Weights weights;
  std::uint64_t number = 0;
  for (const ExpectedTensor& tensor : expectedTensors()) {
    ++number;
    if (!tensor.counter)
      weights[tensor.name] = makeTensor(tensor.shape, randomValues(tensor, Random::of({seed, number})));
  }
  return weights;
}

InitialWeights initialWeights(const std::filesystem::path& file, std::uint64_t seed) {
  InitialWeights initial{randomWeights(seed), "random weights"};
  if (file.empty()) return initial;
  const Checkpoint checkpoint = readCheckpoint(file);
  refuseOtherBackbone(checkpoint.tensors);
  const Fit best = bestFit(checkpoint);
  const int needed = countNeeded(best.is_backbone);
  constexpr double kLeastShare = 0.75;
  if (static_cast<double>(best.tensors.size()) < kLeastShare * needed)
    throw mismatch(file, best, needed, checkpoint.tensors.size());
  refuseImpossibleValues(best.tensors, file);
  for (const auto& [name, tensor] : best.tensors) initial.weights[name] = makeTensor(tensor.shape, toFloat32(tensor));
  initial.boxes = readBoxSettings(checkpoint.metadata);
  initial.whole = !best.is_backbone && static_cast<int>(best.tensors.size()) == needed;
  initial.description = fmt::format("{} of {} tensors from {}", best.tensors.size(), needed, file.string());
  if (best.is_backbone) {
    Tensor& first = initial.weights["backbone.conv1.weight"];
    first = toBlueFirst(first);
    const int blocks = startAsIdentity(initial.weights, best);
    initial.description =
        fmt::format("{} of {} tensors of an ImageNet ResNet-18 from {}", best.tensors.size(), needed, file.string());
    if (blocks > 0) initial.description += fmt::format("; {} missing block starts as identity", blocks);
  }
  if (const int missing = needed - static_cast<int>(best.tensors.size()); missing > 0)
    logWarning(fmt::format("{} of the {} tensors are not in {}: they start from random numbers.", missing, needed,
                           file.string()));
  return initial;
}

double defaultShareKept(const InitialWeights& initial) {
  return initial.whole ? kShareKept : 0;
}

}  // namespace ocrdet
