#include "api/state/envelope.h"

#include <gtest/gtest.h>

#include <string>

namespace dcs::state {
namespace {

TEST(Envelope, WhatIsSealedComesOutAgain) {
  for (const std::string state : {"[]", "", "[{\"id\":\"}\\n\"}]"}) {
    const std::string file = Seal(state);
    EXPECT_EQ(Unseal(file).value(), state);
  }
}

TEST(Envelope, IsJsonForWhoeverLooksAtIt) {
  EXPECT_TRUE(Seal("[1,2]").starts_with(R"({"format":"dcs-sim state","version":1,"xxh3":")"));
  EXPECT_TRUE(Seal("[1,2]").ends_with("\",\"state\":[1,2]}\n"));
}

TEST(Envelope, EveryChangedBitIsRefused) {
  const std::string file = Seal(R"([{"name":"a"}])");
  for (size_t i = 0; i < file.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = file;
      damaged[i] = static_cast<char>(damaged[i] ^ (1 << bit));
      EXPECT_FALSE(Unseal(damaged).ok()) << "byte " << i << " bit " << bit;
    }
  }
}

TEST(Envelope, EveryLengthButTheWholeIsRefused) {
  const std::string file = Seal(R"([{"name":"a"}])");
  for (size_t length = 0; length < file.size(); ++length) {
    EXPECT_FALSE(Unseal(file.substr(0, length)).ok()) << length;
    EXPECT_FALSE(Unseal(file.substr(length + 1)).ok()) << length;
  }
  EXPECT_FALSE(Unseal(file + "\n").ok());
  EXPECT_FALSE(Unseal(file + file).ok());
}

TEST(Envelope, AnotherVersionIsRefusedAsSuch) {
  std::string file = Seal("[]");
  file.replace(file.find(":1,"), 3, ":12,");
  EXPECT_EQ(Unseal(file).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Unseal(file).status().message(),
            "it is of version 12; this program reads version 1 only");
}

}  // namespace
}  // namespace dcs::state
