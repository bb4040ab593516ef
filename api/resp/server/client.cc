#include "api/resp/server/client.h"

#include <new>

namespace dcs::resp {

void Client::Deliver(Deliveries::Item bytes) {
  if (bytes != nullptr && bytes->empty()) return;
  bool lost = false;
  bool first = false;
  try {
    first = deliveries.Push(std::move(bytes));
  } catch (const std::bad_alloc&) {
    lost = true;
  }
  const size_t waiting = output_bytes.load(std::memory_order_relaxed) + deliveries.bytes();
  const ClientClass of = client_class.load(std::memory_order_relaxed);
  if (output_limits != nullptr && waiting >= output_limits->LeastBytes(of)) {
    lost = lost || output_limits->Of(of).OverHard(waiting);
  }
  if (lost) {
    deliveries.End();
    if (close) close();
  } else if (first && notify) {
    notify();
  }
}

}  // namespace dcs::resp
