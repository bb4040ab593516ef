#include "api/rest/authority.h"

#include <gtest/gtest.h>

#include <string>

namespace dcs::rest {
namespace {

// "host kind port", or "none".
std::string Parsed(std::string_view text) {
  const auto authority = ParseAuthority(text);
  if (!authority) return "none";
  const char* kinds[] = {"name", "address", "loopback"};
  return authority->host + " " + kinds[static_cast<int>(authority->kind)] + " " +
         (authority->port ? std::to_string(*authority->port) : "-");
}

TEST(Authority, DistinguishesNamesAndAddresses) {
  EXPECT_EQ(Parsed("example.com"), "example.com name -");
  EXPECT_EQ(Parsed("Example.COM:8080"), "example.com name 8080");
  EXPECT_EQ(Parsed("dcs_sim-1"), "dcs_sim-1 name -");
  EXPECT_EQ(Parsed("192.0.2.1:80"), "192.0.2.1 address 80");
  EXPECT_EQ(Parsed("0.0.0.0"), "0.0.0.0 address -");
  EXPECT_EQ(Parsed("[2001:DB8:0::1]:80"), "2001:db8::1 address 80");
  EXPECT_EQ(Parsed("[::]"), ":: address -");
}

TEST(Authority, LoopbackIsLocalhostAndLoopbackAddressesOnly) {
  EXPECT_EQ(Parsed("localhost"), "localhost loopback -");
  EXPECT_EQ(Parsed("LocalHost:65535"), "localhost loopback 65535");
  EXPECT_EQ(Parsed("127.0.0.1"), "127.0.0.1 loopback -");
  EXPECT_EQ(Parsed("127.255.255.254:0"), "127.255.255.254 loopback 0");
  EXPECT_EQ(Parsed("[::1]:8080"), "::1 loopback 8080");
  EXPECT_EQ(Parsed("[0:0:0:0:0:0:0:1]"), "::1 loopback -");
  EXPECT_EQ(Parsed("[::ffff:127.0.0.1]"), "127.0.0.1 loopback -");
  EXPECT_EQ(Parsed("[::ffff:7f00:1]"), "127.0.0.1 loopback -");
  for (const std::string_view other :
       {"localhost.", "localhost.evil.com", "127.0.0.1.evil.com", "127.1", "2130706433", "0x7f.1",
        "128.0.0.1", "127.0.0.256", "evil.localhost", "[::ffff:128.0.0.1]", "[::2]"}) {
    EXPECT_EQ(Parsed(other).find("loopback"), std::string::npos) << other;
  }
}

TEST(Authority, EmptyPortCountsAsNone) { EXPECT_EQ(Parsed("localhost:"), "localhost loopback -"); }

TEST(Authority, RefusesInvalidAuthorities) {
  for (const std::string_view text : {"",
                                      ":",
                                      ":80",
                                      " ",
                                      "a b",
                                      " localhost",
                                      "localhost ",
                                      "localhost:80 ",
                                      "localhost:x",
                                      "localhost:-1",
                                      "localhost:+1",
                                      "localhost:65536",
                                      "localhost:000080",
                                      "localhost:80:80",
                                      "user@localhost",
                                      "localhost@evil.com",
                                      "localhost/",
                                      "localhost?",
                                      "localhost#",
                                      "localhost\\",
                                      "::1",
                                      "[::1",
                                      "::1]",
                                      "[::1]x",
                                      "[]",
                                      "[:]",
                                      "[localhost]",
                                      "[127.0.0.1]",
                                      "[fe80::1%lo]",
                                      "a,b",
                                      "%6cocalhost",
                                      "l\xc3\xb6kal"}) {
    EXPECT_EQ(Parsed(text), "none") << text;
  }
  EXPECT_EQ(Parsed(std::string(254, 'a')), "none");
  EXPECT_EQ(Parsed(std::string_view("[::1\0]", 6)), "none");
}

TEST(Authority, NetworkIsAnIpv4AddressOrAnIpv6Prefix) {
  EXPECT_EQ(NetworkOf("192.0.2.1"), "192.0.2.1");
  EXPECT_NE(NetworkOf("192.0.2.1"), NetworkOf("192.0.2.2"));
  EXPECT_EQ(NetworkOf("::ffff:192.0.2.1"), NetworkOf("192.0.2.1"));
  EXPECT_EQ(NetworkOf("2001:db8:1:2::1"), NetworkOf("2001:db8:1:2:ffff:ffff:ffff:ffff"));
  EXPECT_NE(NetworkOf("2001:db8:1:2::1"), NetworkOf("2001:db8:1:3::1"));
  EXPECT_EQ(NetworkOf("fe80::1%3"), NetworkOf("fe80::2"));
  EXPECT_EQ(NetworkOf(""), "");
}

}  // namespace
}  // namespace dcs::rest
