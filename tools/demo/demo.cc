#include "tools/demo/demo.h"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <fstream>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "tools/demo/demo_clients.h"
#include "tools/log.h"
#include "tools/serve/access.h"
#include "tools/serve/run_until_signal.h"
#include "tools/serve/server.h"
#include "tools/terminal.h"

namespace dcs::tools {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr int64_t kLongestTtlMs = 10'000;
constexpr uint64_t kBigHashes = 200;
constexpr uint64_t kFieldsEach = 2'000;
constexpr uint64_t kBatch = 512;

// Deterministic random numbers: every run loads the same keys. A linear congruential generator
// suffices for lengths and deadlines.
class Dice {
 public:
  uint64_t Below(uint64_t n) {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return (state_ >> 33) % n;
  }

 private:
  uint64_t state_ = 20240409;
};

size_t ResidentBytes() {
  size_t pages = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> pages >> resident;
  return resident * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

// Watches for the end signals on its own thread. Until WaitForEnd is called, a signal ends the
// process at once, so the steps of the script need not check for it.
class EndWatch {
 public:
  EndWatch() : phase_(std::make_shared<Phase>()) {
    std::thread([phase = phase_] {
      const int signal = WaitForSignal();
      const std::lock_guard lock(phase->mutex);
      if (!phase->waits) EndBySignal(signal);
      phase->ended = true;
      phase->changed.notify_all();
    }).detach();
  }
  void WaitForEnd() {
    std::unique_lock lock(phase_->mutex);
    phase_->waits = true;
    phase_->changed.wait(lock, [this] { return phase_->ended; });
  }

 private:
  // Shared with the thread, which outlives the watch if no signal comes.
  struct Phase {
    std::mutex mutex;
    std::condition_variable changed;
    bool waits = false;
    bool ended = false;
  };
  const std::shared_ptr<Phase> phase_;
};

// One run of the demonstration. Each step prints what it does and the result.
class Demo {
 public:
  explicit Demo(const DemoOptions& options) : options_(options) {}
  int Run();

 private:
  struct Memory {
    uint64_t keys = 0, expired_keys = 0, expired_bytes = 0, used_bytes = 0, held_bytes = 0;
    size_t resident = 0;
  };

  absl::Status ChooseAccess();
  absl::Status Connect();
  absl::Status Load();
  absl::Status LoadHashes(ProgressBar& bar);
  void WaitUntilExpired();
  absl::Status ShowThatNothingIsSeen();
  absl::Status Scan();
  absl::Status ShowRecord(const std::string& task_id);
  absl::StatusOr<Memory> Measure();
  static void Print(const char* when, const Memory& memory);
  void ShowHowToReach() const;

  std::string InstancePath() const {
    return "/v2/" + options_.serve.project_id + "/instances/" + options_.serve.instance_id;
  }

  const DemoOptions options_;
  EndWatch end_watch_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<RedisClient> redis_;
  std::unique_ptr<ApiClient> api_;
  rest::Credential credential_;
  std::string token_;
  std::string last_key_with_deadline_;
};

// Chooses the first credential with full access.
absl::Status Demo::ChooseAccess() {
  absl::StatusOr<rest::AccessList> access = AccessFrom(options_.serve);
  if (!access.ok()) return access.status();
  const auto is_full = [](const auto& entry) { return entry.role == rest::Role::kFull; };
  const auto key = std::find_if(access->keys.begin(), access->keys.end(), is_full);
  if (key == access->keys.end()) {
    return absl::FailedPreconditionError(
        "the demonstration signs its requests: the access file must hold an access key with the "
        "role full");
  }
  credential_ = key->credential;
  const auto token = std::find_if(access->tokens.begin(), access->tokens.end(), is_full);
  token_ = token == access->tokens.end() ? "TOKEN" : token->token;
  return absl::OkStatus();
}

absl::Status Demo::Connect() {
  if (absl::Status status = ChooseAccess(); !status.ok()) return status;
  absl::StatusOr<std::unique_ptr<Server>> server = Server::Start(options_.serve);
  if (!server.ok()) return server.status();
  server_ = *std::move(server);
  absl::StatusOr<RedisClient> redis =
      RedisClient::Connect(options_.serve.bind, server_->resp_port(), options_.serve.password);
  if (!redis.ok()) return redis.status();
  redis_ = std::make_unique<RedisClient>(*std::move(redis));
  api_ = std::make_unique<ApiClient>(options_.serve.bind, server_->http_port(), credential_,
                                     options_.serve.sim_token);
  std::printf(
      "A Redis instance (engine %s) and the cloud's API for it, on this machine:\n"
      "  Redis clients  %s\n  DCS API        http://%s\n",
      options_.serve.engine_version.c_str(),
      HostAndPort(options_.serve.bind, server_->resp_port()).c_str(),
      HostAndPort(options_.serve.bind, server_->http_port()).c_str());
  std::printf("  natural deletion %s: expired keys stay until something releases them\n",
              options_.serve.natural_deletion == "off" ? "is off"
                                                       : options_.serve.natural_deletion.c_str());
  return absl::OkStatus();
}

absl::Status Demo::Load() {
  std::printf("\n1. Load %s keys over RESP; two of three expire after 1 to 10 seconds\n",
              WithCommas(options_.keys).c_str());
  ProgressBar bar(stdout, "loading");
  if (absl::Status status = LoadHashes(bar); !status.ok()) return status;
  Dice dice;
  const std::string text(256, 'v');
  const auto began = steady_clock::now();
  std::string key, ttl;
  for (uint64_t i = kBigHashes; i < options_.keys; ++i) {
    key = "key:" + std::to_string(i);
    const std::string_view value(text.data(), 16 + dice.Below(112));
    if (i % 3 != 0) {
      ttl = std::to_string(1000 + dice.Below(kLongestTtlMs - 1000 + 1));
      redis_->Add({"SET", key, value, "PX", ttl});
      last_key_with_deadline_ = key;
    } else {
      redis_->Add({"SET", key, value});
    }
    if (i % kBatch != 0 && i + 1 < options_.keys) continue;
    if (absl::Status status = redis_->Flush(); !status.ok()) return status;
    bar.Show(static_cast<double>(i) / static_cast<double>(options_.keys), WithCommas(i));
  }
  const double seconds = std::chrono::duration<double>(steady_clock::now() - began).count();
  bar.Finish(WithCommas(options_.keys) + " keys, " +
             WithCommas(static_cast<uint64_t>(static_cast<double>(options_.keys) / seconds)) +
             " a second through one connection");
  return absl::OkStatus();
}

absl::Status Demo::LoadHashes(ProgressBar& bar) {
  std::vector<std::string> fields;
  for (uint64_t f = 0; f < kFieldsEach; ++f) fields.push_back("field:" + std::to_string(f));
  for (uint64_t h = 0; h < kBigHashes; ++h) {
    const std::string key = "hash:" + std::to_string(h);
    std::vector<std::string_view> command = {"HSET", key};
    for (const std::string& field : fields) {
      command.push_back(field);
      command.push_back("some value of a field");
    }
    redis_->Add(command);
    if (h % 3 != 0) redis_->Add({"PEXPIRE", key, "10000"});
    if (absl::Status status = redis_->Flush(); !status.ok()) return status;
    bar.Show(0, std::to_string(h + 1) + " hashes of " + WithCommas(kFieldsEach) + " fields");
  }
  return absl::OkStatus();
}

void Demo::WaitUntilExpired() {
  std::printf("\n2. Wait until the last deadline has passed\n");
  ProgressBar bar(stdout, "waiting");
  const auto began = steady_clock::now();
  while (true) {
    const auto waited = std::chrono::duration_cast<milliseconds>(steady_clock::now() - began);
    if (waited.count() > kLongestTtlMs) break;
    bar.Show(static_cast<double>(waited.count()) / kLongestTtlMs,
             std::to_string((kLongestTtlMs - waited.count()) / 1000 + 1) + " s left");
    std::this_thread::sleep_for(milliseconds(100));
  }
  bar.Finish("all deadlines have passed");
}

absl::StatusOr<Demo::Memory> Demo::Measure() {
  absl::StatusOr<nlohmann::ordered_json> census =
      api_->Call("GET", "/_sim/census?instance_id=" + options_.serve.instance_id);
  if (!census.ok()) return census.status();
  Memory memory;
  memory.keys = census->at("keys");
  memory.expired_keys = census->at("expired_keys");
  memory.expired_bytes = census->at("expired_bytes");
  memory.used_bytes = census->at("used_bytes");
  memory.held_bytes = census->at("held_bytes");
  memory.resident = ResidentBytes();
  return memory;
}

void Demo::Print(const char* when, const Memory& memory) {
  const auto human = [](size_t bytes) { return HumanBytes(static_cast<double>(bytes)); };
  std::printf(
      "  %-7s %9s keys, %7s of them expired but unreleased (%s)\n"
      "          memory: used %s, held by the store %s, resident in the process %s\n",
      when, WithCommas(memory.keys).c_str(), WithCommas(memory.expired_keys).c_str(),
      human(memory.expired_bytes).c_str(), human(memory.used_bytes).c_str(),
      human(memory.held_bytes).c_str(), human(memory.resident).c_str());
}

absl::Status Demo::ShowThatNothingIsSeen() {
  std::printf("\n3. Expired is invisible, not gone\n");
  // EXISTS would release the key, as any access does. DBSIZE reads no key.
  absl::StatusOr<std::string> ttl = redis_->Ask({"TTL", last_key_with_deadline_});
  if (!ttl.ok()) return ttl.status();
  absl::StatusOr<std::string> size = redis_->Ask({"DBSIZE"});
  if (!size.ok()) return size.status();
  std::printf("  TTL %s  ->  %s (no such key)\n  DBSIZE  ->  %s (but its memory is held)\n",
              last_key_with_deadline_.c_str(), ttl->c_str(), size->c_str());
  return absl::OkStatus();
}

absl::Status Demo::Scan() {
  const std::string target = InstancePath() + "/scan-expire-keys-task";
  std::printf(
      "\n4. Ask the cloud's API for an expired key scan (signed, as its SDKs do)\n"
      "  POST %s\n",
      target.c_str());
  absl::StatusOr<nlohmann::ordered_json> created = api_->Call("POST", target);
  if (!created.ok()) return created.status();
  std::printf("%s\n", created->dump(2).c_str());
  const std::string id = created->at("id");
  const scanner::Pacing& pacing = options_.serve.scans.manual;
  std::printf("  It looks at %lld keys every %lld ms.\n",
              static_cast<long long>(pacing.keys_per_step),
              static_cast<long long>(pacing.step_interval_ms));
  ProgressBar bar(stdout, "scanning");
  while (true) {
    absl::StatusOr<nlohmann::ordered_json> scan =
        api_->Call("GET", "/_sim/scans?instance_id=" + options_.serve.instance_id + "&id=" + id);
    if (!scan.ok()) return scan.status();
    const uint64_t visited = scan->at("visited"), keys = scan->at("keys_at_start");
    const double left_s = static_cast<double>(keys > visited ? keys - visited : 0) /
                          static_cast<double>(pacing.keys_per_step) *
                          static_cast<double>(pacing.step_interval_ms) / 1000;
    const std::string detail = WithCommas(visited) + " keys looked at, " +
                               WithCommas(scan->at("released").get<uint64_t>()) + " released, " +
                               HumanBytes(scan->at("released_bytes").get<double>());
    const std::string status = scan->at("status");
    if (status == "success") {
      bar.Finish(detail);
      return ShowRecord(id);
    }
    if (status == "failed") return absl::InternalError("the scan has failed");
    bar.Show(keys == 0 ? 0 : static_cast<double>(visited) / static_cast<double>(keys),
             detail + ", " + std::to_string(static_cast<int>(left_s) + 1) + " s left");
    std::this_thread::sleep_for(milliseconds(100));
  }
}

absl::Status Demo::ShowRecord(const std::string& task_id) {
  const std::string target = InstancePath() + "/auto-expire/histories?limit=1";
  absl::StatusOr<nlohmann::ordered_json> histories = api_->Call("GET", target);
  if (!histories.ok()) return histories.status();
  std::printf("\n5. The record of the scan\n  GET %s\n%s\n", target.c_str(),
              histories->dump(2).c_str());
  const auto& records = histories->at("records");
  if (records.size() == 1 && records[0].at("id") == task_id) return absl::OkStatus();
  return absl::InternalError("the histories do not show the scan");
}

void Demo::ShowHowToReach() const {
  const ServeOptions& serve = options_.serve;
  const std::string http = HostAndPort(serve.bind, server_->http_port());
  std::string upper_region = serve.region;
  for (char& c : upper_region) c = c == '-' ? '_' : static_cast<char>(std::toupper(c));
  std::printf(
      "\nStill serving; Ctrl-C ends it. Reach it with\n"
      "  redis-cli -h %s -p %d%s\n"
      "  curl -X POST -H 'X-Auth-Token: %s' http://%s%s/scan-expire-keys-task\n"
      "  curl -H 'X-Auth-Token: %s' 'http://%s%s/auto-expire/histories'\n"
      "  an SDK (Python, Go, Java) with these in its environment:\n"
      "    HUAWEICLOUD_SDK_REGION_DCS_%s=http://%s\n"
      "    HUAWEICLOUD_SDK_IAM_ENDPOINT=http://%s\n"
      "    HUAWEICLOUD_SDK_AK=%s\n    HUAWEICLOUD_SDK_SK=%s\n"
      "  and instance ID %s\n",
      serve.bind.c_str(), server_->resp_port(), serve.password.empty() ? "" : " -a PASSWORD",
      token_.c_str(), http.c_str(), InstancePath().c_str(), token_.c_str(), http.c_str(),
      InstancePath().c_str(), upper_region.c_str(), http.c_str(), http.c_str(),
      credential_.access_key.c_str(), credential_.secret_key.c_str(), serve.instance_id.c_str());
  std::fflush(stdout);
}

int Demo::Run() {
  const auto failed = [](const absl::Status& status) {
    std::fflush(stdout);
    PrintError("dcs-sim: " + std::string(status.message()));
    return 1;
  };
  if (absl::Status status = Connect(); !status.ok()) return failed(status);
  if (absl::Status status = Load(); !status.ok()) return failed(status);
  WaitUntilExpired();
  if (absl::Status status = ShowThatNothingIsSeen(); !status.ok()) return failed(status);
  const absl::StatusOr<Memory> before = Measure();
  if (!before.ok()) return failed(before.status());
  Print("now", *before);
  if (absl::Status status = Scan(); !status.ok()) return failed(status);
  server_->node().keyspace.lazy_free().Drain();
  const absl::StatusOr<Memory> after = Measure();
  if (!after.ok()) return failed(after.status());
  std::printf(
      "\n6. Memory before and after: used by the keys, held by the store, resident in the "
      "process\n");
  Print("before", *before);
  Print("after", *after);
  if (!options_.once) {
    ShowHowToReach();
    end_watch_.WaitForEnd();
  }
  server_->Stop().IgnoreError();  // a demo saves nothing
  return 0;
}

}  // namespace

int RunDemo(const DemoOptions& options) {
  // A signal ends the process without flushing stdout.
  std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);
  return Demo(options).Run();
}

}  // namespace dcs::tools
