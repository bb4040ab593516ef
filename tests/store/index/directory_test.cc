#include "store/index/directory.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "tests/store/rig.h"

namespace dcs::store {
namespace {

constexpr size_t kLargest = size_t{1} << 13;

// Pages that the system has brought to this thread because it touched them.
int64_t PagesBrought() {
  rusage use = {};
  EXPECT_EQ(getrusage(RUSAGE_THREAD, &use), 0);
  return use.ru_minflt;
}

// The steps and what they leave, until all is copied.
void PrepareAll(Rig& rig, Directory& directory, int64_t& brought_in_steps) {
  while (directory.prepared() < directory.size()) {
    DeferredWork deferred(rig.pages, rig.lazy_free);
    const int64_t before = PagesBrought();
    directory.PrepareDoubling(deferred);
    brought_in_steps += PagesBrought() - before;
  }
}

TEST(DirectoryTest, StepsTouchNoNewPageWhereTheSystemBringsThemBehindTheLock) {
  if (kSanitized || !SystemBringsPages()) GTEST_SKIP();
  const int64_t before = PagesBrought();
  const Mapping touched(kSmallPageBytes);
  *touched.data() = std::byte{1};
  ASSERT_GT(PagesBrought(), before) << "they are counted";
  Rig rig;
  Segment segment;
  Directory directory(Directory::kLarge / 2);
  directory.SetSegments(0, directory.size(), &segment);
  directory.SetRoutes(0, directory.size(), Route(segment));
  while (directory.size() < kLargest) {
    const size_t size = directory.size();
    int64_t brought = 0;
    PrepareAll(rig, directory, brought);
    // Of 4 pages at first, of 56 in the end. One or two may be malloc's or code.
    EXPECT_LE(brought, 2) << "to double " << size;
    DeferredWork deferred(rig.pages, rig.lazy_free);
    ASSERT_TRUE(directory.Double(deferred));
    ASSERT_EQ(directory.size(), size * 2);
    EXPECT_EQ(directory.segments()[size * 2 - 1], &segment);
  }
}

}  // namespace
}  // namespace dcs::store
