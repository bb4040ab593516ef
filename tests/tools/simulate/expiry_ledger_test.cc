#include "tools/simulate/expiry_ledger.h"

#include <gtest/gtest.h>

namespace dcs::simulate {
namespace {

TEST(ExpiryLedgerTest, Advance_PastDeadline_MakesKeyStale) {
  ExpiryLedger ledger(10'000, /*ideal=*/false);
  ledger.Make(100, 40);
  ledger.Make(store::kNoDeadline, 40);
  ledger.Advance(100);
  EXPECT_EQ(ledger.stale().keys, 0) << "a key is not expired at its deadline";
  ledger.Advance(101);
  EXPECT_EQ(ledger.stale().keys, 1);
  EXPECT_EQ(ledger.stale().bytes, 40);
  EXPECT_EQ(ledger.live(), 1u);
}

TEST(ExpiryLedgerTest, Peak_CountsTimesBetweenQueries) {
  ExpiryLedger ledger(10'000, /*ideal=*/false);
  for (TimeMs deadline = 1; deadline <= 100; ++deadline) ledger.Make(deadline, 10);
  ledger.Advance(50);
  ledger.Release(Cause::kScan, 49, 490);
  ledger.Advance(61);
  ledger.Release(Cause::kScan, 11, 110);
  EXPECT_EQ(ledger.peak().keys, 49);
  EXPECT_EQ(ledger.peak().bytes, 490);
  ledger.StartPeaks();
  EXPECT_EQ(ledger.peak().keys, 0);
}

TEST(ExpiryLedgerTest, Replace_BeforeDeadline_IsNotAnExpiry) {
  ExpiryLedger ledger(10'000, /*ideal=*/false);
  ledger.Make(100, 40);
  ledger.Replace(100, 40);
  ledger.Make(200, 50);
  ledger.Advance(150);
  EXPECT_EQ(ledger.expired(), 0u);
  ledger.Advance(201);
  EXPECT_EQ(ledger.expired(), 1u);
  EXPECT_EQ(ledger.stale().bytes, 50);
  EXPECT_EQ(ledger.made(), 2u);
  EXPECT_EQ(ledger.replaced(), 1u);
}

TEST(ExpiryLedgerTest, MeanDelayIsFromDeadlineToRelease) {
  ExpiryLedger ledger(100'000, /*ideal=*/false);
  ledger.Make(1'000, 1);
  ledger.Make(2'000, 1);
  ledger.Advance(5'000);
  ledger.Release(Cause::kNaturalDeletion, 1, 1);
  ledger.Advance(10'000);
  // 4 s and 8 s if the first key was released first: 12 s in total in either order.
  EXPECT_DOUBLE_EQ(ledger.MeanDelaySeconds(), 6);
}

TEST(ExpiryLedgerTest, Ideal_ReleasesAtTheDeadline) {
  ExpiryLedger ledger(10'000, /*ideal=*/true);
  ledger.Make(100, 40);
  ledger.Advance(5'000);
  ledger.Release(Cause::kAccess, 1, 40);
  EXPECT_EQ(ledger.stale().keys, 0);
  EXPECT_EQ(ledger.peak().keys, 0);
  EXPECT_EQ(ledger.released_keys()[Cause::kIdeal], 1u);
  EXPECT_EQ(ledger.released_keys().total(), 1u);
  EXPECT_EQ(ledger.MeanDelaySeconds(), 0);
}

}  // namespace
}  // namespace dcs::simulate
