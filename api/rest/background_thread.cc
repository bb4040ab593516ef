#include "api/rest/background_thread.h"

#include <sys/resource.h>
#include <unistd.h>

namespace dcs::rest {
namespace {

// Lowest priority: long answers walk over all keys, and a Redis command of a few microseconds must
// not wait for their core. On Linux a nice value belongs to a thread and is inherited by the
// threads it starts. When a client's thread wakes up, a fair scheduler preempts this thread only if
// it has had more than its share lately, otherwise at the next tick, milliseconds later. With the
// lowest weight it nearly always preempts it. SCHED_BATCH does not help: it only keeps its own
// thread from preempting others. SCHED_IDLE would go too far: this thread holds a shard's lock at
// times, and must make progress on a busy machine.
constexpr int kNicest = 19;

void YieldToClients() {
  const auto self = static_cast<id_t>(gettid());
  // If it fails, answers are still correct.
  setpriority(PRIO_PROCESS, self, kNicest);
}

}  // namespace

BackgroundThread::BackgroundThread() : thread_(1) { boost::asio::post(thread_, YieldToClients); }

BackgroundThread::~BackgroundThread() {
  Stop();
  Join();
}

}  // namespace dcs::rest
