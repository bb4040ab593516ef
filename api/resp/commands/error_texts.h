// The error replies that several commands give, worded as Redis 7.0.15 words them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace dcs::resp {

struct Command;

namespace error_text {

inline constexpr std::string_view kWrongType =
    "WRONGTYPE Operation against a key holding the wrong kind of value";
inline constexpr std::string_view kSyntax = "ERR syntax error";
inline constexpr std::string_view kNotInteger = "ERR value is not an integer or out of range";
inline constexpr std::string_view kNotFloat = "ERR value is not a valid float";
inline constexpr std::string_view kOverflow = "ERR increment or decrement would overflow";
inline constexpr std::string_view kNotFinite = "ERR increment would produce NaN or Infinity";
inline constexpr std::string_view kTooLong =
    "ERR string exceeds maximum allowed size (proto-max-bulk-len)";
inline constexpr std::string_view kNoSuchKey = "ERR no such key";
inline constexpr std::string_view kNoAuth = "NOAUTH Authentication required.";
inline constexpr std::string_view kWrongPassword =
    "WRONGPASS invalid username-password pair or user is disabled.";
inline constexpr std::string_view kOutOfMemory =
    "OOM command not allowed when used memory > 'maxmemory'.";
inline constexpr std::string_view kNoMemory =
    "OOM command not allowed: an allocation of the server failed.";
inline constexpr std::string_view kClientName =
    "ERR Client names cannot contain spaces, newlines or special characters.";

}  // namespace error_text

// A client's text as Redis quotes it in an error: up to the first NUL, at most `most` bytes.
std::string_view Quoted(std::string_view text, size_t most = std::string_view::npos);

// "ERR wrong number of arguments for 'get' command"
std::string WrongArity(const Command& command);
// "ERR invalid expire time in 'set' command"
std::string InvalidExpireTime(const Command& command);
// What the store refused: the one place where its errors become RESP's. REQUIRES: not ok.
std::string FromStore(const absl::Status& status);

}  // namespace dcs::resp
