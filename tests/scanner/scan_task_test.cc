#include "scanner/scan_task.h"

#include <gtest/gtest.h>

namespace dcs::scanner {
namespace {

TEST(ScanTaskTest, StatusAndType_UseTheApisWords) {
  EXPECT_EQ(ToString(ScanStatus::kWaiting), "waiting");
  EXPECT_EQ(ToString(ScanStatus::kRunning), "running");
  EXPECT_EQ(ToString(ScanStatus::kSuccess), "success");
  EXPECT_EQ(ToString(ScanStatus::kFailed), "failed");
  EXPECT_EQ(ToString(ScanType::kManual), "manual");
  EXPECT_EQ(ToString(ScanType::kAuto), "auto");
}

TEST(ScanTaskTest, ParsesEveryStatusAndNothingElse) {
  for (const ScanStatus status :
       {ScanStatus::kWaiting, ScanStatus::kRunning, ScanStatus::kSuccess, ScanStatus::kFailed}) {
    EXPECT_EQ(ParseScanStatus(ToString(status)), status);
  }
  for (const char* text : {"", "Waiting", "success ", "succes", "manual", "0"}) {
    EXPECT_EQ(ParseScanStatus(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace dcs::scanner
