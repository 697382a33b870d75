// What is read as an address and what as a file.
#include "train/rendezvous.h"

#include <gtest/gtest.h>

namespace ocrdet {
namespace {

struct PlaceCase {
  const char* text;
  bool valid;
  const char* host;
  int port;
  const char* file;
};
constexpr PlaceCase kPlaces[] = {
    {"10.0.0.1:29500", true, "10.0.0.1", 29500, ""},
    {"localhost:1", true, "localhost", 1, ""},
    {"::1:65535", true, "::1", 65535, ""},
    {"meeting", true, "", 0, "meeting"},
    {"/mnt/meeting:here", true, "", 0, "/mnt/meeting:here"},
    {"./a:b", true, "", 0, "./a:b"},
    {"", false, "", 0, ""},
    {":29500", false, "", 0, ""},
    {"host:", false, "", 0, ""},
    {"host:door", false, "", 0, ""},
    {"host:0", false, "", 0, ""},
    {"host:65536", false, "", 0, ""},
    {"host:99999999999999999999", false, "", 0, ""},
    {"host:-1", false, "", 0, ""},
    {"host:29500x", false, "", 0, ""},
    {"host: 29500", false, "", 0, ""},
};

TEST(Rendezvous, IsAnAddressOrAFile) {
  for (const PlaceCase& place : kPlaces) {
    const auto found = parseRendezvous(place.text);
    ASSERT_EQ(found.has_value(), place.valid) << place.text;
    if (!found) continue;
    EXPECT_EQ(found->host, place.host) << place.text;
    EXPECT_EQ(found->port, place.port) << place.text;
    EXPECT_EQ(found->file, place.file) << place.text;
  }
}

}  // namespace
}  // namespace ocrdet
