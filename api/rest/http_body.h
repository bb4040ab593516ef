// Receives the body of one request: keeps, hashes or discards it. Implements Beast's Body concept.
//
// The buffer grows with the bytes received, not with the announced Content-Length. Each growth is
// counted in a BodyBudget first.
//
// Errors that end reading: no_buffer_space if the budget is used up, not_enough_memory if an
// allocation fails. Nothing throws.
//
// Thread safety: one thread.
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/optional.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "api/rest/body_budget.h"
#include "api/rest/digest.h"

namespace dcs::rest {

struct HttpBody {
  struct value_type {
    std::string bytes;
    std::optional<Sha256Stream> hash;    // if set, hashes the received bytes
    BodyBudget::Share* share = nullptr;  // nullptr: `bytes` stays empty
  };

  class reader {
   public:
    template <bool is_request, class Fields>
    reader(boost::beast::http::header<is_request, Fields>&, value_type& body) : body_(body) {}

    void init(const boost::optional<uint64_t>& length, boost::beast::error_code& error);
    template <class Buffers>
    size_t put(const Buffers& buffers, boost::beast::error_code& error) {
      size_t taken = 0;
      for (const boost::asio::const_buffer piece : boost::beast::buffers_range_ref(buffers)) {
        Append({static_cast<const char*>(piece.data()), piece.size()}, error);
        if (error) return taken;
        taken += piece.size();
      }
      return taken;
    }
    void finish(boost::beast::error_code& error) { error = {}; }

   private:
    void Append(std::string_view piece, boost::beast::error_code& error);

    value_type& body_;
    std::optional<uint64_t> length_;  // nullopt: not announced
  };
};

}  // namespace dcs::rest
