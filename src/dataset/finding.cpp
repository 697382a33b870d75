#include "dataset/finding.h"

#include <algorithm>
#include <utility>

namespace ocrdet {

void Findings::add(SetFinding finding) {
  if (counts_[finding.kind]++ < kept_of_a_kind_) kept_.push_back(std::move(finding));
}

void Findings::add(const Findings& others) {
  std::map<const FindingKind*, std::size_t> unkept = others.counts_;
  for (const SetFinding& finding : others.kept_) {
    --unkept[finding.kind];
    add(finding);
  }
  for (const auto& [kind, count] : unkept)
    if (count > 0) counts_[kind] += count;
}

std::size_t Findings::count(const FindingKind& kind) const {
  const auto found = counts_.find(&kind);
  return found == counts_.end() ? 0 : found->second;
}

std::size_t Findings::count(Level level) const {
  std::size_t sum = 0;
  for (const auto& [kind, count] : counts_)
    if (kind->level == level) sum += count;
  return sum;
}

std::vector<const FindingKind*> Findings::found() const {
  std::vector<const FindingKind*> kinds;
  for (const FindingKind* kind : kAllFindingKinds)
    if (has(*kind)) kinds.push_back(kind);
  std::stable_sort(kinds.begin(), kinds.end(),
                   [](const FindingKind* a, const FindingKind* b) { return a->level < b->level; });
  return kinds;
}

}  // namespace ocrdet
