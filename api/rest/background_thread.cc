#include "api/rest/background_thread.h"

#include <sys/resource.h>
#include <unistd.h>

namespace dcs::rest {
namespace {

// Long answers walk over all keys; a Redis client's command takes microseconds and must not wait
// for a core meanwhile. On Linux a nice value is the thread's own, and those that it starts inherit
// it. When a client's thread wakes up, a fair scheduler interrupts this one only if that one has not
// had more than its share of late, and else looks again at the next tick, milliseconds later: with the
// lowest weight for this one, it nearly always interrupts. (SCHED_BATCH does not help: it only keeps its
// own thread from interrupting others.) SCHED_IDLE would go further, and too far: the thread holds a
// shard's lock at times, and must get on with it on a busy machine.
constexpr int kNicest = 19;

void YieldToClients() {
  const auto self = static_cast<id_t>(gettid());
  // Where it fails, answers are right all the same.
  setpriority(PRIO_PROCESS, self, kNicest);
}

}  // namespace

BackgroundThread::BackgroundThread() : thread_(1) { boost::asio::post(thread_, YieldToClients); }

BackgroundThread::~BackgroundThread() {
  Stop();
  Join();
}

}  // namespace dcs::rest
