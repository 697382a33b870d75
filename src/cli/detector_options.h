// The options of a detector, which `detect` and `eval` share.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "cli/command.h"
#include "ocrdet/detector.h"

namespace ocrdet::cli {

struct DetectorArguments {
  std::filesystem::path model;  // empty: the shipped one
  std::string resize;           // "short:736", "long:960", "exact", "letterbox"
  std::string size;             // "HxW"
  std::string family, compat, growth, provider;
  DetectorOptions options;
};

void addDetectorOptions(Commands& commands, CLI::App& command, const std::shared_ptr<DetectorArguments>& arguments);

// "short:736", "long:960", "short", "exact", "letterbox". Throws usage.option.
ResizeOptions resizeNamed(const std::string& text);
// "cpu", "cuda", "tensorrt". Throws usage.option.
ExecutionProvider providerNamed(const std::string& name);

// The same with the shipped model where --model names none. Throws usage.option when that is not there.
DetectorArguments withModel(DetectorArguments arguments);

// What of the options decides the boxes, by name; null where the file decides. Two runs with equal settings and the
// same file give the same results.
Json settingsJson(const DetectorArguments& arguments);

// Throws usage.option. With several images, as many are worked on side by side as there are threads: that is faster
// than all threads on one image; --low-memory keeps to one.
DetectorOptions detectorOptions(const DetectorArguments& arguments, std::size_t images, const Console& console);

}  // namespace ocrdet::cli
