#include "export/box_settings.h"

namespace ocrdet {

BoxSettings boxSettings(const ExportOptions& options, const Checkpoint& source) {
  const BoxSettings carried = readBoxSettings(source.metadata);
  return {options.pixel_threshold.value_or(carried.pixel_threshold),
          options.box_threshold.value_or(carried.box_threshold), options.unclip_ratio.value_or(carried.unclip_ratio)};
}

}  // namespace ocrdet
