// The order in which people read: rows from the top, each from the left. It depends on the boxes alone, not on the
// order in which they were found.
#pragma once

#include <vector>

#include "postprocess/postprocess.h"

namespace ocrdet {

// A box belongs to a row when its height overlaps that of the row's first box by more than half of the smaller height.
// Columns are not recognised: a page of two columns is read across.
void sortForReading(std::vector<FoundText>& found);

}  // namespace ocrdet
