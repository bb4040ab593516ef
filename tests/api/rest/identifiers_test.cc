#include "api/rest/identifiers.h"

#include <gtest/gtest.h>

#include <set>

namespace dcs::rest {
namespace {

constexpr std::string_view kUuid = "a4d31cb6-3d72-4fdc-8ec9-6e3a41e47f71";

TEST(Identifiers, UuidHas36CharactersWithHyphensInPlace) {
  EXPECT_TRUE(IsUuid(kUuid));
  EXPECT_TRUE(IsUuid("A4D31CB6-3D72-4FDC-8EC9-6E3A41E47F71"));
  EXPECT_FALSE(IsUuid(""));
  EXPECT_FALSE(IsUuid("a4d31cb63d724fdc8ec96e3a41e47f71"));
  EXPECT_FALSE(IsUuid("a4d31cb6-3d72-4fdc-8ec9-6e3a41e47f7"));
  EXPECT_FALSE(IsUuid("a4d31cb6-3d72-4fdc-8ec9-6e3a41e47f711"));
  EXPECT_FALSE(IsUuid("a4d31cb6-3d72-4fdc-8ec9-6e3a41e47f7g"));
  EXPECT_FALSE(IsUuid("a4d31cb63-d72-4fdc-8ec9-6e3a41e47f71"));
}

TEST(Identifiers, InvalidCharacter_IsNoticed) {
  for (size_t i = 0; i < kUuid.size(); ++i) {
    std::string text(kUuid);
    text[i] = '_';
    EXPECT_FALSE(IsUuid(text)) << text;
    text[i] = '\0';
    EXPECT_FALSE(IsUuid(text)) << i;
  }
}

TEST(Identifiers, ProjectIdIsAUuidOr32HexDigits) {
  EXPECT_TRUE(IsProjectId(kUuid));
  EXPECT_TRUE(IsProjectId("0123456789abcdef0123456789ABCDEF"));
  EXPECT_FALSE(IsProjectId("0123456789abcdef0123456789abcde"));
  EXPECT_FALSE(IsProjectId("0123456789abcdef0123456789abcdef0"));
  EXPECT_FALSE(IsProjectId("0123456789abcdef0123456789abcdeg"));
  EXPECT_FALSE(IsProjectId("{project_id}"));
  EXPECT_FALSE(IsProjectId(""));
}

TEST(Identifiers, RequestIdsAreThirtyTwoHexDigitsAndDiffer) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string id = NewRequestId();
    EXPECT_EQ(id.size(), 32u);
    EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), std::string::npos) << id;
    EXPECT_TRUE(seen.insert(id).second) << id;
  }
}

}  // namespace
}  // namespace dcs::rest
