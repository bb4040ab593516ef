#include "api/resp/server/blocked_command.h"

#include "api/resp/server/client.h"

namespace dcs::resp {

void BlockedCommand::Finish(WriteReply write) {
  write_ = std::move(write);
  finished_.store(true, std::memory_order_release);
  if (const std::shared_ptr<Client> client = client_.lock()) client->Deliver(nullptr);
}

}  // namespace dcs::resp
