#include "postprocess/reading_order.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace ocrdet {
namespace {

struct Extent {
  double top, bottom, left, right;
  double middle() const { return (top + bottom) / 2; }
};

Extent extentOf(const Polygon& polygon) {
  Extent extent{polygon.front().y, polygon.front().y, polygon.front().x, polygon.front().x};
  for (const Point& point : polygon) {
    extent.top = std::min(extent.top, point.y);
    extent.bottom = std::max(extent.bottom, point.y);
    extent.left = std::min(extent.left, point.x);
    extent.right = std::max(extent.right, point.x);
  }
  return extent;
}

bool sameRow(const Extent& a, const Extent& b) {
  const double overlap = std::min(a.bottom, b.bottom) - std::max(a.top, b.top);
  return overlap > 0.5 * std::min(a.bottom - a.top, b.bottom - b.top);
}

}  // namespace

void sortForReading(std::vector<FoundText>& found) {
  struct Entry {
    Extent extent;
    FoundText text;
  };
  std::vector<Entry> entries;
  entries.reserve(found.size());
  for (FoundText& text : found) entries.push_back({extentOf(text.points), std::move(text)});
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return std::tuple(a.extent.middle(), a.extent.left, a.extent.right) <
           std::tuple(b.extent.middle(), b.extent.left, b.extent.right);
  });

  for (auto row = entries.begin(); row != entries.end();) {
    const Extent first = row->extent;
    const auto end =
        std::find_if_not(row, entries.end(), [&](const Entry& entry) { return sameRow(first, entry.extent); });
    // A box without height overlaps nothing, not even itself.
    const auto row_end = std::max(end, row + 1);
    std::stable_sort(row, row_end, [](const Entry& a, const Entry& b) { return a.extent.left < b.extent.left; });
    row = row_end;
  }
  for (std::size_t i = 0; i < found.size(); ++i) found[i] = std::move(entries[i].text);
}

}  // namespace ocrdet
