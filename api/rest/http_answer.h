// Converts an HttpResponse into its wire form: status line, headers, body.
//
// Thread safety: free function without state.
#pragma once

#include <boost/beast/http/message_generator.hpp>
#include <string>

#include "api/rest/http_message.h"

namespace dcs::rest {

// The form of an answer, apart from its content.
struct AnswerForm {
  unsigned version;  // HTTP version of the request: 10 or 11
  bool head;         // the request is HEAD: send the headers of GET (RFC 9110, 9.3.2)
  bool keep_alive;
  std::string date;  // for the header Date
};

boost::beast::http::message_generator ToBeast(HttpResponse response, const AnswerForm& form);

}  // namespace dcs::rest
