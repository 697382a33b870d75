// The stack of a pickle's machine: positions of values, and marks between which a list is gathered.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace ocrdet {

using PickleIndex = std::uint32_t;  // position in Pickle::values

// Throws checkpoint.too-large when a list of the machine (values, stack, marks or memo) has all it may hold. Marks,
// memo and duplicates on the stack create no values: each list has the bound for itself.
void checkPickleRoom(std::size_t used);

// What is taken from it without being there throws checkpoint.corrupt.
class PickleStack {
 public:
  bool empty() const { return values_.empty(); }
  PickleIndex top() const;

  void push(PickleIndex index);
  void pushMark();

  PickleIndex pop();
  void popValueOrMark();
  std::vector<PickleIndex> popMany(std::size_t count);
  std::vector<PickleIndex> popToMark();

 private:
  // Values below the innermost mark cannot be taken.
  std::size_t floor() const { return marks_.empty() ? 0 : marks_.back(); }

  std::vector<PickleIndex> values_;
  std::vector<std::size_t> marks_;  // heights of the stack
};

}  // namespace ocrdet
