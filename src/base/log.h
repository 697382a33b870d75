// Messages to people, always on stderr: results own stdout.
#pragma once

#include <string_view>

namespace ocrdet {

enum class LogLevel { kQuiet, kNormal, kVerbose };

void setLogLevel(LogLevel level);
LogLevel logLevel();

void logInfo(std::string_view text);     // hidden by --quiet
void logWarning(std::string_view text);  // always shown
void logDebug(std::string_view text);    // shown with --verbose

}  // namespace ocrdet
