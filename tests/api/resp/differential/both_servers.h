// This front and a real Redis 7.0, given the same commands: same replies, same effects on the keys.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/resp/protocol/to_absl.h"
#include "api/resp/server/executor.h"
#include "store/time/clock.h"
#include "tests/api/resp/commands/key_effects.h"
#include "tests/api/resp/differential/random_commands.h"
#include "tests/api/resp/differential/reference_redis.h"
#include "tests/api/resp/differential/reply_comparison.h"
#include "tests/api/resp/resp_value.h"

namespace dcs::resp {

// This front, without sockets, in real time as its rival.
class OurServer {
 public:
  OurServer() : node_({.seed = 5, .epoch = clock_.Now(), .lazy_free_thread = false}, clock_) {}
  std::string Run(const std::vector<std::string_view>& args) {
    std::string out;
    Reply reply(out, client_.protocol.load());
    Execute(state_, client_, args, reply);
    return out;
  }
  KeyEffects effects() const { return EffectsOf(state_); }
  store::TimeMs now() const { return clock_.Now(); }
  void CheckInvariants() { node_.keyspace.CheckInvariants(); }

 private:
  store::WallClock clock_;
  api::Node node_;
  ServerState state_{node_, /*seed=*/1};
  Client client_{1, clock_.Now()};
};

// Base of the tests that compare the two. Skips a test if there is no redis-server.
class BothServers : public testing::Test {
 protected:
  void SetUp() override {
    std::string why;
    theirs_ = ReferenceRedis::Start(why);
    if (theirs_ == nullptr) GTEST_SKIP() << "not compared with Redis: " << why;
  }

  // Returns whether both gave the same answer, and did the same to keys and counters.
  bool RunBoth(const CommandLine& line) {
    const ReferenceRedis::Args args(line.begin(), line.end());
    const std::vector<std::string> replies = theirs_->RunAll({args, {"dbsize"}, {"info", "stats"}});
    const std::string ours = ours_.Run(args);
    const bool same = SameReply(line, ours, replies[0]);
    EXPECT_TRUE(same) << Shown(line) << "\n  ours   " << testing::PrintToString(ours.substr(0, 600))
                      << "\n  theirs " << testing::PrintToString(replies[0].substr(0, 600));
    errors_ += ours.starts_with('-') ? 1 : 0;
    if (DependsOnServer(line, ours, replies[0])) return same && Resync();
    if (IsWord(line[0], "quit")) return same;
    return same && SameEffects(Shown(line), EffectsOf(replies[1], replies[2]));
  }

  // Gives keys of any type a deadline, and waits until it has passed for both servers.
  bool LetExpire(const std::vector<std::string>& keys) {
    const int64_t deadline = TheirTime() + 4;
    const std::string text = std::to_string(deadline);
    for (const std::string& key : keys) {
      theirs_->Run({"pexpireat", key, text});
      ours_.Run({"pexpireat", key, text});
    }
    // On a slow machine, one of the two may have found the deadline past and deleted the key.
    const bool late = TheirTime() >= deadline;
    while (TheirTime() <= deadline || ours_.now() <= deadline) {
    }
    if (late) return Resync();
    const std::vector<std::string> replies = theirs_->RunAll({{"dbsize"}, {"info", "stats"}});
    return SameEffects("pexpireat", EffectsOf(replies[0], replies[1]));
  }

  static std::string Shown(const CommandLine& line) {
    std::string text;
    for (const std::string& arg : line) text += testing::PrintToString(arg.substr(0, 80)) + " ";
    return text;
  }

  std::unique_ptr<ReferenceRedis> theirs_;
  OurServer ours_;
  int errors_ = 0;

 private:
  // Which expired keys such a command comes upon is each server's own affair.
  static bool DependsOnServer(const CommandLine& line, const std::string& ours,
                              const std::string& theirs) {
    if (IsWord(line[0], "randomkey")) return line.size() == 1;
    const auto partial = [](const std::string& reply) {
      const RespValue value = ParseReply(reply);
      return value.elements.size() == 2 && value.elements[0].text != "0";
    };
    return IsWord(line[0], "scan") && (partial(ours) || partial(theirs));
  }

  // Releases every expired key of both. From then on, the counters may differ as they do now.
  bool Resync() {
    const ReferenceRedis::Args scan = {"scan", "0", "count", "100000"};
    const std::vector<std::string> replies = theirs_->RunAll({scan, {"dbsize"}, {"info", "stats"}});
    ours_.Run(scan);
    ahead_ = ours_.effects() - EffectsOf(replies[1], replies[2]);
    EXPECT_EQ(ahead_.keys, 0);
    return ahead_.keys == 0;
  }

  bool SameEffects(const std::string& line, const KeyEffects& theirs) {
    const KeyEffects ours = ours_.effects() - ahead_;
    EXPECT_EQ(ours, theirs) << line;
    return ours == theirs;
  }

  int64_t TheirTime() {
    const RespValue time = ParseReply(theirs_->Run({"time"}));
    if (time.elements.size() != 2) return 0;
    return std::stoll(time.elements[0].text) * 1000 + std::stoll(time.elements[1].text) / 1000;
  }

  KeyEffects ahead_;  // ours less theirs, by what is each server's own affair
};

}  // namespace dcs::resp
