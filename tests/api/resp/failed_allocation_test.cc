// Every allocation of the RESP layer may fail: the request or its connection ends, nothing else does.
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_split.h"
#include "api/resp/server/server.h"
#include "tests/api/resp/requests.h"
#include "tests/api/resp/server/polled_server.h"
#include "tests/api/resp/session.h"
#include "tests/failing_allocation.h"

namespace dcs::resp {
namespace {

std::vector<std::string_view> Words(std::string_view line) {
  const std::vector<absl::string_view> words =
      absl::StrSplit(absl::string_view(line.data(), line.size()), ' ');
  std::vector<std::string_view> result;
  for (const absl::string_view word : words) result.emplace_back(word.data(), word.size());
  return result;
}

// ---- Commands -----------------------------------------------------------------------------------

// Longer than what std::string keeps without an allocation.
#define LONG_WORD "a-word-of-more-than-fifteen-bytes"

constexpr std::string_view kNoMemoryReply = "-OOM command not allowed: ";

class FailedAllocation : public testing::TestWithParam<const char*> {
 protected:
  FailedAllocation() {
    session.Do("SET k " + std::string(500, 'v'));
    session.Do("SET n 17 EX 1000");
    for (int i = 0; i < 600; ++i) session.Do("HSET h field" + std::to_string(i) + " v");
    session.state().clients.Add(std::make_shared<Client>(4711, session.now()));
  }
  // The reply, "" if the connection would have been closed.
  template <typename Failure>
  std::string RunFailing(const std::vector<std::string_view>& args, uint64_t n, bool& failed) {
    std::string out;
    {
      Failure failing(n);
      try {
        Reply reply(out, session.client().protocol.load());
        Execute(session.state(), session.client(), args, reply);
      } catch (const std::bad_alloc&) {
        out.clear();
      }
      failed = failing.failed();
    }
    return out;
  }
  template <typename Failure>
  void EndsWithAnErrorOrAsItShould(std::string_view line) {
    const std::vector<std::string_view> args = Words(line);
    bool failed = true;
    uint64_t n = 0;
    while (failed) {
      SCOPED_TRACE(std::string(line) + ", allocation " + std::to_string(++n));
      ASSERT_LT(n, 100'000u);
      session.Do("HELLO 2");
      const std::string reply = RunFailing<Failure>(args, n, failed);
      // The store removes keys and sets deadlines without memory, so such commands may succeed.
      if (failed && args[0] != "UNLINK" && args[0] != "EXPIRE") {
        EXPECT_TRUE(reply.empty() || reply.starts_with(kNoMemoryReply)) << reply.substr(0, 200);
      }
      const int protocol = session.client().protocol.load();
      EXPECT_EQ(protocol, reply.starts_with("%") ? 3 : 2) << "as the reply says";
      ASSERT_EQ(session.Do("PING"), "+PONG\r\n");
      ASSERT_EQ(session.Do("STRLEN k"), Int(500)) << "no shard stays locked";
      ASSERT_EQ(session.state().clients.size(), 1u);
    }
    EXPECT_GT(n, 1u) << "a command whose reply is appended to an empty string allocates";
  }

  Session session;
};

TEST_P(FailedAllocation, EndsTheCommandWithAnError) {
  EndsWithAnErrorOrAsItShould<FailingAllocation>(GetParam());
}

TEST_P(FailedAllocation, OfAllMemoryEndsTheCommand) {
  EndsWithAnErrorOrAsItShould<ExhaustedMemory>(GetParam());
}

INSTANTIATE_TEST_SUITE_P(
    Commands, FailedAllocation,
    testing::Values(
        "PING", "ECHO " LONG_WORD, "HELLO 3 SETNAME " LONG_WORD, "AUTH default " LONG_WORD, "RESET",
        "CLIENT LIST", "CLIENT LIST ID 4711 4711 1 4711", "CLIENT LIST TYPE normal", "CLIENT INFO",
        "CLIENT KILL ID 99", "CLIENT KILL ADDR " LONG_WORD, "CLIENT SETNAME " LONG_WORD,
        "CLIENT GETNAME", "CLIENT SETINFO lib-name " LONG_WORD, "CLIENT HELP", "COMMAND",
        "COMMAND COUNT", "COMMAND INFO get client nosuch", "COMMAND DOCS client get",
        "COMMAND LIST FILTERBY ACLCAT read", "COMMAND GETKEYS MSET a 1 b 2 c 3",
        "CONFIG GET * max* timeout", "CONFIG SET maxmemory 0 timeout 0 save " LONG_WORD,
        "CONFIG SET requirepass " LONG_WORD " hz 10 timeout 10", "CONFIG RESETSTAT", "INFO",
        "INFO everything", "INFO " LONG_WORD, "MEMORY USAGE k SAMPLES 5", "OBJECT ENCODING k",
        "OBJECT HELP", "DEBUG ERROR " LONG_WORD, "DEBUG SLEEP " LONG_WORD, "GET k", "GET nokey",
        "GETRANGE k 0 -1", "STRLEN k", "MGET k n nokey k k k k k k k k k k k k k k k k k k k k k",
        "EXISTS k n nokey 1 2 3 4 5 6 7 8 9 10 11 12 13", "TTL n", "TYPE h", "KEYS *",
        "SCAN 0 COUNT 1000 MATCH *", "RANDOMKEY", "DBSIZE", "HGETALL h", "HSCAN h 0 COUNT 1000",
        "HMGET h field1 field2 nosuch", "HVALS h", LONG_WORD " " LONG_WORD, "CONFIG " LONG_WORD));

INSTANTIATE_TEST_SUITE_P(
    CommandsThatChangeKeys, FailedAllocation,
    testing::Values("SET w " LONG_WORD, "SET w " LONG_WORD " EX 100 GET", "SETNX x " LONG_WORD,
                    "MSET a " LONG_WORD " b 1 c 2 d 3", "APPEND w " LONG_WORD, "INCR i",
                    "INCRBYFLOAT f 1.5", "SETRANGE w 300 " LONG_WORD, "GETSET w " LONG_WORD,
                    "GETDEL w", "DEL a b c", "UNLINK h", "EXPIRE n 100", "PERSIST n", "RENAME n m",
                    "HSET h2 " LONG_WORD " " LONG_WORD, "HSET h new " LONG_WORD,
                    "HDEL h field1 field2", "HINCRBY h2 i 5"));

// ---- Connections ----------------------------------------------------------------------------------

class FailedAllocationOfConnection : public testing::Test {
 protected:
  ~FailedAllocationOfConnection() override {
    polled.server().Stop();
    io.poll();
    EXPECT_EQ(descriptors->used(), 0);
  }
  // Runs `script` on a new connection, its n-th allocation failing. Returns whether there was one.
  template <typename Failure>
  bool Survives(std::string_view script, uint64_t n, bool ended_by_client) {
    bool failed;
    {
      const RawClient client(server->port());
      EXPECT_TRUE(client.connected());
      client.Send(script);
      {
        Failure failing(n);
        io.poll();
        failed = failing.failed();
      }
      io.poll();
      bool closed;
      client.ReceiveWithoutWaiting(&closed);
      if (!ended_by_client) {
        EXPECT_EQ(closed ? 0u : 1u, Registered());
      }
      if (!failed) {
        EXPECT_EQ(closed, ended_by_client);
      }
    }
    // A sleep may still have to end.
    while (Registered() > 0 && io.run_one_for(kLong) > 0) {
    }
    EXPECT_EQ(Registered(), 0u);
    EXPECT_EQ(descriptors->used(), 0);
    EXPECT_FALSE(server->state().hold.raised());
    ExpectService();
    return failed;
  }
  template <typename Failure>
  void SurvivesAll(std::string_view script, bool ended_by_client = false) {
    for (uint64_t n = 1; n < 100'000; ++n) {
      SCOPED_TRACE(n);
      if (!Survives<Failure>(script, n, ended_by_client) || HasFailure()) return;
    }
    ADD_FAILURE() << "too many allocations";
  }
  void ExpectService() {
    const RawClient client(server->port());
    client.Send("PING\r\n");
    std::string reply;
    bool closed = false;
    while (reply.empty() && !closed && io.run_one_for(kLong) > 0) {
      reply = client.ReceiveWithoutWaiting(&closed);
    }
    EXPECT_EQ(reply, "+PONG\r\n");
  }
  static constexpr std::chrono::seconds kLong{10};
  size_t Registered() { return server->state().clients.size(); }

  const std::shared_ptr<api::DescriptorBudget> descriptors =
      std::make_shared<api::DescriptorBudget>(100);
  PolledServer polled{{.descriptors = descriptors}};
  boost::asio::io_context& io = polled.io();
  Server* const server = &polled.server();
};

std::string ScriptOfManyCommands() {
  std::string script = "PING\r\n";
  for (const char* line : {"CLIENT SETNAME " LONG_WORD, "CLIENT LIST", "CONFIG GET *", "INFO",
                           "COMMAND", "GET nokey"}) {
    Line words;
    for (const std::string_view word : Words(line)) words.emplace_back(word);
    script += Encode(words);
  }
  Line many = {"EXISTS"};  // more arguments than a batch holds in place, and of an odd size
  for (int i = 0; i < 3000; ++i) many.push_back("key" + std::to_string(i));
  script += Encode(many);
  script += Encode({"ECHO", std::string(300'000, 'e')});
  return script;
}

TEST_F(FailedAllocationOfConnection, ClosesThatConnectionOnly) {
  SurvivesAll<FailingAllocation>(ScriptOfManyCommands());
}

TEST_F(FailedAllocationOfConnection, OfAllMemoryClosesThatConnectionOnly) {
  SurvivesAll<ExhaustedMemory>(ScriptOfManyCommands());
}

TEST_F(FailedAllocationOfConnection, EndsASleepOfTheNode) {
  SurvivesAll<FailingAllocation>("DEBUG SLEEP 0.000001\r\nPING\r\n");
  SurvivesAll<ExhaustedMemory>("DEBUG SLEEP 0.000001\r\nPING\r\n");
}

TEST_F(FailedAllocationOfConnection, LeavesAnUnfinishedCommandToItsEnd) {
  const std::string script = "*2\r\n$4\r\nECHO\r\n$200000\r\n" + std::string(150'000, 'e');
  SurvivesAll<FailingAllocation>(script);
  SurvivesAll<ExhaustedMemory>(script);
}

TEST_F(FailedAllocationOfConnection, DoesNotKeepQuitFromClosing) {
  SurvivesAll<FailingAllocation>("PING\r\nQUIT\r\n", /*ended_by_client=*/true);
  SurvivesAll<ExhaustedMemory>("PING\r\nQUIT\r\n", /*ended_by_client=*/true);
}

TEST_F(FailedAllocationOfConnection, ServerStopsWithoutMemory) {
  const RawClient idle(server->port()), sleeping(server->port()), held(server->port());
  io.poll();
  sleeping.Send("DEBUG SLEEP 1000\r\n");
  io.poll();
  held.Send("PING\r\n");
  io.poll();
  ASSERT_EQ(Registered(), 3u);
  {
    const ExhaustedMemory exhausted(1);
    server->Stop();
    io.poll();
  }
  EXPECT_EQ(Registered(), 0u);
  EXPECT_TRUE(io.stopped()) << "nothing is left to be done";
}

}  // namespace
}  // namespace dcs::resp
