#include "api/registry.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

namespace dcs::api {
namespace {

Instance& Add(Registry& registry, const std::string& id, const std::string& name) {
  auto instance = std::make_unique<Instance>();
  instance->spec.id = id;
  instance->spec.name = name;
  return registry.Add(std::move(instance));
}

TEST(Registry, FindsByIdWithoutRegardToCaseAndByNameToTheLetter) {
  Registry registry;
  Instance& one = Add(registry, "aaaa", "one");
  Instance& two = Add(registry, "BBBB", "two");
  EXPECT_EQ(registry.Find("AAAA"), &one);
  EXPECT_EQ(registry.Find("bbbb"), &two);
  EXPECT_EQ(registry.Find("cccc"), nullptr);
  EXPECT_EQ(registry.FindByName("two"), &two);
  EXPECT_EQ(registry.FindByName("Two"), nullptr);
}

TEST(Registry, ListsTheOldestFirstAndForgetsWhatIsRemoved) {
  Registry registry;
  for (const char* id : {"aaaa", "bbbb", "cccc"}) Add(registry, id, id);
  // By a view of what goes.
  registry.Remove(registry.Find("bbbb")->id());
  ASSERT_EQ(registry.instances().size(), 2u);
  EXPECT_EQ(registry.instances()[0]->id(), "aaaa");
  EXPECT_EQ(registry.instances()[1]->id(), "cccc");
  registry.Remove("dddd");
  EXPECT_EQ(registry.instances().size(), 2u);
}

TEST(InstanceSpec, EngineVersionsAndModesHaveTheApisNames) {
  for (const char* version : {"3.0", "4.0", "5.0", "6.0", "7.0"}) {
    EXPECT_TRUE(IsEngineVersion(version));
  }
  for (const char* version : {"", "7", "2.8", "8.0", "7.0.15"}) {
    EXPECT_FALSE(IsEngineVersion(version));
  }
  EXPECT_EQ(ToString(CacheMode::kSingle), "single");
  EXPECT_EQ(ToString(CacheMode::kHa), "ha");
}

TEST(InstancePhase, HasTheServicesNames) {
  EXPECT_EQ(ToString(InstancePhase::kCreating), "CREATING");
  EXPECT_EQ(ToString(InstancePhase::kCreateFailed), "CREATEFAILED");
  EXPECT_EQ(ToString(InstancePhase::kRunning), "RUNNING");
  EXPECT_EQ(ToString(InstancePhase::kRestarting), "RESTARTING");
  EXPECT_EQ(ToString(InstancePhase::kFlushing), "FLUSHING");
  EXPECT_EQ(ToString(InstancePhase::kDeleting), "DELETING");
  EXPECT_EQ(ToString(InstancePhase::kError), "ERROR");
}

}  // namespace
}  // namespace dcs::api
