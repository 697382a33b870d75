// Several processes that train as one, over c10d and Gloo.
//
// Each makes its part of every batch. What a step's result depends on beyond one picture is exchanged: the sums in the
// losses, the choice of hard negatives, the statistics of batch norm, and at the end the gradients. Every process then
// moves its weights alike, so that they stay equal without being sent.
//
// Sums are differentiable, and their gradient is the sum of all processes' gradients. Since each process computes the
// same total loss, that counts it once a process; the mean of the gradients puts this right.
//
// Whatever breaks the exchange (a process that ended, a cable) ends all of them with train.processes-failed. Gloo sees
// a closed connection at once; only a machine that vanishes without closing any is waited for.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "train/learner.h"

namespace ocrdet {

class Processes {
 public:
  // Waits for all. `rendezvous` as in src/train/rendezvous.h; a file must not exist yet. Throws train.processes-failed
  // when not all have come within a minute, or two with the same number.
  Processes(const std::string& rendezvous, int process, int count);
  ~Processes();
  Processes(const Processes&) = delete;
  Processes& operator=(const Processes&) = delete;

  // Throws train.processes-failed in every process unless all give the same `terms`, lines of `name = value`.
  void requireSame(const std::string& terms) const;

  // The functions throw train.processes-failed, and so do those below.
  Together together() const;
  // True when any process says so; all get the same answer.
  bool any(bool yes) const;
  // The value of process 0.
  double fromFirst(double value) const;

  struct Group;

 private:
  std::shared_ptr<Group> group_;
};

}  // namespace ocrdet
