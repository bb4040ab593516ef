// How commands meet keys: finding them for reading, checking types, storing strings.
#pragma once

#include <optional>
#include <string_view>

#include "api/resp/commands/context.h"
#include "store/transaction.h"

namespace dcs::resp {

// Which command uses which of these, and what each releases and counts: the table in api/README.md.

// The key, if it is there and not expired. Counts a hit or a miss, as Redis does for commands that
// read.
std::optional<store::Entry> FindForRead(Context& context, store::Transaction& txn,
                                        const store::HashedKey& key);
// The same for commands that only ask about the key, which Redis does not count as an access to it.
std::optional<store::Entry> PeekForRead(Context& context, store::Transaction& txn,
                                        const store::HashedKey& key);

// Replies WRONGTYPE and returns false where the key is there and holds something else.
bool HasType(Context& context, const std::optional<store::Entry>& entry, store::ValueType type);

// Transaction::SetString; replies and returns false where the store refuses. A hash that was there
// is freed as lazyfree-lazy-server-del says.
bool StoreString(Context& context, store::Transaction& txn, const store::HashedKey& key,
                 std::string_view value, store::TimeMs deadline,
                 store::StringForm form = store::StringForm::kPlain);

// How DEL frees: lazyfree-lazy-user-del.
store::FreeMode UserDeleteMode(const Context& context);
// How a deadline that is already past frees: lazyfree-lazy-expire.
store::FreeMode ExpireMode(const Context& context);

}  // namespace dcs::resp
