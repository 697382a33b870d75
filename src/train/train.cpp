#include "train/train.h"

#include <fmt/format.h>
#include <torch/version.h>

#include <algorithm>
#include <memory>
#include <opencv2/core/utility.hpp>
#include <optional>
#include <set>
#include <utility>

#include "base/cancellation.h"
#include "base/log.h"
#include "base/progress.h"
#include "base/stopwatch.h"
#include "model/architecture.h"
#include "model/weights_file.h"
#include "ocrdet/error.h"
#include "tensor/safetensors.h"
#include "train/common_terms.h"
#include "train/export_best.h"
#include "train/freed_memory.h"
#include "train/initial_weights.h"
#include "train/learner.h"
#include "train/processes.h"
#include "train/run_folder.h"
#include "train/sample_loader.h"
#include "train/schedule.h"
#include "train/symptoms.h"
#include "train/teacher.h"
#include "train/training_state.h"
#include "train/validation.h"

namespace ocrdet {
namespace {

// What the first process says when another one stopped, or no pictures come any more: its own state is whole.
Error savedAt(std::int64_t step, const std::filesystem::path& run, const Error& error) {
  const bool lost_the_others = error.code().name == codes::kTrainProcessesFailed.name;
  Problem problem = error.problems().front();
  problem.message += fmt::format(" The state at step {} is saved.", step);
  problem.advice = lost_the_others
                       ? fmt::format("Go on with all processes and `--resume {}`.", run.string())
                       : fmt::format("{} Then go on with `ocrdet train --resume {}`.", problem.advice, run.string());
  problem.details.insert(problem.details.end(), {{"run", run.string()}, {"step", step}});
  return Error(std::move(problem));
}

std::vector<NamedTensor> stateOf(const Learner& learner) {
  std::vector<NamedTensor> tensors;
  learner.save(tensors);
  return tensors;
}

std::vector<std::pair<std::string, double>> hmeansOf(const ValidationResult& result) {
  std::vector<std::pair<std::string, double>> hmeans;
  for (const auto& [name, score] : result.sets) hmeans.emplace_back(name, score.hmean);
  return hmeans;
}

// Before anything is read, which may take one of them longer than the others are ready to wait for it. A misspelt name
// needs no others.
std::unique_ptr<Processes> meetOthers(const TrainingOptions& options) {
  requireSources(options);
  if (options.processes == 1) return nullptr;
  return std::make_unique<Processes>(options.rendezvous, options.process, options.processes);
}

// One run from its options to its end; what lasts from epoch to epoch are the members.
class Run {
 public:
  explicit Run(const TrainingOptions& options)
      : options_(options),
        computing_(chooseComputing(options)),
        processes_(meetOthers(options)),
        sources_(trainingSources(options)),
        validation_(validationSets(options.validation, options.validation_limit)) {
    if (isFirst()) warnOfLearntPictures(validation_, sources_);
    keepFreedMemory(checkBatchMemory(options, batchSizes(loaderOptions(options)), computing_.device.is_cuda(),
                                     computing_.type != at::kFloat));
    start();
  }

  TrainingResult go();

 private:
  void start();
  void keepInitial(double share);
  void compareValidations();
  bool isFirst() const { return options_.process == 0; }
  // Of this process or, when several train together, of any: all have to stop after the same step.
  bool stopAsked() const { return processes_ ? processes_->any(interrupted()) : interrupted(); }
  void openFolder();
  void validateStart();
  bool hasLearntEnough() const;
  void trainEpoch(BatchStream& stream, std::int64_t steps_per_epoch);
  void trainSteps(BatchStream& stream, std::int64_t end, std::int64_t steps_per_epoch);
  void seeBatch(const TrainingBatch& batch);
  void recordStep(const StepReport& report, double rate, std::int64_t steps_per_epoch);
  void finishEpoch(std::int64_t steps_per_epoch);
  // Also into the record of the epoch that it follows.
  ValidationResult validateNow(EpochRecord& record);
  void saveBest() const;
  void saveWeights(const char* name) const;
  void saveState();

  TrainingOptions options_;
  Computing computing_;
  std::unique_ptr<Processes> processes_;
  std::vector<WeightedSource> sources_;
  std::vector<ValidationSet> validation_;
  std::optional<Teacher> teacher_;
  std::optional<Learner> learner_;
  std::optional<FolderLock> lock_;   // of a run that is resumed, until its folder is open
  std::optional<RunFolder> folder_;  // of the first process alone: it validates and writes
  Schedule schedule_;
  Standing standing_;
  bool waits_for_pictures_ = false;  // between two steps, where weights and standing are whole
  std::set<std::string> reported_;   // validation pictures that cannot be read
  Stopwatch since_saved_;
};

void Run::start() {
  if (!options_.teacher.empty())
    teacher_.emplace(options_.teacher, options_.onnxruntime, std::max(1, options_.workers),
                     batchSizes(loaderOptions(options_)));
  const Together together = processes_ ? processes_->together() : Together();
  if (options_.resume.empty()) {
    const InitialWeights initial = initialWeights(options_.init, options_.seed);
    logInfo(fmt::format("Starting from {}.", initial.description));
    keepInitial(options_.keep_initial.value_or(defaultShareKept(initial)));
    if (options_.keep_initial > 0 && !initial.whole)
      logWarning("The initial weights are no detector: what is kept of them is noise. Use --keep-initial 0.");
    standing_.boxes = initial.boxes;
    learner_.emplace(initial.weights, options_, computing_, together);
  } else {
    if (isFirst()) lock_.emplace(options_.resume);
    const TrainingState state = readState(options_.resume / "state.safetensors");
    keepInitial(options_.keep_initial.value_or(0));
    learner_.emplace(randomWeights(options_.seed), options_, computing_, together);
    learner_->load(state.tensors);
    standing_ = state.standing;
    logInfo(fmt::format("Resuming at step {}, after {} epochs.", standing_.step, standing_.epoch));
  }
  compareValidations();
}

// Hmeans of other pictures are no measure for what is to come.
void Run::compareValidations() {
  const std::string validation = toText(validation_);
  const std::string before = std::exchange(standing_.validation, validation);
  if (before == validation || options_.resume.empty()) return;
  standing_.first_hmean = standing_.best_hmean = -1;
  standing_.gain_epoch = standing_.epoch;
  if (!before.empty() && !validation.empty() && isFirst())
    logInfo("The validation is another one than before: the best epoch is sought anew.");
}

// Decided here rather than on the command line, since the default depends on what the run starts from.
void Run::keepInitial(double share) {
  options_.keep_initial = share;
  options_.configuration += fmt::format("keep-initial = {}\n", share);
  logInfo(share > 0
              ? fmt::format("Validated and saved: {:.3g} of the initial and {:.3g} of the trained weights, so that "
                            "little is forgotten; --keep-initial 0 switches this off.",
                            share, 1 - share)
              : "Validated and saved: the trained weights alone (--keep-initial 0).");
}

TrainingResult Run::go() {
  SampleLoader loader(sources_, loaderOptions(options_), standing_.step);
  const std::int64_t steps_per_epoch = loader.batchesPerEpoch();
  schedule_ = {options_.rate, steps_per_epoch * options_.epochs,
               static_cast<std::int64_t>(static_cast<double>(steps_per_epoch) * options_.warm_up)};
  if (processes_)
    processes_->requireSame(
        commonTerms(options_, at::toString(computing_.type), sources_, steps_per_epoch, standing_, stateOf(*learner_)));
  takeSteps(standing_, steps_per_epoch, options_.batch);
  // Not before: what is refused must leave no folder, and --resume not its options to the run.
  if (isFirst()) openFolder();
  try {
    if (isFirst() && standing_.step == 0) {
      saveState();  // killed while it validates, a run is resumed with the validation
      if (!validation_.empty() && standing_.first_hmean < 0) validateStart();
    }
    BatchStream stream(loader, teacher_ ? &*teacher_ : nullptr);
    while (standing_.epoch < options_.epochs && !hasLearntEnough()) trainEpoch(stream, steps_per_epoch);
  } catch (const Error& error) {
    const bool was_interrupted = error.exitStatus() == ExitStatus::kInterrupted;
    const bool lost_the_others = error.code().name == codes::kTrainProcessesFailed.name;
    if ((!was_interrupted && !lost_the_others && !waits_for_pictures_) || !isFirst()) throw;
    saveState();
    if (!was_interrupted) throw savedAt(standing_.step, folder_->path(), error);
    throw Error({&codes::kRunInterrupted,
                 fmt::format("Stopped at step {}; the state is saved.", standing_.step),
                 fmt::format("Go on with `ocrdet train --resume {}`.", folder_->path().string()),
                 {{"run", folder_->path().string()}, {"step", standing_.step}}});
  }
  if (!isFirst()) return {};
  TrainingResult result{folder_->path(),
                        standing_.epoch,
                        standing_.first_hmean,
                        standing_.best_hmean,
                        standing_.best_epoch,
                        standing_.best_hmean >= 0,
                        {},
                        standing_.seconds,
                        standing_.seconds > 0 ? standing_.waited / standing_.seconds : 0,
                        TORCH_VERSION};
  if (options_.export_best) {
    exportWeights(folder_->file("best.safetensors"), folder_->file("best.onnx"), options_.onnxruntime);
    result.onnx = folder_->file("best.onnx");
  }
  return result;
}

void Run::openFolder() {
  folder_ = lock_ ? RunFolder::open(options_.resume, std::move(*lock_), standing_, options_.loss)
                  : RunFolder::create(options_.runs, options_.loss);
  logInfo(fmt::format("Run folder {}; {}.", folder_->path().string(), computing_.description));
  folder_->writeConfiguration(options_.configuration);
}

void Run::validateStart() {
  EpochRecord record;
  record.loss = record.text = record.border = record.dice = record.teacher = -1;
  record.images_per_second = record.waiting_share = record.seconds = -1;
  const ValidationResult before = validateNow(record);
  standing_.first_hmean = standing_.best_hmean = record.hmean;
  saveBest();
  folder_->add(record, hmeansOf(before), before.sample);
  saveState();
  logInfo(fmt::format("Before the first epoch: hmean {:.4f}.", record.hmean));
}

bool Run::hasLearntEnough() const {
  bool enough =
      options_.patience > 0 && !validation_.empty() && standing_.epoch - standing_.gain_epoch >= options_.patience;
  if (processes_) enough = processes_->fromFirst(enough ? 1 : 0) > 0;
  if (enough) logInfo(fmt::format("No better hmean in {} epochs: stopped early.", options_.patience));
  return enough;
}

void Run::trainEpoch(BatchStream& stream, std::int64_t steps_per_epoch) {
  const std::int64_t end = (standing_.epoch + 1) * steps_per_epoch;
  if (standing_.step < end) {
    trainSteps(stream, end, steps_per_epoch);
    // As before the first epoch: the validation can be repeated.
    if (isFirst() && !validation_.empty()) saveState();
  }
  finishEpoch(steps_per_epoch);
}

void Run::trainSteps(BatchStream& stream, std::int64_t end, std::int64_t steps_per_epoch) {
  Progress progress(fmt::format("epoch {}/{}", standing_.epoch + 1, options_.epochs), "images",
                    (end - standing_.step) * options_.batch);
  Stopwatch watch;
  double waited_before = stream.secondsWaited();
  while (standing_.step < end) {
    if (stopAsked()) {
      setInterrupted(true);
      throwIfInterrupted();
    }
    waits_for_pictures_ = true;
    const TaughtBatch next = stream.next();
    waits_for_pictures_ = false;
    seeBatch(next.batch);
    const double rate = schedule_.rate(standing_.step);
    const StepReport report = learner_->step(next.batch, next.teacher, rate);
    ++standing_.step;
    const double seconds = watch.lap();
    const double waited = stream.secondsWaited() - std::exchange(waited_before, stream.secondsWaited());
    standing_.seconds += seconds, standing_.epoch_seconds += seconds;
    standing_.waited += waited, standing_.epoch_waited += waited;
    recordStep(report, rate, steps_per_epoch);
    progress.advance(options_.batch);
    if (isFirst() && since_saved_.seconds() > 60 * options_.save_minutes) saveState();
  }
}

// Whether there is text to learn from, the pictures of all processes tell.
void Run::seeBatch(const TrainingBatch& batch) {
  if (standing_.seen.text_learnt || teacher_) return;
  const bool text = batch.texts > 0;
  ocrdet::seeBatch(standing_.seen, batch, processes_ ? processes_->any(text) : text);
}

void Run::recordStep(const StepReport& report, double rate, std::int64_t steps_per_epoch) {
  standing_.loss += report.total;
  standing_.text += report.text;
  standing_.border += report.border;
  standing_.dice += report.dice;
  standing_.teacher += report.teacher;
  if (!isFirst()) return;
  // A few hundred lines an epoch at most.
  const std::int64_t every = std::max<std::int64_t>(1, steps_per_epoch / 200);
  if (standing_.step % every != 0) return;
  const double epoch = static_cast<double>(standing_.step) / static_cast<double>(steps_per_epoch);
  folder_->add(StepRecord{standing_.step, epoch, rate, report.total, report.text, report.border, report.dice,
                          report.teacher, report.gradient_norm});
}

void Run::finishEpoch(std::int64_t steps_per_epoch) {
  if (!isFirst()) {
    ++standing_.epoch;
    return;
  }
  const double count = static_cast<double>(steps_per_epoch);
  EpochRecord record{standing_.epoch + 1,    standing_.step,           schedule_.rate(standing_.step - 1),
                     standing_.loss / count, standing_.text / count,   standing_.border / count,
                     standing_.dice / count, standing_.teacher / count};
  record.seconds = standing_.epoch_seconds;
  record.images_per_second = count * options_.batch / std::max(record.seconds, 1e-9);
  record.waiting_share = standing_.epoch_waited / std::max(record.seconds, 1e-9);
  const ValidationResult result = validation_.empty() ? ValidationResult() : validateNow(record);
  ++standing_.epoch;
  const bool gains = record.hmean > standing_.best_hmean;
  if (gains) standing_.gain_epoch = standing_.epoch;
  // Where nothing was found before, either, the later weights are worth more than the start.
  if (validation_.empty() || gains || standing_.best_hmean == 0) {
    standing_.best_hmean = record.hmean;
    standing_.best_epoch = standing_.epoch;
    saveBest();
  }
  saveWeights("last.safetensors");
  standing_.loss = standing_.text = standing_.border = standing_.dice = standing_.teacher = 0;
  standing_.epoch_seconds = standing_.epoch_waited = 0;
  folder_->add(record, hmeansOf(result), result.sample);
  seeEpoch(standing_.seen, standing_.epoch, record.hmean);
  saveState();
  logInfo(fmt::format("Epoch {}: loss {:.3f}{}, {:.2f} images/s, {:.1f} % of the time waiting for data.",
                      standing_.epoch, record.loss,
                      record.hmean < 0 ? ""
                                       : fmt::format(", hmean {:.4f} (best {:.4f} after epoch {})", record.hmean,
                                                     standing_.best_hmean, standing_.best_epoch),
                      record.images_per_second, 100 * record.waiting_share));
  if (standing_.epoch == options_.epochs) seeEnd(standing_.seen);
}

ValidationResult Run::validateNow(EpochRecord& record) {
  ValidationResult result =
      validate(validation_, standing_.boxes, [this](const std::vector<float>& planes, int height, int width) {
        return learner_->probabilities(planes, height, width);
      });
  for (const std::string& what : result.unreadable)
    if (reported_.insert(what).second)
      logWarning(fmt::format("In a validation picture that cannot be read, nothing is found: {}", what));
  record.hmean = result.hmean, record.precision = result.precision, record.recall = result.recall;
  return result;
}

// What was exported of earlier weights must not pass for these.
void Run::saveBest() const {
  std::error_code ignored;
  std::filesystem::remove(folder_->file("best.onnx"), ignored);
  saveWeights("best.safetensors");
}

void Run::saveWeights(const char* name) const {
  std::vector<NamedTensor> tensors;
  const Weights weights = learner_->bestGuess();
  for (const ExpectedTensor& expected : expectedTensors())
    tensors.push_back({expected.name, weights.at(expected.name)});
  writeSafetensors(folder_->file(name), tensors, DType::kFloat32, weightsMetadata(standing_.boxes));
}

void Run::saveState() {
  writeState(folder_->file("state.safetensors"), {standing_, stateOf(*learner_)});
  since_saved_.lap();
}

}  // namespace

TrainingResult train(const TrainingOptions& options) {
  cv::setNumThreads(1);  // the workers are threads already
  return Run(options).go();
}

}  // namespace ocrdet
