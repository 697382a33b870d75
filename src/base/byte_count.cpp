#include "base/byte_count.h"

#include <fmt/format.h>

#include <cctype>
#include <charconv>
#include <cmath>

#include "ocrdet/error.h"

namespace ocrdet {
namespace {

// Larger amounts are typing errors; the bound also keeps the product below 2^63.
constexpr double kLargestAmount = 1e15;

// 1000 for "k", "KB"; 1024 for "KiB"; 0 for what is no unit.
double unitFactor(std::string unit) {
  for (char& c : unit) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (unit.empty() || unit == "b" || unit == "bytes") return 1;
  const std::size_t power = std::string_view("kmgt").find(unit[0]);
  if (power == std::string_view::npos) return 0;
  const std::string rest = unit.substr(1);
  if (rest == "ib") return std::pow(1024.0, static_cast<double>(power + 1));
  return rest.empty() || rest == "b" ? std::pow(1000.0, static_cast<double>(power + 1)) : 0;
}

}  // namespace

std::string byteCount(std::int64_t bytes) {
  constexpr const char* kUnits[] = {"KB", "MB", "GB", "TB"};
  if (bytes < 1000) return fmt::format("{} bytes", bytes);
  double amount = static_cast<double>(bytes);
  const char* unit = nullptr;
  for (const char* next : kUnits) {
    amount /= 1000;
    unit = next;
    if (amount < 999.5) break;
  }
  return amount < 99.95 ? fmt::format("{:.1f} {}", amount, unit) : fmt::format("{:.0f} {}", amount, unit);
}

std::int64_t parseByteCount(std::string_view text) {
  double amount = -1;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), amount);
  std::string unit(end, text.data() + text.size());
  unit.erase(0, unit.find_first_not_of(' '));
  const double bytes = amount * unitFactor(unit);
  if (failure != std::errc() || !(bytes >= 1) || bytes > kLargestAmount) {
    throw Error({&codes::kUsageOption,
                 fmt::format("'{}' is no amount of memory.", text),
                 "Write a number and a unit: 800MB, 2GB, 1.5GiB.",
                 {{"given", std::string(text)}}});
  }
  return static_cast<std::int64_t>(bytes);
}

}  // namespace ocrdet
