// Any bytes as an ONNX file: what `ocrdet inspect` does with a stranger's model before anything is run.
#include "fuzzing.h"
#include "graph/shape_inference.h"
#include "onnx/read.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ocrdet::refusalIsFine([&] {
    const ocrdet::Graph graph = ocrdet::readOnnx(ocrdet::asBytes(data, size));
    ocrdet::SymbolLengths lengths;
    for (const ocrdet::Value& input : graph.inputs)
      for (const ocrdet::Dimension& axis : input.shape)
        if (!axis.fixed()) lengths[axis.symbol] = 64;
    ocrdet::inferShapes(graph, lengths);
  });
  return 0;
}
