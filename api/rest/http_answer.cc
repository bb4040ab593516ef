#include "api/rest/http_answer.h"

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <utility>

namespace dcs::rest {
namespace {

namespace http = boost::beast::http;

bool HasBody(int status) { return status >= 200 && status != 204 && status != 304; }

}  // namespace

http::message_generator ToBeast(HttpResponse response, const AnswerForm& form) {
  const bool head = form.head;
  const auto fill = [&](auto& message) {
    message.version(11);
    message.result(static_cast<unsigned>(response.status));
    message.keep_alive(form.keep_alive);
    // An HTTP/1.0 client keeps the connection only if the answer says so (RFC 9112, C.2.2).
    if (form.keep_alive && form.version < 11) message.set(http::field::connection, "keep-alive");
    message.set(http::field::date, form.date);
    for (const Header& header : response.headers.all()) message.insert(header.name, header.value);
    if (HasBody(response.status)) message.content_length(response.body.size());
  };
  if (head || !HasBody(response.status)) {
    http::response<http::empty_body> message;
    fill(message);
    return message;
  }
  http::response<http::string_body> message;
  fill(message);
  message.body() = std::move(response.body);
  return message;
}

}  // namespace dcs::rest
