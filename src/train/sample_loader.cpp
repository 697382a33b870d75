#include "train/sample_loader.h"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <exception>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "base/log.h"
#include "ocrdet/error.h"

namespace ocrdet {

LoaderOptions loaderOptions(const TrainingOptions& options) {
  LoaderOptions loader;
  loader.batch = options.batch;
  loader.size = options.size;
  loader.scales = options.scales;
  loader.min_text_size = options.min_text_size;
  loader.augmentation.mirror = options.mirror;
  loader.augmentation.rotation = options.rotation;
  loader.augmentation.quarter_turns = options.quarter_turns;
  loader.augmentation.text_crop = options.text_crop;
  loader.augmentation.smallest_scale = options.smallest_scale;
  loader.augmentation.largest_scale = options.largest_scale;
  loader.augmentation.colour = options.colour;
  loader.seed = options.seed;
  loader.workers = options.workers;
  loader.process = options.process;
  loader.processes = options.processes;
  return loader;
}

std::vector<int> batchSizes(const LoaderOptions& options) {
  if (options.scales.empty()) return {options.size};
  std::vector<int> sizes;
  for (const double scale : options.scales) sizes.push_back(roundedTo32(options.size * scale));
  return sizes;
}

struct SampleLoader::State {
  std::vector<WeightedSource> sources;
  LoaderOptions options;
  SampleOrder order;
  std::int64_t batches_per_epoch;

  std::mutex mutex;
  std::condition_variable changed;
  bool stop = false;
  std::exception_ptr failure;
  std::int64_t wanted;        // the batch that next() gives
  std::int64_t next_picture;  // that a worker takes: batch · own_count + place
  struct Slot {
    TrainingBatch batch;
    int missing = 0;
  };
  std::map<std::int64_t, Slot> slots;
  std::map<std::uint64_t, std::vector<SampleOrder::Pick>> orders;  // of the epochs at hand
  std::set<std::string> reported;
  std::vector<std::thread> threads;

  State(std::vector<WeightedSource> wanted_sources, const LoaderOptions& wanted_options, std::int64_t first)
      : sources(std::move(wanted_sources)),
        options(wanted_options),
        order(sources, options.seed),
        batches_per_epoch(
            std::max<std::int64_t>(1, std::int64_t(order.samplesPerEpoch()) / std::max(1, options.batch))),
        wanted(first),
        next_picture(first * ownCount()) {}

  int ownCount() const { return options.batch / options.processes; }

  int sizeOf(std::int64_t batch) const {
    const std::vector<int> sizes = batchSizes(options);
    return sizes[Random::of({options.seed, std::uint64_t(batch), 0x512e}).below(sizes.size())];
  }

  // Of a picture of a batch, counted over all processes. An epoch with fewer pictures than a batch repeats them.
  SampleOrder::Pick pick(std::int64_t batch, int place) {
    const auto epoch = std::uint64_t(batch / batches_per_epoch);
    auto found = orders.find(epoch);
    if (found == orders.end()) {
      while (orders.size() > 1) orders.erase(orders.begin());
      found = orders.emplace(epoch, order.epoch(epoch)).first;
    }
    const std::size_t position = std::size_t(batch % batches_per_epoch) * std::size_t(options.batch);
    return found->second[(position + std::size_t(place)) % found->second.size()];
  }

  void warnOnce(const std::string& text) {
    {
      const std::lock_guard lock(mutex);
      if (!reported.insert(text).second) return;
    }
    logWarning(text);
  }

  LabelledImage read(SampleOrder::Pick picked, Random& random) {
    const TrainingSource& source = sources[picked.source].source;
    constexpr std::size_t kTries = 10;
    for (std::size_t tried = 0;; ++tried) {
      try {
        return source.read((picked.index + tried) % source.size, random);
      } catch (const Error& error) {
        if (error.exitStatus() != ExitStatus::kInput || tried + 1 >= std::min(kTries, source.size)) throw;
        warnOnce(fmt::format("A picture of {} is left out: {}", source.name, error.problems().front().message));
      }
    }
  }

  struct Picture {
    Image image;
    TrainingTargets targets;
    int texts = 0, ignored = 0;
    bool labelled = true;
  };

  Picture make(SampleOrder::Pick picked, std::int64_t batch, int place, int size) {
    Random random = Random::of({options.seed, std::uint64_t(batch), std::uint64_t(place)});
    const LabelledImage labelled = read(picked, random);
    TrainingPicture augmented = augment(labelled, size, options.augmentation, random);
    std::vector<TextRegion> regions = prepareRegions(std::move(augmented.regions), size, size);
    Picture picture{std::move(augmented.image), makeTargets(regions, size, size, options.min_text_size), 0, 0,
                    labelled.labelled};
    for (const TextRegion& region : regions) ++(region.ignored ? picture.ignored : picture.texts);
    if (!labelled.labelled) std::fill(picture.targets.text_mask.begin(), picture.targets.text_mask.end(), 0);
    return picture;
  }

  void put(const Picture& picture, TrainingBatch& batch, std::size_t place) const {
    const std::size_t plane = std::size_t(batch.size) * batch.size;
    std::copy_n(picture.image.bgr.data(), 3 * plane, batch.pixels.data() + 3 * plane * place);
    std::copy_n(picture.targets.text.data(), plane, batch.text.data() + plane * place);
    std::copy_n(picture.targets.text_mask.data(), plane, batch.text_mask.data() + plane * place);
    std::copy_n(picture.targets.border_mask.data(), plane, batch.border_mask.data() + plane * place);
    std::copy_n(picture.targets.border.data(), plane, batch.border.data() + plane * place);
  }

  // Called with the lock held.
  Slot& slotOf(std::int64_t batch) {
    const auto found = slots.find(batch);
    if (found != slots.end()) return found->second;
    const int count = ownCount(), size = sizeOf(batch);
    const std::size_t pixels = std::size_t(count) * size * size;
    Slot& slot = slots[batch];
    slot.missing = count;
    slot.batch.count = count;
    slot.batch.size = size;
    slot.batch.pixels.resize(3 * pixels);
    slot.batch.text.resize(pixels);
    slot.batch.text_mask.resize(pixels);
    slot.batch.border_mask.resize(pixels);
    slot.batch.border.resize(pixels);
    return slot;
  }

  void work() {
    std::unique_lock lock(mutex);
    while (!stop) {
      const std::int64_t batch = next_picture / ownCount();
      if (batch >= wanted + options.batches_ahead) {
        changed.wait(lock);
        continue;
      }
      try {
        workOn(batch, int(next_picture++ % ownCount()), lock);
      } catch (...) {
        if (!lock.owns_lock()) lock.lock();
        failure = std::current_exception();
        stop = true;
      }
      changed.notify_all();
    }
  }

  // Makes one picture, without the lock meanwhile.
  void workOn(std::int64_t batch, int own_place, std::unique_lock<std::mutex>& lock) {
    const int place = options.process * ownCount() + own_place;
    Slot& slot = slotOf(batch);
    const int size = slot.batch.size;
    const SampleOrder::Pick picked = pick(batch, place);
    lock.unlock();
    const Picture picture = make(picked, batch, place, size);
    put(picture, slot.batch, std::size_t(own_place));
    lock.lock();
    slot.batch.texts += picture.texts;
    slot.batch.ignored += picture.ignored;
    slot.batch.unlabelled += picture.labelled ? 0 : 1;
    slot.batch.left_out += picture.ignored > 0 && picture.texts == 0 ? 1 : 0;
    --slot.missing;
  }
};

SampleLoader::SampleLoader(std::vector<WeightedSource> sources, const LoaderOptions& options, std::int64_t first)
    : state_(std::make_unique<State>(std::move(sources), options, first)) {
  if (state_->order.samplesPerEpoch() == 0) throw noTrainingPictures("This choice of data sets");
  for (int i = 0; i < std::max(1, options.workers); ++i) state_->threads.emplace_back([this] { state_->work(); });
}

SampleLoader::~SampleLoader() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stop = true;
  }
  state_->changed.notify_all();
  for (std::thread& thread : state_->threads) thread.join();
}

std::int64_t SampleLoader::batchesPerEpoch() const {
  return state_->batches_per_epoch;
}

TrainingBatch SampleLoader::next() {
  std::unique_lock lock(state_->mutex);
  state_->changed.wait(lock, [&] {
    const auto slot = state_->slots.find(state_->wanted);
    return state_->failure || (slot != state_->slots.end() && slot->second.missing == 0);
  });
  if (state_->failure) std::rethrow_exception(state_->failure);
  TrainingBatch batch = std::move(state_->slots.extract(state_->wanted).mapped().batch);
  ++state_->wanted;
  state_->changed.notify_all();
  return batch;
}

}  // namespace ocrdet
