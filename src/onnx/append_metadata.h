// One more metadata entry at the end of an ONNX file that is written already.
//
// Protobuf allows it: entries of a repeated field may stand anywhere in the message. So what verification found can be
// noted in the very file that was verified, without writing its weights again.
#pragma once

#include <string>

#include "base/atomic_file.h"

namespace ocrdet {

// `key` must not be in the file yet. Throws file.unwritable.
void appendMetadata(AtomicFile& file, const std::string& key, const std::string& value);

}  // namespace ocrdet
