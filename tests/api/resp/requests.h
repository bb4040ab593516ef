// Commands as a client sends them: encoded, and at random with all that may change what follows.
#pragma once

#include <random>
#include <string>
#include <vector>

namespace dcs::resp {

using Line = std::vector<std::string>;
using Lines = std::vector<Line>;

inline std::string Encode(const Line& args) {
  std::string bytes = "*" + std::to_string(args.size()) + "\r\n";
  for (const std::string& arg : args) {
    bytes += "$" + std::to_string(arg.size()) + "\r\n" + arg + "\r\n";
  }
  return bytes;
}

// So many pieces of a stream: most are commands on a few keys; the others log in and out, change the
// protocol or what is replied, are inline, empty or unknown, and now and then nothing that could be
// read. No reply to any of them depends on the connection or on when it comes.
inline std::string RandomStream(std::mt19937_64& random, size_t pieces) {
  const auto key = [&] { return "k" + std::to_string(random() % 5); };
  const auto on_keys = [&]() -> Line {
    switch (random() % 12) {
      case 0:
        return {"SET", key(), std::string(random() % 40, 'v')};
      case 1:
        return {"MSET", key(), "1", key(), "2"};
      case 2:
        return {"MGET", key(), key(), key()};
      case 3:
        return {"DEL", key(), key()};
      case 4:
        return {"INCR", key()};
      case 5:
        return {"HSET", key(), "f", "v"};
      case 6:
        return {"GET", key(), "too many"};
      case 7:
        return {"RENAME", key(), key()};
      case 8:
        return {"EXPIRE", key(), "100"};
      default:
        return {"GET", key()};
    }
  };
  const Lines others = {{"AUTH", "secret"},
                        {"AUTH", "secret"},
                        {"AUTH", "wrong"},
                        {"RESET"},
                        {"HELLO", "3"},
                        {"HELLO", "2", "AUTH", "default", "secret"},
                        {"CLIENT", "REPLY", "OFF"},
                        {"CLIENT", "REPLY", "SKIP"},
                        {"CLIENT", "REPLY", "ON"},
                        {"CONFIG", "SET", "maxmemory", "0"},
                        {"PING"},
                        {"ECHO", std::string(20'000, 'e')},
                        {"NOSUCH", "k"},
                        {"OBJECT", "ENCODING", "k1"},
                        {"MGET", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10"},
                        {"EXISTS", "k1", "k2"}};
  const std::string raw[] = {"\r\n",    "*0\r\n", "get k1\r\n", "set k2 'a b'\r\n",
                             "*-3\r\n", "PING\n"};
  const std::string ends[] = {"*1\r\n:1\r\n",           "*x\r\n",         "get 'k\r\n",
                              "*1\r\n$99999999999\r\n", Encode({"QUIT"}), "*2\r\n$3\r\nGET\r\n$1",
                              "POST / HTTP/1.1\r\n"};
  std::string stream;
  while (pieces-- > 0) {
    const uint64_t choice = random() % 100;
    if (choice < 75) {
      stream += Encode(on_keys());
    } else if (choice < 92) {
      stream += Encode(others[random() % others.size()]);
    } else if (choice < 98) {
      stream += raw[random() % std::size(raw)];
    } else {
      stream += ends[random() % std::size(ends)];
    }
  }
  return stream;
}

}  // namespace dcs::resp
