#include "support/npy.h"

#include <cstdint>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <string>

namespace ocrdet::test {

FloatArray readNpy(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  // Six bytes of signature, two of version, two of header length; the header is a Python dictionary.
  if (bytes.size() < 10 || bytes.compare(0, 8, std::string("\x93NUMPY\x01\x00", 8)) != 0)
    throw std::runtime_error(path.string() + " is not an .npy file of version 1");
  const std::size_t length = static_cast<std::uint8_t>(bytes[8]) + 256u * static_cast<std::uint8_t>(bytes[9]);
  const std::string header = bytes.substr(10, length);
  if (header.find("'<f4'") == std::string::npos || header.find("'fortran_order': False") == std::string::npos)
    throw std::runtime_error(path.string() + " is not float32, row-major");

  FloatArray array;
  std::istringstream numbers(header.substr(header.find("'shape': (") + 10));
  for (std::int64_t side = 0; numbers >> side; numbers.ignore()) array.shape.push_back(side);
  array.values.resize(static_cast<std::size_t>(elementCount(array.shape).value()));
  const std::size_t start = 10 + length;
  if (bytes.size() - start != array.values.size() * sizeof(float))
    throw std::runtime_error(path.string() + " has another size than its shape");
  std::copy(bytes.begin() + static_cast<std::ptrdiff_t>(start), bytes.end(),
            reinterpret_cast<char*>(array.values.data()));
  return array;
}

}  // namespace ocrdet::test
