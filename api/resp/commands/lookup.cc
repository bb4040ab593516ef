#include "api/resp/commands/lookup.h"

#include "api/resp/commands/error_texts.h"

namespace dcs::resp {
namespace {

store::FreeMode ModeOf(const Settings::Number& lazy) {
  return lazy.load(std::memory_order_relaxed) != 0 ? store::FreeMode::kLazy : store::FreeMode::kNow;
}

void Count(Context& context, const std::optional<store::Entry>& entry) {
  ++(entry ? context.counts.hits : context.counts.misses);
}

}  // namespace

std::optional<store::Entry> FindForRead(Context& context, const store::HashedKey& key) {
  std::optional<store::Entry> entry = context.txn().Find(key);
  Count(context, entry);
  return entry;
}

std::optional<store::Entry> PeekForRead(Context& context, const store::HashedKey& key) {
  std::optional<store::Entry> entry = context.txn().Peek(key);
  Count(context, entry);
  return entry;
}

bool HasType(Context& context, const std::optional<store::Entry>& entry, store::ValueType type) {
  if (!entry || entry->type == type) return true;
  context.reply.Error(error_text::kWrongType);
  return false;
}

bool StoreString(Context& context, const store::HashedKey& key, std::string_view value,
                 store::TimeMs deadline, store::StringForm form) {
  const absl::Status status = context.txn().SetString(
      key, value, deadline, form, ModeOf(context.server.settings.lazy_server_del));
  if (!status.ok()) context.reply.Error(FromStore(status));
  return status.ok();
}

store::FreeMode UserDeleteMode(const Context& context) {
  return ModeOf(context.server.settings.lazy_user_del);
}

store::FreeMode ExpireMode(const Context& context) {
  return ModeOf(context.server.settings.lazy_expire);
}

}  // namespace dcs::resp
