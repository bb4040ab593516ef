#include "api/state/snapshot_name.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

namespace dcs::state {
namespace {

const SnapshotName kName = {"an-id", 2, 7, 1'700'000'000'000, true};

TEST(SnapshotName, ReadSnapshotName_ReturnsTheNameAndConsumesOneLine) {
  std::stringbuf file(SealSnapshotName(kName) + "dcs-keys");
  const auto name = ReadSnapshotName(file);
  ASSERT_TRUE(name.ok() && name->has_value()) << name.status();
  EXPECT_EQ((*name)->instance_id, kName.instance_id);
  EXPECT_EQ((*name)->node, kName.node);
  EXPECT_EQ((*name)->generation, kName.generation);
  EXPECT_EQ((*name)->saved_at, kName.saved_at);
  EXPECT_TRUE((*name)->virtual_clock);
  std::string rest(100, '\0');
  rest.resize(static_cast<size_t>(file.sgetn(rest.data(), 100)));
  EXPECT_EQ(rest, "dcs-keys");
}

TEST(SnapshotName, FileOfEarlierVersion_HasNoNameAndIsNotConsumed) {
  std::stringbuf file("dcs-keys...");
  const auto name = ReadSnapshotName(file);
  ASSERT_TRUE(name.ok()) << name.status();
  EXPECT_FALSE(name->has_value());
  EXPECT_EQ(file.sgetc(), 'd');
}

TEST(SnapshotName, Damaged_IsRefused) {
  const std::string line = SealSnapshotName(kName);
  for (size_t i = 0; i < line.size(); ++i) {
    std::stringbuf cut(line.substr(0, i));
    EXPECT_EQ(ReadSnapshotName(cut).status().code(), absl::StatusCode::kDataLoss) << i;
  }
  std::stringbuf endless(std::string(100'000, 'x'));
  EXPECT_EQ(ReadSnapshotName(endless).status().code(), absl::StatusCode::kDataLoss);
}

TEST(SnapshotName, FileNames) {
  EXPECT_EQ(SnapshotFile("id", 3), "id.3.keys");
  ASSERT_TRUE(ParseSnapshotFile("id.3.keys"));
  EXPECT_EQ(ParseSnapshotFile("id.3.keys")->instance_id, "id");
  EXPECT_EQ(ParseSnapshotFile("id.3.keys")->node, 3u);
  for (const char* other : {"backup.keys", "id.keys", ".0.keys", "id.03.keys", "id.-1.keys",
                            "id.0.keys.unfinished", "id.0.1.keys", "id.0.key", "keys", ""}) {
    EXPECT_FALSE(ParseSnapshotFile(other)) << other;
  }
}

}  // namespace
}  // namespace dcs::state
