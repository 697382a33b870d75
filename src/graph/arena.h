// A model of ONNX Runtime's arena (a best-fit allocator with coalescing), to know how much memory it touches.
//
// It takes regions from the system, each twice as large as the one before or as large as needed, and never returns
// them. Pages become resident when they are first used. Because chunks are handed out from the left of a region and
// free neighbours are joined, each region's resident part is the furthest end of any chunk it ever held.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace ocrdet {

class Arena {
 public:
  // A handle for release().
  std::size_t allocate(std::int64_t bytes);
  void release(std::size_t handle);

  // Resident bytes so far: what was handed out, and the arena's own tables, which it writes at once.
  std::int64_t touchedBytes() const;

 private:
  struct Chunk {
    std::int64_t bytes = 0;
    bool free = true;
  };
  struct Region {
    std::int64_t bytes = 0;
    std::int64_t touched = 0;
    std::map<std::int64_t, Chunk> chunks;  // by offset; they cover the region without gaps
  };
  struct Place {
    std::size_t region;
    std::int64_t offset;
  };

  // The smallest free chunk that is large enough; the leftmost of equals.
  std::optional<Place> findFree(std::int64_t bytes) const;
  void extend(std::int64_t bytes);

  std::vector<Region> regions_;
  std::vector<Place> handles_;
  std::int64_t next_region_bytes_ = 1 << 20;
};

}  // namespace ocrdet
