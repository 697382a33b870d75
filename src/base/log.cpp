#include "base/log.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

namespace ocrdet {
namespace {

LogLevel current_level = LogLevel::kNormal;

spdlog::logger& logger() {
  static const auto instance = [] {
    auto made = std::make_shared<spdlog::logger>("ocrdet", std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
    made->set_pattern("%v");
    return made;
  }();
  return *instance;
}

}  // namespace

void setLogLevel(LogLevel level) {
  current_level = level;
  logger().set_level(level == LogLevel::kQuiet     ? spdlog::level::warn
                     : level == LogLevel::kVerbose ? spdlog::level::debug
                                                   : spdlog::level::info);
}

LogLevel logLevel() {
  return current_level;
}

void logInfo(std::string_view text) {
  logger().info("{}", text);
}

void logWarning(std::string_view text) {
  logger().warn("warning: {}", text);
}

void logDebug(std::string_view text) {
  logger().debug("{}", text);
}

}  // namespace ocrdet
