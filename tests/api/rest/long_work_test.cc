// Tests of long answers, from the handler through server, connection and background thread.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "api/rest/http_server.h"
#include "tests/api/rest/loopback_server.h"

namespace dcs::rest {
namespace {

using testing::ElementsAre;

std::string Get(std::string_view target) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n\r\n";
}

// Work under "/gate..." announces its start and waits for the test; work under "/long..." ends at
// once; "/throw" throws. Other paths are answered without work.
class LongWorkTest : public testing::Test {
 protected:
  ~LongWorkTest() override { LetGo(); }

  HttpReply Handle(const HttpRequest& request) {
    const std::string path = request.raw_path;
    if (path == "/throw") {
      return LongWork([]() -> HttpResponse { throw std::runtime_error("the test's exception"); });
    }
    if (path.starts_with("/gate") || path.starts_with("/long")) {
      asked.push_back(path);
      return LongWork([this, path] {
        most_at_once = std::max(most_at_once, ++at_once);
        worked.push_back(path);
        if (path.starts_with("/gate")) {
          begun.set_value();
          gate.wait();
        }
        --at_once;
        return HttpResponse{.status = 200, .headers = {}, .body = path};
      });
    }
    return HttpResponse{.status = 200, .headers = {}, .body = path};
  }
  HttpServer::Handler handler() {
    return [this](const HttpRequest& request) { return Handle(request); };
  }

  void AwaitBegin() { begun.get_future().wait(); }
  void LetGo() {
    if (!std::exchange(let_go, true)) opened.set_value();
  }
  void AwaitAsked(LoopbackServer& server, size_t count) {
    while (server.Run([this](HttpServer&) { return asked.size(); }) != count) {
      std::this_thread::yield();
    }
  }
  static void AwaitConnections(LoopbackServer& server, size_t count) {
    while (server.Run([](HttpServer& s) { return s.connections(); }) != count) {
      std::this_thread::yield();
    }
  }

  std::promise<void> begun;  // one gate a test
  std::promise<void> opened;
  std::shared_future<void> gate = opened.get_future().share();
  bool let_go = false;
  std::vector<std::string> asked;  // the server's thread's
  // The background thread's, until the server is gone.
  std::vector<std::string> worked;
  int at_once = 0;
  int most_at_once = 0;
};

TEST_F(LongWorkTest, OtherRequestsAreServedDuringWork) {
  LoopbackServer server(handler());
  RawClient asks(server.port());
  asks.Send(Get("/gate"));
  AwaitBegin();
  RawClient other(server.port());
  for (int i = 0; i < 10; ++i) EXPECT_EQ(other.Ask(Get("/other")).body(), "/other");
  LetGo();
  const auto response = asks.Read();
  EXPECT_EQ(response.result_int(), 200u);
  EXPECT_EQ(response.body(), "/gate");
  EXPECT_TRUE(response.keep_alive());
  EXPECT_EQ(asks.Ask(Get("/next")).body(), "/next");
}

TEST_F(LongWorkTest, PipelinedRequestsAreAnsweredInOrder) {
  LoopbackServer server(handler());
  RawClient client(server.port());
  std::string all = Get("/gate");
  for (int i = 0; i < 100; ++i) {
    all += Get("/short" + std::to_string(i)) + Get("/long" + std::to_string(i));
  }
  client.Send(all);
  client.HalfClose();
  AwaitBegin();
  LetGo();
  EXPECT_EQ(client.Read().body(), "/gate");
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(client.Read().body(), "/short" + std::to_string(i));
    EXPECT_EQ(client.Read().body(), "/long" + std::to_string(i));
  }
  EXPECT_EQ(client.ReadToEnd(), "");
  EXPECT_TRUE(client.clean_end());
}

TEST_F(LongWorkTest, RunsInOrderOneAtATime) {
  constexpr size_t kClients = 20;
  {
    LoopbackServer server(handler());
    RawClient first(server.port());
    first.Send(Get("/gate"));
    AwaitBegin();
    std::vector<std::unique_ptr<RawClient>> others;
    for (size_t i = 0; i < kClients; ++i) {
      others.push_back(std::make_unique<RawClient>(server.port()));
      others.back()->Send(Get("/long" + std::to_string(i)));
    }
    AwaitAsked(server, 1 + kClients);
    LetGo();
    EXPECT_EQ(first.Read().body(), "/gate");
    for (size_t i = 0; i < kClients; ++i) {
      EXPECT_EQ(others[i]->Read().body(), "/long" + std::to_string(i));
    }
  }
  EXPECT_EQ(worked, asked);
  EXPECT_EQ(most_at_once, 1);
}

TEST_F(LongWorkTest, ClientDisconnectsDuringWork_IsHarmless) {
  LoopbackServer server(handler());
  {
    RawClient leaves(server.port());
    leaves.Send(Get("/gate") + Get("/never"));
    AwaitBegin();
    RawClient waits(server.port());
    waits.Send(Get("/long1"));
    AwaitAsked(server, 2);
  }
  LetGo();
  AwaitConnections(server, 0);
  EXPECT_EQ(RawClient(server.port()).Ask(Get("/long2")).body(), "/long2");
}

TEST_F(LongWorkTest, ThrowingWork_AnswersInternalError) {
  LoopbackServer server(handler());
  RawClient client(server.port());
  const auto response = client.Ask(Get("/throw"));
  EXPECT_EQ(response.result_int(), 500u);
  EXPECT_EQ(Json::parse(response.body())["error_code"], "DCS.5000");
  EXPECT_EQ(response["X-Request-Id"].size(), 32u);
  EXPECT_EQ(client.Ask(Get("/long")).body(), "/long");
}

TEST_F(LongWorkTest, Stop_AnswersRunningWorkAndDropsWaitingWork) {
  {
    LoopbackServer server(handler());
    RawClient asks(server.port());
    asks.Send(Get("/gate") + Get("/long1"));
    AwaitBegin();
    RawClient waits(server.port());
    waits.Send(Get("/long2"));
    AwaitAsked(server, 2);
    server.Stop();
    server.Run([](HttpServer&) { return 0; });  // it has stopped
    LetGo();
    const auto response = asks.Read();
    EXPECT_EQ(response.body(), "/gate");
    EXPECT_FALSE(response.keep_alive());
    EXPECT_EQ(asks.ReadToEnd(), "");
    EXPECT_TRUE(waits.ReadToEnd().empty());
  }
  EXPECT_THAT(worked, ElementsAre("/gate"));
}

TEST_F(LongWorkTest, Destruction_WaitsForRunningWork) {
  boost::asio::io_context io;
  std::atomic<bool> ended{false};
  auto server = *HttpServer::Start(io, {}, [&](const HttpRequest&) {
    return LongWork([&] {
      begun.set_value();
      gate.wait();
      ended = true;
      return HttpResponse{};
    });
  });
  RawClient idle(server->port());
  RawClient client(server->port());
  client.Send(Get("/"));
  auto begins = begun.get_future();
  while (begins.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
    io.poll();
    std::this_thread::yield();
  }
  // Once the server has begun to stop, and so while it waits.
  std::thread releases([&] {
    idle.ReadToEnd();
    LetGo();
  });
  server.reset();
  EXPECT_TRUE(ended);
  releases.join();
  io.run();  // sends the answer
  EXPECT_EQ(client.Read().result_int(), 200u);
}

TEST_F(LongWorkTest, Work_IsDestroyedOnTheServersThread) {
  std::promise<std::thread::id> ended;
  struct Tells {
    std::promise<std::thread::id>* ended;
    ~Tells() { ended->set_value(std::this_thread::get_id()); }
  };
  LoopbackServer server([&](const HttpRequest&) {
    return LongWork([held = std::make_shared<Tells>(&ended)] { return HttpResponse{}; });
  });
  RawClient client(server.port());
  EXPECT_EQ(client.Ask(Get("/")).result_int(), 200u);
  EXPECT_EQ(ended.get_future().get(),
            server.Run([](HttpServer&) { return std::this_thread::get_id(); }));
}

}  // namespace
}  // namespace dcs::rest
