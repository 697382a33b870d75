#include "model/state_dict.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "model/architecture.h"
#include "model/known_networks.h"
#include "model/name_endings.h"
#include "model/name_places.h"
#include "tensor/checkpoint_errors.h"

namespace ocrdet {
namespace {

constexpr std::size_t kShownInMessages = 5;

// Tensors that MhLiao's and torchvision's backbones carry without using them here.
constexpr std::string_view kUnused[] = {"backbone.fc.", "backbone.smooth."};
constexpr std::string_view kThresholdHead = "decoder.thresh.";

using Index = std::unordered_map<std::string_view, const ExpectedTensor*>;

const Index& expectedByName() {
  static const Index kIndex = [] {
    Index index;
    for (const ExpectedTensor& expected : expectedTensors()) index.emplace(expected.name, &expected);
    return index;
  }();
  return kIndex;
}

bool isNeeded(const ExpectedTensor& expected) {
  return !expected.counter && !expected.threshold_head;
}

// ---- where the weights are

const NameEndings& networkNames() {
  static const NameEndings kNames = [] {
    NameEndings names;
    for (const ExpectedTensor& expected : expectedTensors()) names.add(expected.name);
    return names;
  }();
  return kNames;
}

// ---- what is there

struct Findings {
  std::vector<std::string> missing;
  std::vector<std::string> extra;
  std::vector<std::string> shapes;    // "decoder.in2.weight is 256×128×1×1 instead of 256×64×1×1"
  std::vector<std::string> integers;  // "decoder.in2.weight is int8"
  std::vector<std::string> values;    // "decoder.in2.weight has 3 values that are NaN or infinite"
};

bool isFloat(DType dtype) {
  return dtype == DType::kFloat64 || dtype == DType::kFloat32 || dtype == DType::kFloat16 || dtype == DType::kBfloat16;
}

// Others in the same dictionary (a loss, a queue of features) are no layers of the detector.
bool isOfNetwork(std::string_view name) {
  return name.starts_with("backbone.") || name.starts_with("decoder.");
}

bool isUnused(std::string_view name) {
  const auto begins = [&](std::string_view prefix) { return name.starts_with(prefix); };
  return name.ends_with(".num_batches_tracked") || begins(kThresholdHead) || std::ranges::any_of(kUnused, begins);
}

void sortIn(StateDict& weights, const std::vector<NamedTensor>& entries, Findings& findings) {
  for (const NamedTensor& entry : entries) {
    if (!entry.name.starts_with(weights.prefix)) continue;
    const std::string name = entry.name.substr(weights.prefix.size());
    const auto expected = expectedByName().find(name);
    if (expected == expectedByName().end()) {
      if (isOfNetwork(name) && !isUnused(name)) findings.extra.push_back(name);
      continue;
    }
    if (expected->second->counter) continue;
    const bool fits = entry.tensor.shape == expected->second->shape;
    if (fits && isFloat(entry.tensor.dtype)) {
      weights.tensors.insert_or_assign(name, entry.tensor);  // of a repeated key, Python keeps the last, too
    } else if (expected->second->threshold_head) {
      continue;  // export does without; dropThresholdHead removes the rest of it
    } else if (!fits) {
      findings.shapes.push_back(
          fmt::format("{} is {} instead of {}", name, toText(entry.tensor.shape), toText(expected->second->shape)));
    } else {
      findings.integers.push_back(fmt::format("{} is {}", name, ocrdet::name(entry.tensor.dtype)));
    }
  }
}

// A head with gaps (variants of MhLiao's code have another one) is as good as none.
void dropThresholdHead(StateDict& weights) {
  weights.has_threshold_head = std::ranges::all_of(expectedTensors(), [&](const ExpectedTensor& expected) {
    return !expected.threshold_head || expected.counter || weights.tensors.contains(expected.name);
  });
  if (weights.has_threshold_head) return;
  std::erase_if(weights.tensors, [](const auto& entry) { return entry.first.starts_with(kThresholdHead); });
}

// ---- values

std::int64_t countNotFinite(const Tensor& tensor) {
  if (tensor.dtype == DType::kFloat32 && isContiguous(tensor)) {
    const std::span<const std::byte> bytes = contiguousBytes(tensor);
    std::int64_t count = 0;
    for (std::size_t i = 0; i + sizeof(float) <= bytes.size(); i += sizeof(float)) {
      std::uint32_t bits;
      std::memcpy(&bits, bytes.data() + i, sizeof bits);
      count += (bits & 0x7f800000u) == 0x7f800000u ? 1 : 0;  // an exponent of all ones: infinity or NaN
    }
    return count;
  }
  return std::ranges::count_if(toFloat32(tensor), [](float value) { return !std::isfinite(value); });
}

std::int64_t countNegative(const Tensor& tensor) {
  return std::ranges::count_if(toFloat32(tensor), [](float value) { return value < 0; });
}

std::vector<std::string> impossibleValues(const std::map<std::string, Tensor, std::less<>>& tensors) {
  std::vector<std::string> found;
  for (const auto& [name, tensor] : tensors) {
    if (const std::int64_t count = countNotFinite(tensor); count > 0)
      found.push_back(fmt::format("{} has {} of {} values that are NaN or infinite", name, count, tensor.size()));
    if (!name.ends_with(".running_var")) continue;
    if (const std::int64_t count = countNegative(tensor); count > 0)
      found.push_back(fmt::format("{} has {} negative variances", name, count));
  }
  return found;
}

// ---- what to say

std::string shortened(const std::vector<std::string>& all) {
  const std::size_t shown = all.size() <= kShownInMessages + 1 ? all.size() : kShownInMessages;
  const std::vector<std::string> first(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(shown));
  const std::string text = fmt::format("{}", fmt::join(first, ", "));
  return shown == all.size() ? text : fmt::format("{} and {} more", text, all.size() - shown);
}

std::vector<Detail> listed(const char* what, const std::vector<std::string>& all) {
  return {{"count", static_cast<std::int64_t>(all.size())}, {what, fmt::format("{}", fmt::join(all, ", "))}};
}

// Blocks of which nothing is there; their names leave `missing`.
std::vector<std::string> takeMissingBlocks(std::vector<std::string>& missing) {
  std::vector<std::string> blocks;
  const std::set<std::string> absent(missing.begin(), missing.end());
  for (const ResidualBlock& block : residualBlocks()) {
    const auto belongs = [&](std::string_view name) { return name.starts_with(block.name + "."); };
    const bool gone = std::ranges::all_of(expectedTensors(), [&](const ExpectedTensor& expected) {
      return !isNeeded(expected) || !belongs(expected.name) || absent.contains(expected.name);
    });
    if (!gone) continue;
    std::erase_if(missing, belongs);
    blocks.push_back(block.name);
  }
  return blocks;
}

void reportMissing(std::vector<std::string> missing, std::vector<Problem>& problems) {
  const std::int64_t needed = std::ranges::count_if(expectedTensors(), isNeeded);
  const std::vector<std::string> blocks = takeMissingBlocks(missing);
  if (!blocks.empty()) {
    problems.push_back(
        {&codes::kCheckpointBackboneBlock,
         fmt::format("The backbone lacks {} of its 8 blocks altogether: {}.", blocks.size(), shortened(blocks)),
         "The file was cut down, or belongs to a smaller network; give the whole ResNet-18 DBNet.",
         listed("blocks", blocks)});
  }
  if (!missing.empty()) {
    problems.push_back({&codes::kCheckpointMissingTensors,
                        fmt::format("{} of the {} tensors that inference needs are missing: {}.", missing.size(),
                                    needed, shortened(missing)),
                        "Give the file that the training wrote, not a part of it.", listed("missing", missing)});
  }
}

Problem notFinite(const std::vector<std::string>& values) {
  return {&codes::kCheckpointNotFinite, fmt::format("{}.", shortened(values)),
          "The training diverged or the file is damaged: give an earlier checkpoint.", listed("values", values)};
}

std::vector<Problem> describe(const Findings& findings) {
  std::vector<Problem> problems;
  reportMissing(findings.missing, problems);
  if (!findings.extra.empty()) {
    problems.push_back({&codes::kCheckpointExtraTensors,
                        fmt::format("{} tensors belong to layers that this network does not have: {}.",
                                    findings.extra.size(), shortened(findings.extra)),
                        "The file is of a variant that computes something else; ocrdet reads the plain DBNet-ResNet18.",
                        listed("extra", findings.extra)});
  }
  if (!findings.shapes.empty()) {
    problems.push_back(
        {&codes::kCheckpointShape,
         fmt::format("{} tensors have another shape: {}.", findings.shapes.size(), shortened(findings.shapes)),
         "The file is of a variant with other channel counts; ocrdet reads the plain DBNet-ResNet18.",
         listed("shapes", findings.shapes)});
  }
  if (!findings.integers.empty()) {
    problems.push_back({&codes::kCheckpointDtype,
                        fmt::format("{} tensors are not floating-point numbers: {}.", findings.integers.size(),
                                    shortened(findings.integers)),
                        "Give the weights before quantisation; ocrdet export --precision int8 quantises them itself.",
                        listed("integers", findings.integers)});
  }
  if (!findings.values.empty()) problems.push_back(notFinite(findings.values));
  return problems;
}

// Names of the entries behind the prefix; views of `entries`.
std::set<std::string_view> namesBehind(const std::string& prefix, const std::vector<NamedTensor>& entries) {
  std::set<std::string_view> names;
  for (const NamedTensor& entry : entries)
    if (entry.name.starts_with(prefix)) names.insert(std::string_view(entry.name).substr(prefix.size()));
  return names;
}

NameCounts countNames(const std::set<std::string_view>& present) {
  NameCounts counts;
  for (const ExpectedTensor& expected : expectedTensors()) {
    if (!isNeeded(expected)) continue;
    const bool backbone = expected.name.starts_with("backbone.");
    const int found = present.contains(expected.name) ? 1 : 0;
    (backbone ? counts.backbone_needed : counts.decoder_needed) += 1;
    (backbone ? counts.backbone : counts.decoder) += found;
  }
  return counts;
}

}  // namespace

const Tensor& StateDict::tensor(std::string_view name) const {
  const auto found = tensors.find(name);
  if (found == tensors.end())
    throw Error({&codes::kInternalBug, fmt::format("The weights have no tensor \"{}\".", name), "Please report this."});
  return found->second;
}

StateDict matchStateDict(Checkpoint checkpoint) {
  const NamePlace place = findPlace(checkpoint.tensors, networkNames());
  const std::vector<NamedTensor> entries = entriesAt(checkpoint.tensors, place);
  const std::set<std::string_view> present = namesBehind(place.prefix, entries);
  refuseKnownNetwork(entries, countNames(present));
  StateDict weights;
  weights.wrapper = place.wrapper;
  weights.prefix = place.prefix;
  Findings findings;
  sortIn(weights, entries, findings);
  for (const ExpectedTensor& expected : expectedTensors())
    if (isNeeded(expected) && !present.contains(expected.name)) findings.missing.push_back(expected.name);
  dropThresholdHead(weights);
  findings.values = impossibleValues(weights.tensors);
  if (const std::vector<Problem> problems = describe(findings); !problems.empty()) throw Error(problems);
  weights.ignored = static_cast<int>(checkpoint.tensors.size() - weights.tensors.size());
  weights.source = std::move(checkpoint);
  return weights;
}

void refuseImpossibleValues(const std::map<std::string, Tensor, std::less<>>& tensors,
                            const std::filesystem::path& file) {
  if (const std::vector<std::string> values = impossibleValues(tensors); !values.empty())
    throw aboutFile(Error(notFinite(values)), file);
}

StateDict loadStateDict(const std::filesystem::path& path) {
  Checkpoint checkpoint = readCheckpoint(path);
  try {
    return matchStateDict(std::move(checkpoint));
  } catch (const Error& error) {
    throw aboutFile(error, path);
  }
}

}  // namespace ocrdet
