#include "api/resp/server/client_description.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "api/resp/commands/error_texts.h"
#include "api/resp/protocol/to_absl.h"

namespace dcs::resp {

bool SetClientName(Context& context, std::string_view name) {
  if (!std::all_of(name.begin(), name.end(), [](char c) { return c >= '!' && c <= '~'; })) {
    context.reply.Error(error_text::kClientName);
    return false;
  }
  Client::Description description = context.client.description();
  description.name = name;
  context.client.set_description(std::move(description));
  return true;
}

namespace {

// Redis's flags, in its order.
std::string Flags(const Client& client) {
  std::string flags;
  const ConnectionState state = client.state.load(std::memory_order_relaxed);
  if (client.client_class.load(std::memory_order_relaxed) == ClientClass::kPubSub) flags += 'P';
  if (state == ConnectionState::kBlocked) flags += 'b';
  if (state == ConnectionState::kDraining) flags += 'c';
  if (client.no_evict.load(std::memory_order_relaxed)) flags += 'e';
  return flags.empty() ? "N" : flags;
}

}  // namespace

std::string DescribeClient(const Client& client, store::TimeMs now) {
  const Client::Description description = client.description();
  const Command* last = client.last_command.load(std::memory_order_relaxed);
  const size_t input = client.input_bytes.load(std::memory_order_relaxed);
  const size_t capacity = client.input_capacity.load(std::memory_order_relaxed);
  const size_t blocks = client.output_blocks.load(std::memory_order_relaxed);
  const size_t delivered = client.deliveries.bytes();
  const size_t output = client.output_bytes.load(std::memory_order_relaxed) + delivered;
  const store::TimeMs idle_ms = now - client.last_active.load(std::memory_order_relaxed);
  return absl::StrCat(
      absl::StrCat("id=", client.id, " addr=", client.address, " laddr=", client.local_address,
                   " fd=", client.descriptor, " name=", description.name,
                   " age=", (now - client.connected_at) / 1000,
                   " idle=", std::max<store::TimeMs>(idle_ms, 0) / 1000, " flags=", Flags(client)),
      absl::StrCat(" db=0 sub=0 psub=0 ssub=0 multi=-1 qbuf=", input,
                   " qbuf-free=", capacity > input ? capacity - input : 0,
                   " argv-mem=0 multi-mem=0 rbs=0 rbp=0 obl=", output, " oll=", blocks,
                   " omem=", output, " tot-mem=", sizeof(Client) + capacity + output, " events=r"),
      absl::StrCat(" cmd=", last == nullptr ? "NULL" : ToAbsl(last->name),
                   " user=default redir=-1 resp=", client.protocol.load(std::memory_order_relaxed),
                   " lib-name=", description.library_name, " lib-ver=", description.library_version,
                   "\n"));
}

}  // namespace dcs::resp
