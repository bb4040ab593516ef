#include "api/state/envelope.h"

#include <gtest/gtest.h>

#include <string>

namespace dcs::state {
namespace {

TEST(Envelope, Unseal_ReturnsTheSealedText) {
  for (const std::string text : {"[]", "", "[{\"id\":\"}\\n\"}]"}) {
    const std::string file = Seal(kStateFormat, text);
    EXPECT_EQ(Unseal(kStateFormat, file)->text, text);
    EXPECT_EQ(Unseal(kStateFormat, file)->version, kStateFormat.newest);
  }
}

TEST(Envelope, IsOneLineOfJson) {
  const std::string file = Seal(kStateFormat, "[1,2]");
  EXPECT_TRUE(file.starts_with(R"({"format":"dcs-sim state","version":2,"xxh3":")"));
  EXPECT_TRUE(file.ends_with("\",\"state\":[1,2]}\n"));
}

// Text written by the first version of the program.
TEST(Envelope, Unseal_ReadsVersion1) {
  const std::string file =
      "{\"format\":\"dcs-sim state\",\"version\":1,\"xxh3\":\"@\",\"state\":[]}\n";
  const auto wrong =
      Unseal(kStateFormat, std::string(file).replace(file.find('@'), 1, "0123456789abcdef"));
  const std::string message(wrong.status().message());
  const std::string checksum = message.substr(std::string("damaged: its checksum is ").size(), 16);
  const std::string right = std::string(file).replace(file.find('@'), 1, checksum);
  ASSERT_TRUE(Unseal(kStateFormat, right).ok()) << message;
  EXPECT_EQ(Unseal(kStateFormat, right)->version, 1);
  EXPECT_EQ(Unseal(kStateFormat, right)->text, "[]");
}

TEST(Envelope, Unseal_AnyBitChanged_Refuses) {
  const std::string file = Seal(kStateFormat, R"([{"name":"a"}])");
  for (size_t i = 0; i < file.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = file;
      damaged[i] = static_cast<char>(damaged[i] ^ (1 << bit));
      EXPECT_FALSE(Unseal(kStateFormat, damaged).ok()) << "byte " << i << " bit " << bit;
    }
  }
}

TEST(Envelope, Unseal_AnyOtherLength_Refuses) {
  const std::string file = Seal(kStateFormat, R"([{"name":"a"}])");
  for (size_t length = 0; length < file.size(); ++length) {
    EXPECT_FALSE(Unseal(kStateFormat, file.substr(0, length)).ok()) << length;
    EXPECT_FALSE(Unseal(kStateFormat, file.substr(length + 1)).ok()) << length;
  }
  EXPECT_FALSE(Unseal(kStateFormat, file + "\n").ok());
  EXPECT_FALSE(Unseal(kStateFormat, file + file).ok());
}

TEST(Envelope, Unseal_UnknownVersion_NamesIt) {
  std::string file = Seal(kStateFormat, "[]");
  file.replace(file.find(":2,"), 3, ":12,");
  EXPECT_EQ(Unseal(kStateFormat, file).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Unseal(kStateFormat, file).status().message(),
            "it is of version 12; this program reads versions 1 to 2 only");
}

TEST(Envelope, Unseal_OtherFormat_Refuses) {
  EXPECT_EQ(Unseal(kKeysFormat, Seal(kStateFormat, "[]")).status().message(),
            "damaged: it does not begin as a file of keys does");
}

}  // namespace
}  // namespace dcs::state
