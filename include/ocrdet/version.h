#pragma once

#pragma GCC visibility push(default)  // what libocrdet.so shows
namespace ocrdet {

// Also written into exported files (metadata `ocrdet.version`): the same checkpoint, options and version give the same
// bytes.
inline constexpr const char* kVersion = "0.1.0";

}  // namespace ocrdet
#pragma GCC visibility pop
