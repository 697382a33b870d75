#include "detect/batcher.h"

#include <algorithm>

#include "base/cancellation.h"

namespace ocrdet {

std::pair<OwnedMap, int> Batcher::operator()(const Image& image) {
  Request own{&image, false, false, {}, 1, {}};
  std::unique_lock lock(mutex_);
  waiting_.push_back(&own);
  while (true) {
    changed_.wait(lock, [&] { return own.done || (!running_ && !own.taken); });
    if (own.done) break;
    std::vector<Request*> batch;
    try {
      batch = takeOldest();
    } catch (...) {
      waiting_.remove(&own);
      throw;
    }
    running_ = true;
    lock.unlock();
    runTogether(batch);
    lock.lock();
    running_ = false;
    for (Request* request : batch) request->done = true;
    changed_.notify_all();
  }
  if (own.failure) std::rethrow_exception(own.failure);
  return {std::move(own.map), own.together};
}

// The oldest request and the next ones of its size. Allocates before it changes anything.
std::vector<Batcher::Request*> Batcher::takeOldest() {
  std::vector<Request*> batch;
  batch.reserve(std::min(largest_, waiting_.size()));
  const Image& oldest = *waiting_.front()->image;
  for (auto it = waiting_.begin(); it != waiting_.end() && batch.size() < largest_;) {
    const Image& image = *(*it)->image;
    if (image.height != oldest.height || image.width != oldest.width) {
      ++it;
      continue;
    }
    (*it)->taken = true;
    batch.push_back(*it);
    it = waiting_.erase(it);
  }
  return batch;
}

void Batcher::runTogether(std::span<Request* const> requests) {
  try {
    std::vector<const Image*> images;
    for (const Request* request : requests) images.push_back(request->image);
    std::vector<OwnedMap> maps = run_(images);
    for (std::size_t i = 0; i < requests.size(); ++i) {
      requests[i]->map = std::move(maps.at(i));
      requests[i]->together = int(requests.size());
    }
  } catch (...) {
    if (requests.size() == 1 || interrupted()) {
      for (Request* request : requests) request->failure = std::current_exception();
      return;
    }
    for (Request* request : requests) runAlone(*request);
  }
}

void Batcher::runAlone(Request& request) {
  try {
    const Image* image = request.image;
    request.map = std::move(run_({&image, 1}).at(0));
  } catch (...) {
    request.failure = std::current_exception();
  }
}

}  // namespace ocrdet
