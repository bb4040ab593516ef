// Reading arguments: each function replies with Redis's error and returns false where it cannot.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "api/resp/commands/context.h"
#include "api/resp/commands/error_texts.h"
#include "api/resp/protocol/to_absl.h"

namespace dcs::resp {

bool ReadInteger(Context& context, std::string_view text, int64_t& value,
                 std::string_view error = error_text::kNotInteger);
bool ReadFloat(Context& context, std::string_view text, long double& value);

// A cursor of SCAN and HSCAN. Whatever strtoul takes is one; those from 2^63 on were never given
// out and stand behind the last element.
bool ReadCursor(Context& context, std::string_view text, uint64_t& cursor);

enum class TimeUnit { kSeconds, kMilliseconds };
enum class TimeBase { kRelative, kAbsolute };

// When a key is to expire, as SET, SETEX and GETEX take it: greater than 0.
bool ReadDeadline(Context& context, std::string_view text, TimeUnit unit, TimeBase base,
                  store::TimeMs& deadline);
// As EXPIRE takes it: any time that does not overflow.
bool ReadAnyDeadline(Context& context, std::string_view text, TimeUnit unit, TimeBase base,
                     store::TimeMs& deadline);

// ASYNC or SYNC, or nothing, as the last argument of FLUSHALL and FLUSHDB.
bool ReadFlushMode(Context& context, store::FreeMode& mode);

}  // namespace dcs::resp
