// What a file wants: gathered once from its declaration, its metadata and the options, so that everything behind it
// reads plain numbers.
#pragma once

#include <string>

#include "contract/file_contract.h"
#include "image/normalise.h"
#include "image/resize.h"
#include "ocrdet/detector.h"
#include "postprocess/postprocess.h"
#include "runtime/session.h"

namespace ocrdet {

struct NetworkContract {
  std::string input_name;
  PixelSize fixed;  // 0: free
  int multiple = 32;
  bool batch_free = false;   // several pictures may go through at once
  bool takes_bytes = false;  // uint8 [N, H, W, 3]: the file normalises by itself
  Normalisation normalisation;
  ResizeOptions resize;  // complete: never kFromFile, no zeros that are needed
  PostprocessOptions postprocess;
  std::string description;
};

// The settings of our post-processing that repeat what `options` asks for.
PostprocessOptions postprocessOptions(const BoxOptions& options);

// Throws model.not-a-detector and usage.option.
NetworkContract networkContract(const Session& session, const DetectorOptions& options);

// What a file that is exported for any size, with these settings, will want by default.
NetworkContract networkContract(const FileContract& file);

}  // namespace ocrdet
