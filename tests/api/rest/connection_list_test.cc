#include "api/rest/connection_list.h"

#include <gtest/gtest.h>

namespace dcs::rest {
namespace {

struct Fake {
  ConnectionList<Fake>::Place place;
};
using Use = ConnectionList<Fake>::Use;

class ConnectionListTest : public testing::Test {
 protected:
  ConnectionListTest() {
    for (Fake* fake : {&a, &b, &c}) list.Add(fake, fake->place);
  }
  ConnectionList<Fake> list;
  Fake a, b, c;
};

TEST_F(ConnectionListTest, First_IsIdleLongest) {
  EXPECT_EQ(list.First(), &a);
  list.Move(a.place, Use::kIdle);
  EXPECT_EQ(list.First(), &b);
}

TEST_F(ConnectionListTest, ClosesIdleBeforeLingeringBeforeHeadsBeforeBodies) {
  list.Move(a.place, Use::kReadingBody);
  list.Move(b.place, Use::kReadingHead);
  EXPECT_EQ(list.First(), &c);
  list.Move(c.place, Use::kLingering);
  EXPECT_EQ(list.First(), &c);
  list.Move(c.place, Use::kAnswering);
  EXPECT_EQ(list.First(), &b);
  list.Move(b.place, Use::kAnswering);
  EXPECT_EQ(list.First(), &a);
}

TEST_F(ConnectionListTest, NeverClosesConnectionBeingAnswered) {
  for (Fake* fake : {&a, &b, &c}) list.Move(fake->place, Use::kAnswering);
  EXPECT_EQ(list.First(), nullptr);
  EXPECT_EQ(list.size(), 3u);
}

TEST_F(ConnectionListTest, RemoveIsIdempotentAndMoveThenChangesNothing) {
  list.Remove(b.place);
  list.Remove(b.place);
  list.Move(b.place, Use::kIdle);
  EXPECT_EQ(list.size(), 2u);
  int seen = 0;
  list.ForEach([&](Fake& fake) {
    EXPECT_NE(&fake, &b);
    ++seen;
  });
  EXPECT_EQ(seen, 2);
}

}  // namespace
}  // namespace dcs::rest
