#include "model/known_networks.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>

#include "model/architecture.h"
#include "model/name_endings.h"
#include "tensor/checkpoint_errors.h"

namespace ocrdet {
namespace {

constexpr const char* kTheNetwork =
    "ocrdet reads DBNet with a plain ResNet-18, for instance ModelScope's "
    "cv_resnet18_ocr-detection-db-line-level_damo.";

// "layer1.0.conv3.weight" under any prefix: a bottleneck block, which ResNet-50, 101 and 152 are made of.
bool isBottleneck(const NamedTensor& entry) {
  return entry.name.ends_with(".conv3.weight") && entry.name.find("layer1.0.") != std::string::npos;
}

bool joinsWideLevel(const NamedTensor& entry) {
  return entry.name.ends_with("in5.weight") && entry.tensor.shape.size() == 4 && entry.tensor.shape[1] == 2048;
}

bool hasOffset(const NamedTensor& entry) {
  return entry.name.find(".conv2_offset.") != std::string::npos;
}

[[noreturn]] void refuse(const ErrorCode& code, std::string message, std::string advice) {
  throw Error({&code, std::move(message), std::move(advice)});
}

void refuseResnet50(const std::vector<NamedTensor>& entries) {
  const auto found = std::ranges::find_if(
      entries, [](const NamedTensor& entry) { return isBottleneck(entry) || joinsWideLevel(entry); });
  if (found == entries.end()) return;
  const bool deformable = std::ranges::any_of(entries, hasOffset);
  refuse(codes::kCheckpointResnet50,
         fmt::format("The backbone is a ResNet-50 or deeper{}: {} is {}.",
                     deformable ? " with deformable convolutions" : "", inQuotes(found->name),
                     toText(found->tensor.shape)),
         kTheNetwork);
}

void refuseDeformable(const std::vector<NamedTensor>& entries) {
  const auto count = std::ranges::count_if(entries, hasOffset);
  if (count == 0) return;
  const auto first = std::ranges::find_if(entries, hasOffset);
  refuse(codes::kCheckpointDeformable,
         fmt::format(
             "The backbone has deformable convolutions ({} tensors such as {}), as MhLiao's deformable_resnet18 does. "
             "That is another network, which does not export to standard ONNX operators.",
             count, inQuotes(first->name)),
         kTheNetwork);
}

// Names of torchvision's ResNet-18 among the keys, whatever stands before them.
int countBareBackbone(const std::vector<NamedTensor>& entries) {
  constexpr std::string_view kBackbone = "backbone.";
  NameEndings names;
  for (const ExpectedTensor& expected : expectedTensors())
    if (!expected.counter && expected.name.starts_with(kBackbone))
      names.add(std::string_view(expected.name).substr(kBackbone.size()));
  std::set<std::string_view> found;  // once each: a teacher and its student lie in one file, too
  for (const NamedTensor& entry : entries)
    if (const std::string_view name = names.find(entry.name); !name.empty()) found.insert(name);
  return static_cast<int>(found.size());
}

void refuseBackboneAlone(const std::vector<NamedTensor>& entries, const NameCounts& counts) {
  if (counts.decoder > 0) return;
  const int backbone = std::max(counts.backbone, countBareBackbone(entries));
  if (backbone * 2 < counts.backbone_needed) return;
  refuse(
      codes::kCheckpointNoDecoder,
      fmt::format("The file holds a plain ResNet-18 ({} of its {} tensors), such as ImageNet weights, and no decoder.",
                  backbone, counts.backbone_needed),
      "Such weights are the start of a training, not a text detector. Give the file that the training wrote.");
}

void refuseOther(const std::vector<NamedTensor>& entries, const NameCounts& counts) {
  const int needed = counts.backbone_needed + counts.decoder_needed;
  const int matched = counts.backbone + counts.decoder;
  if (matched * 2 >= needed) return;
  if (counts.backbone == 0 && counts.decoder == counts.decoder_needed) {
    refuse(codes::kCheckpointOtherNetwork,
           fmt::format("The decoder's {} names fit, the backbone's {} do not: a DBNet with another backbone.",
                       counts.decoder_needed, counts.backbone_needed),
           kTheNetwork);
  }
  std::vector<std::string> examples;
  for (std::size_t i = 0; i < std::min<std::size_t>(entries.size(), 3); ++i)
    examples.push_back(inQuotes(entries[i].name));
  throw Error(
      {&codes::kCheckpointOtherNetwork,
       fmt::format("{} of the {} names that the network needs are in the file: it belongs to another one. Its {} "
                   "tensors are called {}{}.",
                   matched, needed, entries.size(), fmt::format("{}", fmt::join(examples, ", ")),
                   entries.size() > examples.size() ? ", …" : ""),
       kTheNetwork,
       {{"matched", std::int64_t{matched}}, {"needed", std::int64_t{needed}}}});
}

}  // namespace

void refuseOtherBackbone(const std::vector<NamedTensor>& entries) {
  refuseResnet50(entries);
  refuseDeformable(entries);
}

void refuseKnownNetwork(const std::vector<NamedTensor>& entries, const NameCounts& counts) {
  refuseOtherBackbone(entries);
  refuseBackboneAlone(entries, counts);
  refuseOther(entries, counts);
}

}  // namespace ocrdet
