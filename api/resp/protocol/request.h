// A command as a client sent it: found, not yet executed.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "absl/container/inlined_vector.h"
#include "store/keyspace.h"

namespace dcs::resp {

struct Command;

using Arguments = std::span<const std::string_view>;
// Holds what most batches of commands have without allocation: 3 KiB.
using ArgumentList = absl::InlinedVector<std::string_view, 192>;

// Thread safety: a value. What it points to is the batch's that it came from.
struct Request {
  const Command* command = nullptr;  // that `args[0]` names; nullptr where there is none
  Arguments args;                    // with the name(s)
  // The first of the command's keys, hashed ahead: none where that would not have paid.
  std::span<const store::HashedKey> keys = {};
  size_t input_bytes = 0;  // what it took of the input
};

}  // namespace dcs::resp
