#include "cli/number_option.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <string>

namespace ocrdet::cli {
namespace {

template <typename Number>
bool isNumber(const std::string& text, Number& value) {
  const char* end = text.data() + text.size();
  const auto [rest, problem] = std::from_chars(text.data(), end, value);
  return problem == std::errc() && rest == end;
}

}  // namespace

CLI::Validator numberFrom(double lowest, double highest) {
  return {[=](const std::string& text) -> std::string {
            double value = 0;
            if (isNumber(text, value) && value >= lowest && value <= highest) return "";
            return fmt::format("Value {} not in range [{} - {}]", text, lowest, highest);
          },
          fmt::format("FLOAT in [{} - {}]", lowest, highest)};
}

CLI::Validator seedNumber() {
  return {[](const std::string& text) -> std::string {
            std::uint64_t value = 0;
            return isNumber(text, value) ? "" : fmt::format("{} is no whole number from 0 to 2^64 - 1", text);
          },
          ""};
}

void addThreadsOption(CLI::App& command, int& threads) {
  command.add_option("--threads", threads, "Processors to use (default: all)")->check(CLI::Range(0, 1024));
}

}  // namespace ocrdet::cli
