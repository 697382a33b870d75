// Another detector, an ONNX file, whose probability maps the network learns from.
#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <filesystem>
#include <mutex>
#include <thread>
#include <vector>

#include "detect/network_contract.h"
#include "runtime/session.h"
#include "train/sample_loader.h"

namespace ocrdet {

class Teacher {
 public:
  // Tries a black picture of each size that batches will have (batchSizes). Throws usage.option when the file takes
  // another size only, what opening and running a session throws, and model.not-a-detector.
  Teacher(const std::filesystem::path& model, const std::filesystem::path& onnxruntime, int threads,
          const std::vector<int>& sizes);

  // Probabilities of the batch's pictures, [count, size, size].
  std::vector<float> probabilities(const TrainingBatch& batch) const;

 private:
  Session session_;
  NetworkContract contract_;
};

struct TaughtBatch {
  TrainingBatch batch;
  std::vector<float> teacher;  // empty without a teacher
};

// Batches with the teacher's maps, which a thread of its own computes while the network works on the batch before.
class BatchStream {
 public:
  // `teacher` may be null. Both must outlive the stream.
  BatchStream(SampleLoader& loader, const Teacher* teacher);
  ~BatchStream();
  BatchStream(const BatchStream&) = delete;
  BatchStream& operator=(const BatchStream&) = delete;

  TaughtBatch next();
  double secondsWaited() const { return seconds_waited_; }

 private:
  void work();

  SampleLoader& loader_;
  const Teacher* teacher_;
  double seconds_waited_ = 0;
  // Of the thread: finished batches, at most one, and why there will be no more.
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<TaughtBatch> ready_;
  std::exception_ptr failure_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace ocrdet
