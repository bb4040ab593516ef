// Kills a process that writes state and keys in a loop at random moments, hundreds of times:
// everything it had finished is always there, and nothing is half written.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <new>
#include <string>
#include <utility>

#include "api/state/state_directory.h"
#include "api/state/state_json.h"
#include "tests/api/state/temporary_directory.h"
#include "tests/store/rig.h"
#include "tests/store/seeded.h"

namespace dcs::state {
namespace {

constexpr store::TimeMs kNow = 1'700'000'000'000;
constexpr size_t kKeys = store::Scaled(2'000);
const int kKills = store::kSanitized ? 40 : 400;
// Long enough for some rounds of writing.
const long kLongestLifeNs = store::kSanitized ? 400'000'000 : 40'000'000;

store::KeyspaceOptions Options() {
  return {.shards = 2, .seed = 1, .epoch = kNow, .lazy_free_thread = false};
}

// The writer's progress, in shared memory that survives it.
struct Progress {
  std::atomic<int> state_begun{0};
  std::atomic<int> state_finished{0};
  std::atomic<int> keys_begun{0};
  std::atomic<int> keys_finished{0};
};

std::string RecordOf(int generation) {
  api::InstanceRecord state;
  state.spec.id = "id";
  state.spec.description = std::string(20'000, 'd');
  state.spec.name = std::to_string(generation);
  return StateToJson({}, {}, {std::make_shared<const std::string>(InstanceRecordToJson(state))});
}

// The process to be killed: the system kills it after some nanoseconds.
[[noreturn]] void WriteUntilKilled(const std::string& path, Progress& progress, long life_ns) {
  sigevent how = {};
  how.sigev_notify = SIGEV_SIGNAL;
  how.sigev_signo = SIGKILL;
  timer_t timer;
  if (timer_create(CLOCK_MONOTONIC, &how, &timer) != 0) _exit(1);
  auto directory = StateDirectory::Open(path);
  if (!directory.ok()) _exit(2);
  store::Keyspace keyspace(Options());
  const itimerspec life = {.it_interval = {}, .it_value = {.tv_sec = 0, .tv_nsec = life_ns}};
  if (timer_settime(timer, 0, &life, nullptr) != 0) _exit(3);
  while (true) {
    const int state = ++progress.state_begun;
    if (!(*directory)->WriteState(RecordOf(state)).ok()) _exit(4);
    progress.state_finished = state;
    const int keys = ++progress.keys_begun;
    for (size_t i = 0; i < kKeys; ++i) {
      const std::string value = std::string(100, 'v') + std::to_string(keys);
      if (!keyspace.Set(store::NumberedKey(i), value, store::kNoDeadline, kNow).ok()) _exit(5);
    }
    if (!(*directory)->SaveKeys({"id", 0, 1, kNow, false}, keyspace).ok()) _exit(6);
    progress.keys_finished = keys;
  }
}

class KillTest : public testing::Test {
 protected:
  KillTest() {
    void* shared =
        mmap(nullptr, sizeof(Progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    progress_ = new (shared) Progress;
  }
  ~KillTest() override { munmap(progress_, sizeof(Progress)); }

  void KillOneAfter(long life_ns) {
    const pid_t writer = fork();
    ASSERT_GE(writer, 0);
    if (writer == 0) WriteUntilKilled(directory_.path(), *progress_, life_ns);
    int status = 0;
    ASSERT_EQ(waitpid(writer, &status, 0), writer);
    ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << WEXITSTATUS(status);
  }

  void CheckState(const StateDirectory& directory) {
    const auto state = directory.ReadState();
    if (absl::IsNotFound(state.status())) {
      ASSERT_EQ(progress_->state_finished, 0) << "a finished write is lost";
      return;
    }
    ASSERT_TRUE(state.ok()) << state.status();
    const int found = std::stoi(state->instances.at(0).spec.name);
    ASSERT_EQ(state->instances.at(0).spec.description.size(), 20'000u);
    ASSERT_GE(found, progress_->state_finished);
    ASSERT_LE(found, progress_->state_begun);
    unfinished_states_ += progress_->state_begun > progress_->state_finished;
    progress_->state_finished = found;
  }

  void CheckKeys(const StateDirectory& directory) {
    store::Keyspace keyspace(Options());
    const absl::StatusOr<bool> loaded = directory.LoadKeys("id", 0, 1, keyspace, kNow);
    ASSERT_TRUE(loaded.ok()) << loaded.status();
    if (!*loaded) {
      ASSERT_EQ(progress_->keys_finished, 0) << "a finished write is lost";
      return;
    }
    ASSERT_EQ(keyspace.size(), kKeys);
    const std::string value = *keyspace.Get(store::NumberedKey(0), kNow);
    const int found = std::stoi(value.substr(100));
    ASSERT_GE(found, progress_->keys_finished);
    ASSERT_LE(found, progress_->keys_begun);
    for (size_t i = 0; i < kKeys; ++i) {
      ASSERT_EQ(keyspace.Get(store::NumberedKey(i), kNow), value) << "two snapshots are mixed";
    }
    unfinished_keys_ += progress_->keys_begun > progress_->keys_finished;
    progress_->keys_finished = found;
  }

  const TemporaryDirectory directory_;
  Progress* progress_ = nullptr;
  int unfinished_states_ = 0;
  int unfinished_keys_ = 0;
};

TEST_F(KillTest, Kill_LeavesThePreviousOrTheNewState) {
  SeededRandom random(TestSeed(9));
  long longest_life_ns = kLongestLifeNs;
  int state_kills = 0, idle_kills = 0;
  for (int kill = 0; kill < kKills; ++kill) {
    // On a busy machine a process may not come to its first write in that time.
    idle_kills =
        std::exchange(state_kills, unfinished_states_) < unfinished_states_ ? 0 : idle_kills + 1;
    if (idle_kills % 20 == 19 && longest_life_ns < kLongestLifeNs * 16) longest_life_ns *= 2;
    KillOneAfter(1 + static_cast<long>(random.Below(static_cast<uint64_t>(longest_life_ns))));
    if (HasFatalFailure()) return;
    const auto directory = StateDirectory::Open(directory_.path());
    ASSERT_TRUE(directory.ok()) << "a dead process holds the lock: " << directory.status();
    CheckState(**directory);
    CheckKeys(**directory);
    if (HasFatalFailure()) FAIL() << "after kill " << kill;
    // A write that never became a file no longer counts.
    progress_->state_begun = progress_->state_finished.load();
    progress_->keys_begun = progress_->keys_finished.load();
  }
  std::printf("killed in a state write %d times, in a snapshot %d times, of %d\n",
              unfinished_states_, unfinished_keys_, kKills);
  EXPECT_GT(unfinished_states_, kKills / 50);
  EXPECT_GT(unfinished_keys_, kKills / 50);
}

}  // namespace
}  // namespace dcs::state
