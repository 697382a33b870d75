// Options whose value is a number. CLI11's own ranges let "nan" pass, and its whole numbers what strtoull makes of "-1"
// and of 2^64.
#pragma once

#include <CLI/CLI.hpp>

namespace ocrdet::cli {

CLI::Validator numberFrom(double lowest, double highest);

// 0 to 2^64 - 1.
CLI::Validator seedNumber();

// --threads; 0, the default, are all processors.
void addThreadsOption(CLI::App& command, int& threads);

}  // namespace ocrdet::cli
