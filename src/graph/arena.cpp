#include "graph/arena.h"

#include <algorithm>
#include <iterator>

namespace ocrdet {
namespace {

// Constants of ONNX Runtime's BFCArena with its default settings.
constexpr std::int64_t kGranule = 256;
constexpr std::int64_t kLargestWaste = std::int64_t{128} << 20;  // a chunk is split when more than this is left over
constexpr std::int64_t kLargestRegion = std::int64_t{1} << 50;   // ours: no machine has more, and doubling must end
constexpr std::int64_t kTableBytesPerGranule = 8;                // each region has a table of chunk handles

std::int64_t roundUp(std::int64_t bytes) {
  return (std::max<std::int64_t>(bytes, 1) + kGranule - 1) / kGranule * kGranule;
}

}  // namespace

std::size_t Arena::allocate(std::int64_t bytes) {
  const std::int64_t rounded = roundUp(bytes);
  std::optional<Place> place = findFree(rounded);
  if (!place) {
    extend(rounded);
    place = {regions_.size() - 1, 0};
  }
  Region& region = regions_[place->region];
  Chunk& chunk = region.chunks.at(place->offset);
  const std::int64_t rest = chunk.bytes - rounded;
  if (rest >= rounded || rest >= kLargestWaste) {
    chunk.bytes = rounded;
    region.chunks[place->offset + rounded] = {rest, true};
  }
  chunk.free = false;
  region.touched = std::max(region.touched, place->offset + bytes);
  handles_.push_back(*place);
  return handles_.size() - 1;
}

void Arena::release(std::size_t handle) {
  const Place place = handles_[handle];
  auto& chunks = regions_[place.region].chunks;
  auto chunk = chunks.find(place.offset);
  chunk->second.free = true;
  if (const auto next = std::next(chunk); next != chunks.end() && next->second.free) {
    chunk->second.bytes += next->second.bytes;
    chunks.erase(next);
  }
  if (chunk == chunks.begin()) return;
  if (const auto previous = std::prev(chunk); previous->second.free) {
    previous->second.bytes += chunk->second.bytes;
    chunks.erase(chunk);
  }
}

std::int64_t Arena::touchedBytes() const {
  std::int64_t total = 0;
  for (const Region& region : regions_) total += region.touched + region.bytes / kGranule * kTableBytesPerGranule;
  return total;
}

std::optional<Arena::Place> Arena::findFree(std::int64_t bytes) const {
  std::optional<Place> best;
  std::int64_t smallest = 0;
  for (std::size_t region = 0; region < regions_.size(); ++region) {
    for (const auto& [offset, chunk] : regions_[region].chunks) {
      if (!chunk.free || chunk.bytes < bytes || (best && chunk.bytes >= smallest)) continue;
      smallest = chunk.bytes;
      best = {region, offset};
    }
  }
  return best;
}

// Doubles the region size until the request fits; the next region is twice as large only if this one was not enlarged.
void Arena::extend(std::int64_t bytes) {
  bool enlarged = false;
  while (next_region_bytes_ < bytes && next_region_bytes_ < kLargestRegion) {
    next_region_bytes_ *= 2;
    enlarged = true;
  }
  Region region;
  region.bytes = std::max(next_region_bytes_, bytes);
  region.chunks[0] = {region.bytes, true};
  regions_.push_back(std::move(region));
  if (!enlarged) next_region_bytes_ *= 2;
}

}  // namespace ocrdet
