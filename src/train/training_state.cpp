#include "train/training_state.h"

#include <fmt/format.h>

#include <map>
#include <optional>
#include <utility>

#include "base/json.h"
#include "base/sha256.h"
#include "ocrdet/error.h"
#include "tensor/checkpoint.h"
#include "tensor/safetensors.h"

namespace ocrdet {
namespace {

constexpr const char* kFormat = "ocrdet-training-state-1";

constexpr std::pair<const char*, double Standing::*> kNumbers[] = {
    {"first_hmean", &Standing::first_hmean},
    {"best_hmean", &Standing::best_hmean},
    {"seconds", &Standing::seconds},
    {"waited", &Standing::waited},
    {"loss", &Standing::loss},
    {"text", &Standing::text},
    {"border", &Standing::border},
    {"dice", &Standing::dice},
    {"teacher", &Standing::teacher},
    {"epoch_seconds", &Standing::epoch_seconds},
    {"epoch_waited", &Standing::epoch_waited},
};

std::string toText(const Standing& standing) {
  Json json{{"step", standing.step},
            {"steps_per_epoch", standing.steps_per_epoch},
            {"batch", standing.batch},
            {"epoch", standing.epoch},
            {"best_epoch", standing.best_epoch},
            {"gain_epoch", standing.gain_epoch},
            {"validation", standing.validation},
            {"text_learnt", standing.seen.text_learnt},
            {"pictures_left_out", standing.seen.pictures_left_out},
            {"texts_left_out", standing.seen.texts_left_out},
            {"epochs_at_zero", standing.seen.epochs_at_zero}};
  for (const auto& [name, number] : kNumbers) json[name] = standing.*number;
  json["boxes"] = toMetadata(standing.boxes);
  return json.dump();
}

// False for what no run of ours can have written.
bool isPossible(const Standing& standing) {
  if (standing.step < 0 || standing.epoch < 0 || standing.best_epoch < 0 || standing.gain_epoch < 0) return false;
  if (standing.steps_per_epoch < 1 || standing.best_epoch > standing.epoch || standing.gain_epoch > standing.epoch)
    return false;
  // A state is saved between the last step of an epoch and its end, too.
  return standing.step / standing.steps_per_epoch - standing.epoch <= 1 &&
         standing.epoch <= standing.step / standing.steps_per_epoch;
}

// Nothing if it is no standing of a run.
std::optional<Standing> parseStanding(const std::string& text) try {
  const Json json = Json::parse(text);
  Standing standing;
  standing.step = json.at("step");
  standing.steps_per_epoch = json.at("steps_per_epoch");
  standing.batch = json.value("batch", 0);
  standing.epoch = json.at("epoch");
  standing.best_epoch = json.at("best_epoch");
  standing.gain_epoch = json.value("gain_epoch", standing.best_epoch);
  standing.validation = json.value("validation", "");
  for (const auto& [name, number] : kNumbers) standing.*number = json.value(name, standing.*number);
  standing.seen = {json.value("text_learnt", false), json.value("pictures_left_out", 0),
                   json.value("texts_left_out", std::int64_t{0}), json.value("epochs_at_zero", 0)};
  standing.boxes = readBoxSettings(json.value("boxes", std::map<std::string, std::string>()));
  return isPossible(standing) ? std::optional(std::move(standing)) : std::nullopt;
} catch (const Json::exception&) {
  return std::nullopt;
}

// Whatever the order of the tensors: the writer puts wide elements first.
std::string checksum(const std::vector<NamedTensor>& tensors, const std::string& standing) {
  std::map<std::string, std::string> sums;
  for (const NamedTensor& entry : tensors) sums[entry.name] = sha256(contiguousBytes(entry.tensor));
  std::string all = standing;
  for (const auto& [name, sum] : sums) all += name + sum;
  return sha256(std::as_bytes(std::span(all)));
}

[[noreturn]] void damaged(const std::filesystem::path& path, const std::string& what) {
  throw Error({&codes::kTrainStateDamaged,
               fmt::format("{} {}.", path.string(), what),
               "Resume from another run, or start again with --init and the run's last.safetensors.",
               {{"path", path.string()}}});
}

// Steps are counted from the start of a run: in epochs of another length, or with other batches, they would mean
// something else.
void requireSame(const char* what, std::int64_t then, std::int64_t now) {
  if (then == now) return;
  throw Error(
      {&codes::kTrainResumeDiffers,
       fmt::format("The run had {} {}; with these options and data there are {}.", then, what, now),
       "Resume with the data and --batch of the run, or begin another: --init RUN/last.safetensors --keep-initial 0.",
       {{"then", then}, {"given", now}}});
}

}  // namespace

void takeSteps(Standing& standing, std::int64_t steps_per_epoch, int batch) {
  if (standing.step == 0) standing.steps_per_epoch = steps_per_epoch;
  if (standing.step == 0 || standing.batch == 0) standing.batch = batch;
  requireSame("steps an epoch", standing.steps_per_epoch, steps_per_epoch);
  requireSame("pictures in a batch", standing.batch, batch);
}

void writeState(const std::filesystem::path& path, const TrainingState& state) {
  const std::string standing = toText(state.standing);
  writeSafetensors(path, state.tensors, DType::kFloat32,
                   {{"format", kFormat}, {"standing", standing}, {"sha256", checksum(state.tensors, standing)}});
}

TrainingState readState(const std::filesystem::path& path) {
  Checkpoint checkpoint = readCheckpoint(path);
  const auto value = [&](const char* key) {
    const auto found = checkpoint.metadata.find(key);
    return found == checkpoint.metadata.end() ? std::string() : found->second;
  };
  if (value("format") != kFormat) damaged(path, "is not the state of a training run");
  if (value("sha256") != checksum(checkpoint.tensors, value("standing")))
    damaged(path, "is damaged: its checksum does not fit its content");
  std::optional<Standing> standing = parseStanding(value("standing"));
  if (!standing) damaged(path, "says of a run what cannot be");
  return {std::move(*standing), std::move(checkpoint.tensors)};
}

}  // namespace ocrdet
