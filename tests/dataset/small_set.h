// A sound data set of twelve small images, to plant faults in.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <string>

#include "image/encode.h"
#include "image/image.h"
#include "support/file_text.h"

namespace ocrdet::test {

namespace fs = std::filesystem;

// Coarse random blocks: no two seeds look alike, also as thumbnails.
inline Image blocks(int seed, int height = 96, int width = 160) {
  std::mt19937 random{std::mt19937::result_type(seed)};
  Image image = makeImage(height, width);
  std::vector<std::uint8_t> values(std::size_t(height / 16 + 1) * (width / 16 + 1));
  for (std::uint8_t& value : values) value = std::uint8_t(random() % 256);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width * 3; ++x) image.row(y)[x] = values[std::size_t(y / 16) * (width / 16 + 1) + x / 48];
  return image;
}

class SmallSet {
 public:
  static constexpr int kImages = 6;  // of each split
  static constexpr const char* kTruth = "10,10,60,10,60,30,10,30,one\n20,50,140,52,139,80,19,78,two words\n";

  explicit SmallSet(const std::string& name)
      : path_(fs::path(::testing::TempDir()) / ("set_" + name + "_" + std::to_string(getpid()))) {
    fs::remove_all(path_);
    int seed = 0;
    for (const std::string split : {"train", "test"}) {
      std::string list;
      for (int i = 1; i <= kImages; ++i) {
        const std::string stem = split.substr(0, 2) + std::to_string(i);
        write(split + "_images/" + stem + ".png", encodePng(blocks(++seed)));
        write(split + "_gts/" + stem + ".txt", kTruth);
        list += stem + ".png\n";
      }
      write(split + "_list.txt", list);
    }
  }
  ~SmallSet() { fs::remove_all(path_); }
  SmallSet(const SmallSet&) = delete;
  SmallSet& operator=(const SmallSet&) = delete;

  const fs::path& path() const { return path_; }

  void write(const std::string& name, const std::string& bytes) const {
    fs::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << bytes;
  }
  std::string read(const std::string& name) const { return readText(path_ / name); }
  void append(const std::string& name, const std::string& bytes) const { write(name, read(name) + bytes); }
  void replace(const std::string& name, const std::string& from, const std::string& to) const {
    std::string text = read(name);
    text.replace(text.find(from), from.size(), to);
    write(name, text);
  }
  void remove(const std::string& name) const { fs::remove(path_ / name); }
  void rename(const std::string& from, const std::string& to) const { fs::rename(path_ / from, path_ / to); }

 private:
  fs::path path_;
};

}  // namespace ocrdet::test
