#include "contract/file_contract.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <string_view>
#include <utility>

namespace ocrdet {
namespace {

constexpr std::pair<SizeMode, std::string_view> kSizeModes[] = {
    {SizeMode::kFixed, "fixed"}, {SizeMode::kDynamic, "dynamic"}, {SizeMode::kAny, "any"}};

constexpr std::pair<ResizeRule::Kind, std::string_view> kResizeKinds[] = {{ResizeRule::Kind::kExact, "exact"},
                                                                          {ResizeRule::Kind::kShortSide, "short-side"},
                                                                          {ResizeRule::Kind::kLongSide, "long-side"}};

template <typename Row, typename Key>
std::string_view nameIn(const Row& table, Key key) {
  for (const auto& [value, name] : table) {
    if (value == key) return name;
  }
  return {};
}

std::string_view valueOf(const std::map<std::string, std::string>& metadata, const char* key) {
  const auto found = metadata.find(std::string("ocrdet.") + key);
  return found == metadata.end() ? std::string_view{} : std::string_view(found->second);
}

template <typename Number>
bool parse(std::string_view text, Number& number) {
  Number value{};
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size()) return false;
  if constexpr (std::is_floating_point_v<Number>) {
    if (!std::isfinite(value)) return false;
  }
  number = value;
  return true;
}

std::string resizeText(const ResizeRule& rule) {
  const std::string kind(nameIn(kResizeKinds, rule.kind));
  return rule.kind == ResizeRule::Kind::kExact ? kind : fmt::format("{}:{}", kind, rule.length);
}

void parseResize(std::string_view text, ResizeRule& rule) {
  const std::size_t colon = text.find(':');
  for (const auto& [kind, name] : kResizeKinds) {
    if (text.substr(0, colon) != name) continue;
    std::int64_t length = rule.length;
    if (colon != std::string_view::npos && !parse(text.substr(colon + 1), length)) return;
    rule = {kind, length};
  }
}

void parseMean(std::string_view text, std::array<double, 3>& mean) {
  std::array<double, 3> values{};
  for (std::size_t i = 0; i < 3; ++i) {
    const std::size_t comma = text.find(',');
    if ((comma == std::string_view::npos) != (i == 2) || !parse(text.substr(0, comma), values[i])) return;
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
  }
  mean = values;
}

}  // namespace

std::map<std::string, std::string> toMetadata(const FileContract& contract) {
  std::map<std::string, std::string> metadata{
      {"ocrdet.version", contract.version},
      {"ocrdet.arch", "dbnet-resnet18"},
      {"ocrdet.size_mode", std::string(nameIn(kSizeModes, contract.size_mode))},
      {"ocrdet.multiple", fmt::format("{}", contract.multiple)},
      {"ocrdet.min_size", fmt::format("{}", contract.min_size)},
      {"ocrdet.max_size", fmt::format("{}", contract.max_size)},
      {"ocrdet.color", "BGR"},
      {"ocrdet.layout", contract.preprocess_embedded ? "NHWC" : "NCHW"},
      {"ocrdet.mean", fmt::format("{},{},{}", contract.mean[0], contract.mean[1], contract.mean[2])},
      {"ocrdet.scale", fmt::format("{}", contract.scale)},
      {"ocrdet.preprocess", contract.preprocess_embedded ? "embedded" : "external"},
      {"ocrdet.resize", resizeText(contract.resize)},
      {"ocrdet.precision", contract.precision},
      {"ocrdet.passes", contract.passes},
      {"ocrdet.source_sha256", contract.source_sha256},
  };
  metadata.merge(toMetadata(contract.boxes));
  if (contract.height > 0) metadata["ocrdet.height"] = fmt::format("{}", contract.height);
  if (contract.width > 0) metadata["ocrdet.width"] = fmt::format("{}", contract.width);
  if (!contract.verified.empty()) metadata["ocrdet.verified"] = contract.verified;
  return metadata;
}

std::map<std::string, std::string> toMetadata(const BoxSettings& boxes) {
  return {{"ocrdet.pixel_threshold", fmt::format("{}", boxes.pixel_threshold)},
          {"ocrdet.box_threshold", fmt::format("{}", boxes.box_threshold)},
          {"ocrdet.unclip_ratio", fmt::format("{}", boxes.unclip_ratio)}};
}

BoxSettings readBoxSettings(const std::map<std::string, std::string>& metadata) {
  BoxSettings boxes;
  parse(valueOf(metadata, "pixel_threshold"), boxes.pixel_threshold);
  parse(valueOf(metadata, "box_threshold"), boxes.box_threshold);
  parse(valueOf(metadata, "unclip_ratio"), boxes.unclip_ratio);
  return boxes;
}

std::optional<FileContract> readFileContract(const std::map<std::string, std::string>& metadata) {
  const auto text = [&](const char* key) { return valueOf(metadata, key); };
  if (text("arch") != "dbnet-resnet18") return std::nullopt;
  FileContract contract;
  contract.version = text("version");
  for (const auto& [mode, name] : kSizeModes) {
    if (text("size_mode") == name) contract.size_mode = mode;
  }
  parse(text("height"), contract.height);
  parse(text("width"), contract.width);
  parse(text("multiple"), contract.multiple);
  parse(text("min_size"), contract.min_size);
  parse(text("max_size"), contract.max_size);
  parseMean(text("mean"), contract.mean);
  parse(text("scale"), contract.scale);
  contract.preprocess_embedded = text("preprocess") == "embedded";
  parseResize(text("resize"), contract.resize);
  contract.boxes = readBoxSettings(metadata);
  if (!text("precision").empty()) contract.precision = text("precision");
  contract.passes = text("passes");
  contract.source_sha256 = text("source_sha256");
  contract.verified = text("verified");
  return contract;
}

}  // namespace ocrdet
