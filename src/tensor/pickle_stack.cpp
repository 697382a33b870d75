#include "tensor/pickle_stack.h"

#include <fmt/format.h>

#include "tensor/checkpoint_errors.h"

namespace ocrdet {
namespace {

// A training checkpoint of this network has some ten thousand values; a million bounds the memory to about 100 MB.
constexpr std::size_t kMaximumValues = 1'000'000;

}  // namespace

void checkPickleRoom(std::size_t used) {
  if (used >= kMaximumValues) failTooLarge(fmt::format("The pickle has more than {} values.", kMaximumValues));
}

PickleIndex PickleStack::top() const {
  if (values_.size() == floor()) failCorrupt("The pickle takes a value from an empty stack.");
  return values_.back();
}

void PickleStack::push(PickleIndex index) {
  checkPickleRoom(values_.size());
  values_.push_back(index);
}

void PickleStack::pushMark() {
  checkPickleRoom(marks_.size());
  marks_.push_back(values_.size());
}

PickleIndex PickleStack::pop() {
  const PickleIndex index = top();
  values_.pop_back();
  return index;
}

void PickleStack::popValueOrMark() {
  if (values_.size() == floor() && !marks_.empty()) {
    marks_.pop_back();
  } else {
    pop();
  }
}

std::vector<PickleIndex> PickleStack::popMany(std::size_t count) {
  if (values_.size() - floor() < count) failCorrupt("The pickle takes a value from an empty stack.");
  std::vector<PickleIndex> taken(values_.end() - static_cast<std::ptrdiff_t>(count), values_.end());
  values_.resize(values_.size() - count);
  return taken;
}

std::vector<PickleIndex> PickleStack::popToMark() {
  if (marks_.empty()) failCorrupt("The pickle closes a list that was never opened.");
  std::vector<PickleIndex> taken = popMany(values_.size() - floor());
  marks_.pop_back();
  return taken;
}

}  // namespace ocrdet
