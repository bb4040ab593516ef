#include "api/resp/server/executor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "api/resp/commands/command_table.h"
#include "store/key_event.h"
#include "tests/api/resp/session.h"

namespace dcs::resp {
namespace {

// Records which command caused each event.
class OriginRecorder final : public store::KeyEventSink {
 public:
  void OnKeyEvent(const store::KeyEvent& event) noexcept override {
    const auto* const command = static_cast<const Command*>(event.origin);
    commands.emplace_back(command == nullptr ? "none" : command->name);
  }
  bool wants_expired() const noexcept override { return true; }

  std::vector<std::string> commands;
};

TEST(Executor, EveryWriteRunsInTheTransactionThatTheExecutorOpened) {
  Session s;
  OriginRecorder recorder;
  s.node().keyspace.set_key_event_sink(&recorder);
  struct Line {
    std::string_view line;
    std::vector<std::string> events;  // the commands that caused them
  };
  const Line lines[] = {
      {"SET s 1", {"set"}},
      {"INCR s", {"incr"}},
      {"APPEND s x", {"append"}},
      {"GETSET s y", {"getset"}},
      {"MSET a 1 b 2", {"mset", "mset"}},
      {"HSET h f 1", {"hset"}},
      {"HINCRBY h f 2", {"hincrby"}},
      {"HDEL h none", {}},
      {"HDEL h f", {"hdel"}},
      {"PEXPIRE a 100", {"pexpire"}},
      {"PERSIST a", {"persist"}},
      {"RENAME a c", {"rename", "rename"}},
      {"GETDEL c", {"getdel"}},
      {"DEL s b", {"del", "del"}},
      {"GET s", {}},
  };
  for (const Line& line : lines) {
    recorder.commands.clear();
    s.Do(line.line);
    EXPECT_EQ(recorder.commands, line.events) << line.line;
  }
  s.node().keyspace.set_key_event_sink(nullptr);
}

TEST(Executor, FindsCommandsInAnyCase) {
  Session s;
  EXPECT_EQ(s.Do("pInG"), "+PONG\r\n");
  EXPECT_EQ(s.Do("cOnFiG rEsEtStAt"), kOk);
}

TEST(Executor, NamesUnknownCommandsAndTheBeginningOfTheirArguments) {
  Session s;
  EXPECT_EQ(s.Run({"foo", "a", "b c"}),
            Err("ERR unknown command 'foo', with args beginning with: 'a' 'b c' "));
  EXPECT_EQ(s.Run({"foo\r\nbar"}),
            Err("ERR unknown command 'foo  bar', with args beginning with: "));
  const std::string longest(128, 'x');
  EXPECT_EQ(s.Run({std::string(500, 'x'), std::string(500, 'y'), "z"}),
            Err("ERR unknown command '" + longest + "', with args beginning with: '" +
                std::string(128, 'y') + "' "));
  EXPECT_EQ(s.Run({""}), Err("ERR unknown command '', with args beginning with: "));
}

TEST(Executor, NamesUnknownSubcommands) {
  Session s;
  EXPECT_EQ(s.Do("CONFIG FOO"), Err("ERR unknown subcommand 'FOO'. Try CONFIG HELP."));
  EXPECT_EQ(s.Do("object foo bar"), Err("ERR unknown subcommand 'foo'. Try OBJECT HELP."));
}

TEST(Executor, ChecksTheNumberOfArguments) {
  Session s;
  EXPECT_EQ(s.Do("GET"), Err("ERR wrong number of arguments for 'get' command"));
  EXPECT_EQ(s.Do("GET a b"), Err("ERR wrong number of arguments for 'get' command"));
  EXPECT_EQ(s.Do("SET a"), Err("ERR wrong number of arguments for 'set' command"));
  EXPECT_EQ(s.Do("CONFIG GET"), Err("ERR wrong number of arguments for 'config|get' command"));
  EXPECT_EQ(s.Do("CONFIG"), Err("ERR wrong number of arguments for 'config' command"));
}

TEST(Executor, LetsClientsWithoutPasswordDoNothingButLogIn) {
  Session s;
  s.Do("CONFIG SET requirepass secret");
  s.client().authenticated = false;
  const std::string refusal = Err("NOAUTH Authentication required.");
  EXPECT_EQ(s.Do("GET k"), refusal);
  EXPECT_EQ(s.Do("PING"), refusal);
  EXPECT_EQ(s.Do("GET"), Err("ERR wrong number of arguments for 'get' command"));
  EXPECT_EQ(s.Do("AUTH secret"), kOk);
  EXPECT_EQ(s.Do("PING"), "+PONG\r\n");
}

TEST(Executor, RefusesToGrowPastMaxmemoryButStillReadsAndDeletes) {
  Session s;
  s.Do("SET k v");
  s.Do("CONFIG SET maxmemory 1");
  EXPECT_EQ(s.Do("SET k w"), Err("OOM command not allowed when used memory > 'maxmemory'."));
  EXPECT_EQ(s.Do("GET k"), Bulk("v"));
  EXPECT_EQ(s.Do("DEL k"), Int(1));
}

TEST(Executor, DelUnderMaxmemory_LetsWritesThroughAtOnce) {
  Session s;
  const std::string value(100, 'v');
  for (int i = 0; i < 1'000; ++i) s.Run({"SET", "key:" + std::to_string(i), value});
  const size_t full = s.node().keyspace.UsedBytes();
  s.Do("CONFIG SET maxmemory " + std::to_string(full - 1));
  EXPECT_THAT(s.Run({"SET", "new", value}), testing::StartsWith("-OOM"));
  EXPECT_EQ(s.Do("DEL key:1"), Int(1));
  EXPECT_EQ(s.Run({"SET", "new", value}), kOk);
  // An expired key counts until something releases it.
  s.Do("CONFIG SET maxmemory " + std::to_string(full + 10'000));
  s.Run({"SET", "short", std::string(50'000, 'v'), "PX", "10"});
  s.Advance(11);
  EXPECT_THAT(s.Run({"SET", "newer", value}), testing::StartsWith("-OOM"));
  s.Do("GET short");
  EXPECT_EQ(s.Run({"SET", "newer", value}), kOk);
}

TEST(Executor, HangsUpOnBrowsers) {
  for (const char* line : {"POST / HTTP/1.1", "Host: example.com"}) {
    Session s;
    EXPECT_EQ(s.Do(line), "");
    EXPECT_TRUE(s.client().close_at_once);
  }
}

TEST(Executor, CountsCommandsAndErrors) {
  Session s;
  s.Do("SET k v");
  s.Do("GET k");
  s.Do("GET nokey");
  s.Do("NOSUCH");
  EXPECT_EQ(s.state().counters.commands_processed, 4u);
  EXPECT_EQ(s.state().counters.error_replies, 1u);
  EXPECT_EQ(s.state().counters.keyspace_hits, 1u);
  EXPECT_EQ(s.state().counters.keyspace_misses, 1u);
}

class CountingClock final : public store::Clock {
 public:
  store::TimeMs Now() const override { return kStartTime + readings++; }
  mutable int readings = 0;
};

TEST(Executor, ReadsTheClockOnceForABatch) {
  CountingClock clock;
  api::Node node({.seed = 1, .epoch = kStartTime, .lazy_free_thread = false}, clock);
  ServerState state(node, /*seed=*/1);
  Client client(1, kStartTime);
  const auto run = [&](Executor& executor, const std::vector<std::string_view>& args) {
    std::string out;
    Reply reply(out);
    executor.Execute({FindCommand(args[0]), args}, reply);
    return out;
  };
  const int before = clock.readings;
  {
    Executor executor(state, client);
    run(executor, {"SET", "k", "v", "PX", "1000"});
    EXPECT_EQ(run(executor, {"PTTL", "k"}), Int(1000));
    EXPECT_EQ(client.last_active, kStartTime + before);
  }
  Executor next(state, client);
  EXPECT_EQ(run(next, {"PTTL", "k"}), Int(999));
  EXPECT_EQ(clock.readings, before + 2);
}

TEST(Executor, AddsUpItsCountsAtTheEndAndBeforeACommandWithoutKeys) {
  Session s;
  const auto counted = [&] { return s.state().counters.commands_processed.load(); };
  std::string out;
  Reply reply(out);
  {
    const std::string_view get[] = {"GET", "nokey"}, ping[] = {"PING"};
    Executor executor(s.state(), s.client());
    executor.Execute({FindCommand("get"), get}, reply);
    EXPECT_EQ(counted(), 0u);
    executor.Execute({FindCommand("ping"), ping}, reply);
    EXPECT_EQ(counted(), 1u) << "the one before it";
  }
  EXPECT_EQ(counted(), 2u);
  EXPECT_EQ(s.state().counters.keyspace_misses, 1u);
}

}  // namespace
}  // namespace dcs::resp
