// Pictures of many threads through the network together.
//
// Threads hand in one image each and wait for its map. Whoever finds no run under way takes the oldest image that waits
// and others of its size, runs them together and hands the maps out; what arrives meanwhile waits for the next run. So
// batches grow with the load, and nobody ever waits for a batch to fill up.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "detect/tiles.h"
#include "image/image.h"

namespace ocrdet {

class Batcher {
 public:
  using Run = std::function<std::vector<OwnedMap>(std::span<const Image* const>)>;

  // `run` is called by one thread at a time, with at most `largest` images, all of one size.
  Batcher(std::size_t largest, Run run) : largest_(largest), run_(std::move(run)) {}

  // The map of `image`, and how many images went through together. When a run of several fails, each is tried alone, so
  // that one picture's failure is not another's. Throws what `run` throws for this image.
  std::pair<OwnedMap, int> operator()(const Image& image);

 private:
  struct Request {
    const Image* image = nullptr;
    bool taken = false;  // part of the run that is under way
    bool done = false;
    OwnedMap map;
    int together = 1;
    std::exception_ptr failure;
  };

  std::vector<Request*> takeOldest();
  void runTogether(std::span<Request* const> requests);
  void runAlone(Request& request);

  const std::size_t largest_;
  const Run run_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::list<Request*> waiting_;  // in the order of their arrival
  bool running_ = false;
};

}  // namespace ocrdet
