// Boxes on a picture: detect MODEL.onnx PICTURE
#include <iostream>

#include "ocrdet/detector.h"
#include "ocrdet/error.h"

int main(int argc, char** argv) try {
  if (argc != 3) return std::cerr << "usage: detect MODEL.onnx PICTURE\n", 2;
  const ocrdet::Detector detector = ocrdet::Detector::open(argv[1]);
  const ocrdet::Detection detection = detector.detectFile(argv[2]);
  for (const ocrdet::TextBox& box : detection.boxes) {
    std::cout << box.score;
    for (const ocrdet::Point& corner : box.points) std::cout << "  " << corner.x << ',' << corner.y;
    std::cout << '\n';
  }
  std::cerr << detection.boxes.size() << " boxes. " << detection.why_empty << '\n';
} catch (const ocrdet::Error& error) {
  std::cerr << error.what() << '\n';
  return static_cast<int>(error.exitStatus());
}
