#include "train/teacher.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/stopwatch.h"
#include "image/normalise.h"
#include "ocrdet/error.h"

namespace ocrdet {
namespace {

Session openSession(const std::filesystem::path& model, const std::filesystem::path& onnxruntime, int threads) {
  SessionOptions options;
  options.onnxruntime = onnxruntime;
  options.threads = threads;
  return Session::open(model, options);
}

// `fixed` is 0 on free sides.
void refuseOtherSize(const std::filesystem::path& model, PixelSize fixed, int size) {
  const auto fits = [&](int side) { return side == 0 || side == size; };
  if (fits(fixed.height) && fits(fixed.width)) return;
  throw Error(
      {&codes::kUsageOption,
       fmt::format("The teacher {} takes pictures of {}×{} only (height × width); batches have {}×{}.", model.string(),
                   fixed.height, fixed.width, size, size),
       fixed.height == fixed.width
           ? fmt::format("Use --size {} without --scales, or export the teacher with --dynamic.", fixed.height)
           : "Export the teacher with --dynamic.",
       {{"height", std::int64_t{fixed.height}}, {"width", std::int64_t{fixed.width}}, {"size", std::int64_t{size}}}});
}

}  // namespace

Teacher::Teacher(const std::filesystem::path& model, const std::filesystem::path& onnxruntime, int threads,
                 const std::vector<int>& sizes)
    : session_(openSession(model, onnxruntime, threads)), contract_(networkContract(session_, {})) {
  for (const int size : std::set<int>(sizes.begin(), sizes.end())) {
    refuseOtherSize(model, contract_.fixed, size);
    TrainingBatch black;
    black.count = 1, black.size = size;
    black.pixels.resize(3 * std::size_t(size) * std::size_t(size));
    probabilities(black);
  }
}

std::vector<float> Teacher::probabilities(const TrainingBatch& batch) const {
  const std::size_t plane = std::size_t(batch.size) * batch.size;
  std::vector<float> maps;
  maps.reserve(plane * batch.count);
  Image image = makeImage(batch.size, batch.size);
  std::vector<float> planes(3 * plane);
  for (std::size_t i = 0; i < std::size_t(batch.count); ++i) {
    std::copy_n(batch.pixels.data() + 3 * plane * i, 3 * plane, image.bgr.data());
    NamedTensor input{contract_.input_name, {}};
    if (contract_.takes_bytes) {
      input.tensor = viewOf({1, batch.size, batch.size, 3}, std::span<const std::uint8_t>(image.bgr));
    } else {
      normalise(image, contract_.normalisation, planes);
      input.tensor = viewOf({1, 3, batch.size, batch.size}, std::span<const float>(planes));
    }
    const std::vector<float> map = toFloat32(session_.run({input}).front().tensor);
    if (map.size() != plane)
      throw Error({&codes::kModelNotADetector,
                   fmt::format("The teacher gives {} values for a picture of {}×{}; one a pixel is needed.", map.size(),
                               batch.size, batch.size),
                   "Give an ONNX file of a DBNet text detector with one probability a pixel."});
    maps.insert(maps.end(), map.begin(), map.end());
  }
  return maps;
}

BatchStream::BatchStream(SampleLoader& loader, const Teacher* teacher) : loader_(loader), teacher_(teacher) {
  if (teacher_ != nullptr) thread_ = std::thread([this] { work(); });
}

BatchStream::~BatchStream() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void BatchStream::work() {
  try {
    while (true) {
      TaughtBatch taught{loader_.next(), {}};
      taught.teacher = teacher_->probabilities(taught.batch);
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return stop_ || ready_.empty(); });
      if (stop_) return;
      ready_.push_back(std::move(taught));
      changed_.notify_all();
    }
  } catch (...) {
    const std::lock_guard lock(mutex_);
    failure_ = std::current_exception();
    changed_.notify_all();
  }
}

TaughtBatch BatchStream::next() {
  const Stopwatch watch;
  const auto count = [&] { seconds_waited_ += watch.seconds(); };
  if (teacher_ == nullptr) {
    TaughtBatch batch{loader_.next(), {}};
    count();
    return batch;
  }
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return failure_ || !ready_.empty(); });
  count();
  if (ready_.empty()) std::rethrow_exception(failure_);
  TaughtBatch batch = std::move(ready_.front());
  ready_.pop_front();
  changed_.notify_all();
  return batch;
}

}  // namespace ocrdet
