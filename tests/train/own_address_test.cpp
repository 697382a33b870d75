#include "train/own_address.h"

#include <gmock/gmock.h>

#include <stdexcept>

namespace ocrdet {
namespace {

TEST(OwnAddress, IsTheOneThatTheOtherSees) {
  EXPECT_EQ(ownAddressTowards("127.0.0.1", 29500), "127.0.0.1");
  EXPECT_THAT(ownAddressTowards("localhost", 29500), testing::AnyOf("127.0.0.1", "::1"));
}

TEST(OwnAddress, OfAHostThatMeansNothing) {
  EXPECT_THROW(ownAddressTowards("no-such-host.invalid", 29500), std::invalid_argument);
}

}  // namespace
}  // namespace ocrdet
