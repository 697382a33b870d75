#include "train/run_folder.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <set>

#include "base/atomic_file.h"
#include "image/encode.h"
#include "ocrdet/error.h"
#include "train/curves.h"

namespace ocrdet {
namespace {

std::filesystem::path sampleFile(const std::filesystem::path& run, int epoch) {
  return run / "samples" / fmt::format("epoch_{:04}.jpg", epoch);
}

template <typename Record>
struct Field {
  const char* name;
  double Record::*value;
  const char* format;  // in log.csv
};

constexpr Field<StepRecord> kStepFields[] = {
    {"epoch", &StepRecord::epoch, ""},     {"rate", &StepRecord::rate, ""},
    {"loss", &StepRecord::loss, ""},       {"text", &StepRecord::text, ""},
    {"border", &StepRecord::border, ""},   {"dice", &StepRecord::dice, ""},
    {"teacher", &StepRecord::teacher, ""}, {"gradient_norm", &StepRecord::gradient_norm, ""},
};
constexpr Field<EpochRecord> kEpochFields[] = {
    {"rate", &EpochRecord::rate, "{:.6g}"},
    {"loss", &EpochRecord::loss, "{:.5f}"},
    {"text", &EpochRecord::text, "{:.5f}"},
    {"border", &EpochRecord::border, "{:.5f}"},
    {"dice", &EpochRecord::dice, "{:.5f}"},
    {"teacher", &EpochRecord::teacher, "{:.5f}"},
    {"hmean", &EpochRecord::hmean, "{:.4f}"},
    {"precision", &EpochRecord::precision, "{:.4f}"},
    {"recall", &EpochRecord::recall, "{:.4f}"},
    {"images_per_second", &EpochRecord::images_per_second, "{:.3f}"},
    {"waiting_share", &EpochRecord::waiting_share, "{:.4f}"},
    {"seconds", &EpochRecord::seconds, "{:.1f}"},
};

template <typename Record, std::size_t count>
void writeFields(const Record& record, const Field<Record> (&fields)[count], Json& line) {
  for (const Field<Record>& field : fields) line[field.name] = record.*field.value;
}

// JSON has no infinite numbers: what is none reads as 0.
double numberIn(const Json& line, const char* name) {
  const auto found = line.find(name);
  return found != line.end() && found->is_number() ? found->get<double>() : 0;
}

template <typename Record, std::size_t count>
void readFields(const Json& line, const Field<Record> (&fields)[count], Record& record) {
  record.step = static_cast<std::int64_t>(numberIn(line, "step"));
  for (const Field<Record>& field : fields) record.*field.value = numberIn(line, field.name);
}

std::string csvHeader() {
  std::string line = "epoch,step";
  for (const auto& field : kEpochFields) line += std::string(",") + field.name;
  return line + "\n";
}

// What was not measured (below 0) stays empty.
std::string csvLine(const EpochRecord& record) {
  std::string line = fmt::format("{},{}", record.epoch, record.step);
  for (const auto& field : kEpochFields) {
    line += ',';
    if (record.*field.value >= 0) line += fmt::format(fmt::runtime(field.format), record.*field.value);
  }
  return line + "\n";
}

// What a killed process was writing. It was in the state's epoch, or the one behind it.
void removeUnfinished(const std::filesystem::path& run, int epoch) {
  std::set<std::filesystem::path> files;
  for (const char* name : {"config.toml", "log.jsonl", "log.csv", "curves.png", "last.safetensors", "best.safetensors",
                           "state.safetensors", "best.onnx"})
    files.insert(run / name);
  for (const int number : {epoch, epoch + 1}) files.insert(sampleFile(run, number));
  removeTemporaryFilesOf(files);
}

std::string linesOf(const std::filesystem::path& path, const auto& keep) {
  std::ifstream file(path);
  std::string kept;
  // A line without an end was cut off by whatever ended the run.
  for (std::string line; std::getline(file, line) && !file.eof();)
    if (keep(line)) kept += line + "\n";
  return kept;
}

}  // namespace

RunFolder::RunFolder(std::filesystem::path path, FolderLock lock, const LossWeights& weights)
    : path_(std::move(path)), lock_(std::move(lock)), weights_(weights) {
  std::error_code problem;
  std::filesystem::create_directories(path_ / "samples", problem);
  events_ = std::make_shared<EventFile>(path_);
}

RunFolder RunFolder::create(const std::filesystem::path& runs, const LossWeights& weights) {
  std::error_code problem;
  std::filesystem::create_directories(runs, problem);
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const std::string name = fmt::format("{:%Y%m%d-%H%M%S}", fmt::localtime(std::chrono::system_clock::to_time_t(now)));
  for (int number = 1; number < 1000; ++number) {
    const std::filesystem::path path = runs / (number == 1 ? name : fmt::format("{}-{}", name, number));
    if (!std::filesystem::create_directory(path, problem)) {
      if (problem) break;
      continue;
    }
    RunFolder folder(path, FolderLock(path), weights);
    writeFileAtomically(folder.file("log.csv"), csvHeader());
    return folder;
  }
  throw Error({&codes::kFileUnwritable,
               fmt::format("No folder for the run could be made in {}.", runs.string()),
               "Name another place with --out.",
               {{"path", runs.string()}},
               problem.message()});
}

RunFolder RunFolder::open(const std::filesystem::path& path, FolderLock lock, const Standing& standing,
                          const LossWeights& weights) {
  if (!std::filesystem::is_directory(path))
    throw Error({&codes::kFileMissing, fmt::format("There is no run folder {}.", path.string()),
                 "Give the folder that the run printed at its start."});
  removeUnfinished(path, standing.epoch);
  RunFolder folder(path, std::move(lock), weights);
  const std::string log = linesOf(folder.file("log.jsonl"), [&](const std::string& line) {
    const Json record = Json::parse(line, nullptr, false);
    if (!record.is_object() || !record.contains("step") || numberIn(record, "step") > double(standing.step))
      return false;
    const Json kind = record.value("kind", Json());
    if (kind == "step") readFields(record, kStepFields, folder.steps_.emplace_back());
    if (kind != "epoch") return true;
    const int epoch = int(std::clamp(numberIn(record, "epoch"), 0.0, 1e9));
    const bool is_due = epoch > standing.epoch || (epoch == 0 && standing.step == 0 && standing.first_hmean < 0);
    if (is_due) return false;
    readFields(record, kEpochFields, folder.epochs_.emplace_back());
    folder.epochs_.back().epoch = epoch;
    return true;
  });
  std::string table = csvHeader();
  for (const EpochRecord& record : folder.epochs_) table += csvLine(record);
  writeFileAtomically(folder.file("log.jsonl"), log);
  writeFileAtomically(folder.file("log.csv"), table);
  folder.events_->dropFrom(standing.step + 1);
  return folder;
}

void RunFolder::writeConfiguration(const std::string& configuration) const {
  writeFileAtomically(file("config.toml"), configuration);
}

void RunFolder::append(const char* name, const std::string& line) const {
  std::ofstream file(path_ / name, std::ios::app);
  file << line;
  file.close();
  if (!file) throw cannotAppend(path_ / name);
}

void RunFolder::add(const StepRecord& record) {
  steps_.push_back(record);
  Json line{{"kind", "step"}, {"step", record.step}};
  writeFields(record, kStepFields, line);
  append("log.jsonl", jsonText(line, false) + "\n");
  events_->addScalar("loss/total", record.step, record.loss);
  events_->addScalar("loss/text", record.step, record.text);
  events_->addScalar("loss/border", record.step, record.border);
  events_->addScalar("loss/dice", record.step, record.dice);
  if (record.teacher > 0) events_->addScalar("loss/teacher", record.step, record.teacher);
  events_->addScalar("rate", record.step, record.rate);
  events_->addScalar("gradient_norm", record.step, record.gradient_norm);
}

void RunFolder::add(const EpochRecord& record, const std::vector<std::pair<std::string, double>>& sets,
                    const Image& sample) {
  epochs_.push_back(record);
  Json line{{"kind", "epoch"}, {"epoch", record.epoch}, {"step", record.step}};
  writeFields(record, kEpochFields, line);
  for (const auto& [name, hmean] : sets) line["sets"][name] = hmean;
  append("log.jsonl", jsonText(line, false) + "\n");
  append("log.csv", csvLine(record));
  if (record.hmean >= 0) {
    events_->addScalar("validation/hmean", record.step, record.hmean);
    events_->addScalar("validation/precision", record.step, record.precision);
    events_->addScalar("validation/recall", record.step, record.recall);
    for (const auto& [name, hmean] : sets) events_->addScalar("validation/" + name, record.step, hmean);
  }
  if (record.epoch > 0) {
    events_->addScalar("speed/images_per_second", record.step, record.images_per_second);
    events_->addScalar("speed/waiting_share", record.step, record.waiting_share);
  }
  if (!sample.empty()) {
    writeFileAtomically(sampleFile(path_, record.epoch), encodeJpeg(sample));
    events_->addImage("validation/detections", record.step, sample.height, sample.width, encodePng(sample));
  }
  writeFileAtomically(file("curves.png"), encodePng(drawCurves(steps_, epochs_, weights_)));
}

}  // namespace ocrdet
