#include "bench/side_by_side/sweep.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <charconv>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "bench/side_by_side/reply_counter.h"
#include "bench/side_by_side/requests.h"

namespace dcs::bench {
namespace {

namespace http = boost::beast::http;

constexpr size_t kReceiveBytes = 64 << 10;
constexpr std::string_view kKeysAStep = "1000";

class HttpSweep : public Sweep {
 public:
  HttpSweep(Socket socket, const std::string& instance_id)
      : Sweep(std::move(socket)),
        request_("POST /_sim/sweep?instance_id=" + instance_id +
                 " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n"),
        received_(kReceiveBytes) {}

  absl::Status Start() override { return socket_.Send(request_).status(); }

  absl::StatusOr<bool> Advance() override {
    const auto bytes = socket_.Receive(received_.data(), received_.size());
    if (!bytes.ok()) return bytes.status();
    answer_ += *bytes;
    // The parser needs the whole header at once, so each attempt starts with all bytes received so
    // far.
    http::response_parser<http::string_body> parser;
    parser.eager(true);
    boost::system::error_code error;
    parser.put(boost::asio::buffer(answer_), error);
    if (error == http::error::need_more) return false;
    if (error) return absl::InternalError("the sweep's answer is not HTTP: " + error.message());
    if (!parser.is_done()) return false;
    return TakeAnswer(parser.get());
  }

  std::optional<OwnAccount> own_account() const override { return account_; }

 private:
  absl::StatusOr<bool> TakeAnswer(const http::response<http::string_body>& answer) {
    const auto json = nlohmann::json::parse(answer.body(), nullptr, false);
    if (answer.result() != http::status::ok || !json.is_object()) {
      return absl::InternalError("POST /_sim/sweep was answered " +
                                 std::to_string(answer.result_int()) + " " + answer.body());
    }
    account_ = OwnAccount{json.value("released", uint64_t{0}), json.value("seconds", 0.0),
                          json.value("cpu_seconds", 0.0)};
    return true;
  }

  const std::string request_;
  std::vector<char> received_;
  std::string answer_;
  std::optional<OwnAccount> account_;
};

class ScanSweep : public Sweep {
 public:
  explicit ScanSweep(Socket socket) : Sweep(std::move(socket)), received_(kReceiveBytes) {}

  absl::Status Start() override { return Ask("0"); }

  absl::StatusOr<bool> Advance() override {
    const auto bytes = socket_.Receive(received_.data(), received_.size());
    if (!bytes.ok()) return bytes.status();
    if (head_.size() < kHeadBytes) head_ += bytes->substr(0, kHeadBytes - head_.size());
    const size_t replies = replies_.Feed(*bytes);
    if (replies_.broken() || replies_.errors() > 0) {
      return absl::InternalError("SCAN was answered " + replies_.first_error());
    }
    if (replies == 0) return false;
    const std::string cursor = Cursor();
    if (cursor.empty()) return absl::InternalError("SCAN's answer has no cursor");
    if (cursor == "0") return true;
    if (absl::Status status = Ask(cursor); !status.ok()) return status;
    return false;
  }

 private:
  static constexpr size_t kHeadBytes = 64;  // enough to hold the cursor

  absl::Status Ask(const std::string& cursor) {
    head_.clear();
    return socket_.Send(EncodeRequest({"SCAN", cursor, "COUNT", kKeysAStep})).status();
  }

  // The third line of "*2\r\n$3\r\n896\r\n*...".
  std::string Cursor() const {
    size_t start = 0;
    for (int line = 0; line < 2; ++line) {
      start = head_.find('\n', start);
      if (start == std::string::npos) return {};
      ++start;
    }
    return head_.substr(start, head_.find('\r', start) - start);
  }

  std::vector<char> received_;
  ReplyCounter replies_;
  std::string head_;  // the first bytes of the current reply
};

}  // namespace

absl::Status Sweep::Run() {
  if (absl::Status status = Start(); !status.ok()) return status;
  while (true) {
    const absl::StatusOr<bool> ended = Advance();
    if (!ended.ok()) return ended.status();
    if (*ended) return absl::OkStatus();
  }
}

absl::StatusOr<std::unique_ptr<Sweep>> PrepareSweep(const RunningServer& server,
                                                    Blocking blocking) {
  const bool by_http = server.contender().sweep == SweepKind::kHttp;
  auto socket = Socket::Connect(by_http ? server.http_port() : server.resp_port(), blocking);
  if (!socket.ok()) return socket.status();
  std::unique_ptr<Sweep> sweep;
  if (by_http) {
    sweep = std::make_unique<HttpSweep>(*std::move(socket), server.instance_id());
  } else {
    sweep = std::make_unique<ScanSweep>(*std::move(socket));
  }
  return sweep;
}

}  // namespace dcs::bench
