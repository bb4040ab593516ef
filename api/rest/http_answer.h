// An HttpResponse as it goes out: status line, headers, body.
//
// Thread safety: free function without state.
#pragma once

#include <boost/beast/http/message_generator.hpp>
#include <string>

#include "api/rest/http_message.h"

namespace dcs::rest {

// What decides the form of an answer beside its content.
struct AnswerForm {
  unsigned version;  // of the request: 10 or 11
  bool head;         // the request is HEAD: the headers that GET would get (RFC 9110, 9.3.2)
  bool keep_alive;
  std::string date;  // for the header Date
};

boost::beast::http::message_generator ToBeast(HttpResponse response, const AnswerForm& form);

}  // namespace dcs::rest
