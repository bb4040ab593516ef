#include "bench/side_by_side/server_process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "bench/side_by_side/cores.h"

namespace dcs::bench {
namespace {

using ::testing::HasSubstr;

std::unique_ptr<ServerProcess> Start(const std::vector<std::string>& command) {
  auto started = ServerProcess::Start(command, AllowedProcessors());
  EXPECT_TRUE(started.ok()) << started.status();
  return *std::move(started);
}

TEST(ServerProcessTest, KeepsOutputAndDetectsTheEnd) {
  const auto process = Start({"sh", "-c", "echo out; echo err >&2"});
  while (!process->Ended()) {
  }
  EXPECT_EQ(process->Output(), "out\nerr\n");
}

TEST(ServerProcessTest, MissingProgram_IsReported) {
  const auto process = Start({"/nowhere/at-all"});
  while (!process->Ended()) {
  }
  EXPECT_THAT(process->Output(), HasSubstr("cannot run /nowhere/at-all: No such file"));
}

TEST(ServerProcessTest, CountsCpuTimeAndResidentMemoryOfARunningProcess) {
  const auto process = Start({"sh", "-c", "while :; do :; done"});
  while (process->CpuSeconds() < 0.02) {
  }
  EXPECT_FALSE(process->Ended());
  EXPECT_GT(process->ResidentBytes(), 4096);
}

}  // namespace
}  // namespace dcs::bench
