// Key lookups of commands: finding a key for reading, checking its type, storing a string.
#pragma once

#include <optional>
#include <string_view>

#include "api/resp/commands/context.h"
#include "store/transaction.h"

namespace dcs::resp {

// What TYPE replies for an absent key.
inline constexpr std::string_view kNoType = "none";

// Which command uses which of these, and what each releases and counts: the table in api/README.md.

// The key if it exists and has not expired. Counts a hit or a miss, as Redis does for commands that read.
std::optional<store::Entry> FindForRead(Context& context, const store::HashedKey& key);
// The same for commands that only ask about the key, which Redis does not count as an access to it.
std::optional<store::Entry> PeekForRead(Context& context, const store::HashedKey& key);

// Replies WRONGTYPE and returns false if the key exists and has another type.
bool HasType(Context& context, const std::optional<store::Entry>& entry, store::ValueType type);

// Transaction::SetString. Replies the error and returns false if the store refuses. A replaced heap value is
// freed as lazyfree-lazy-server-del says.
bool StoreString(Context& context, const store::HashedKey& key, std::string_view value,
                 store::TimeMs deadline, store::StringForm form = store::StringForm::kPlain);

// How DEL frees: lazyfree-lazy-user-del.
store::FreeMode UserDeleteMode(const Context& context);
// How a deadline that is already past frees: lazyfree-lazy-expire.
store::FreeMode ExpireMode(const Context& context);

}  // namespace dcs::resp
