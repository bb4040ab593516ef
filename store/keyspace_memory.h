// The memory that the keyspaces of one node share: page source, block pool, lazy free and the running
// total of used bytes.
//
// Thread safety: the parts say it for themselves.
#pragma once

#include "store/index/block_pool.h"
#include "store/memory/lazy_free.h"
#include "store/memory/page_source.h"
#include "store/used_total.h"

namespace dcs::store {

struct KeyspaceMemory {
  explicit KeyspaceMemory(bool lazy_free_thread) : lazy_free(lazy_free_thread) {}

  // Each member outlives the members below it: lazy free returns blocks and pages.
  PageSource pages;
  BlockPool blocks{pages};
  LazyFree lazy_free;
  UsedTotal used_total;
};

}  // namespace dcs::store
