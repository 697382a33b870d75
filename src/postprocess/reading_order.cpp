#include "postprocess/reading_order.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "postprocess/extent.h"

namespace ocrdet {
namespace {

double middle(const Extent& extent) {
  return (extent.top + extent.bottom) / 2;
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
    return std::tuple(middle(a.extent), a.extent.left, a.extent.right) <
           std::tuple(middle(b.extent), b.extent.left, b.extent.right);
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
