#include "api/rest/origin_check.h"

#include <gtest/gtest.h>

#include <string>

namespace dcs::rest {
namespace {

// The refused header: "host", "origin" or "" for none.
std::string Refused(const OriginCheck& check, Headers headers, std::string_view method = "POST",
                    std::string_view target = "/_sim/reset") {
  const auto refusal = check.Refusal(*MakeRequest(method, target, std::move(headers), ""));
  if (!refusal) return "";
  return *refusal == ErrorId::kForeignHost ? "host" : "origin";
}

class OriginCheckTest : public testing::Test {
 protected:
  std::string WithHost(const OriginCheck& check, std::string_view host) {
    return Refused(check, {{"Host", std::string(host)}});
  }
  std::string WithOrigin(const OriginCheck& check, std::string_view origin,
                         std::string_view host = "localhost:8080") {
    return Refused(check, {{"Host", std::string(host)}, {"Origin", std::string(origin)}});
  }

  const OriginCheck loopback{{.hosts = HostRule::kLoopback}, "http"};
  const OriginCheck any{{}, "http"};
};

// ---- Host

TEST_F(OriginCheckTest, Loopback_RefusesOtherHosts) {
  for (const std::string_view host :
       {"localhost", "localhost:1", "LOCALHOST", "127.0.0.1:8080", "127.9.9.9", "[::1]:8080"}) {
    EXPECT_EQ(WithHost(loopback, host), "") << host;
  }
  for (const std::string_view host :
       {"evil.com", "evil.com:8080", "localhost.evil.com", "127.0.0.1.evil.com", "192.0.2.1",
        "0.0.0.0", "[2001:db8::1]", "", "user@localhost", "localhost evil.com", "h"}) {
    EXPECT_EQ(WithHost(loopback, host), "host") << host;
    EXPECT_EQ(WithHost(any, host), "") << host;
  }
}

TEST_F(OriginCheckTest, AllowedHostPassesWithAnyPort) {
  const OriginCheck check({.hosts = HostRule::kLoopback, .allowed_hosts = {"dcs-sim", "192.0.2.1"}},
                          "http");
  EXPECT_EQ(WithHost(check, "dcs-sim"), "");
  EXPECT_EQ(WithHost(check, "DCS-SIM:8080"), "");
  EXPECT_EQ(WithHost(check, "192.0.2.1:1"), "");
  EXPECT_EQ(WithHost(check, "dcs-sim.evil.com"), "host");
  EXPECT_EQ(WithHost(check, "192.0.2.2"), "host");
}

TEST_F(OriginCheckTest, Addresses_AcceptsAddressesNotNames) {
  const OriginCheck check({.hosts = HostRule::kAddresses, .allowed_hosts = {"dcs-sim"}}, "http");
  for (const std::string_view host : {"dcs-sim", "localhost", "192.0.2.1:80", "[2001:db8::1]"}) {
    EXPECT_EQ(WithHost(check, host), "") << host;
  }
  EXPECT_EQ(WithHost(check, "evil.com"), "host");
}

TEST_F(OriginCheckTest, RequestWithoutHostPasses) { EXPECT_EQ(Refused(loopback, {}), ""); }

TEST_F(OriginCheckTest, EveryHostHeaderIsChecked) {
  EXPECT_EQ(Refused(loopback, {{"Host", "localhost"}, {"host", "evil.com"}}), "host");
}

TEST_F(OriginCheckTest, AbsoluteTargetIsCheckedLikeHost) {
  const auto with_target = [&](std::string_view target) {
    return Refused(loopback, {{"Host", "localhost"}}, "GET", target);
  };
  EXPECT_EQ(with_target("http://127.0.0.1:8080/_sim/health"), "");
  EXPECT_EQ(with_target("HTTPS://localhost"), "");
  for (const std::string_view target :
       {"http://evil.com/_sim/health", "http://evil.com?x", "http://localhost@evil.com/",
        "http://localhost.evil.com", "http:///x"}) {
    EXPECT_EQ(with_target(target), "host") << target;
  }
  EXPECT_EQ(Refused(loopback, {{"Host", "evil.com"}}, "GET", "http://localhost/"), "host");
}

// ---- Origin

TEST_F(OriginCheckTest, ForeignOriginIsRefused) {
  for (const std::string_view origin :
       {"http://evil.com", "https://evil.com:8080", "null", "", "http://localhost:8081",
        "http://localhost", "https://localhost:8080", "http://127.0.0.1:8080",
        "http://localhost:8080/", "http://localhost:8080.evil.com",
        "http://localhost:8080@evil.com", "localhost:8080", "file://", "chrome-extension://abc",
        "http://localhost:8080, null"}) {
    EXPECT_EQ(WithOrigin(loopback, origin), "origin") << origin;
    EXPECT_EQ(WithOrigin(any, origin), "origin") << origin;
  }
}

TEST_F(OriginCheckTest, OwnOriginPasses) {
  EXPECT_EQ(WithOrigin(loopback, "http://localhost:8080"), "");
  EXPECT_EQ(WithOrigin(loopback, "HTTP://LocalHost:8080"), "");
  EXPECT_EQ(WithOrigin(loopback, "http://127.0.0.1:8080", "127.0.0.1:8080"), "");
  EXPECT_EQ(WithOrigin(loopback, "http://[::1]:8080", "[::1]:8080"), "");
  EXPECT_EQ(WithOrigin(any, "http://192.0.2.1:8080", "192.0.2.1:8080"), "");
}

TEST_F(OriginCheckTest, DefaultPortDependsOnTheScheme) {
  EXPECT_EQ(WithOrigin(loopback, "http://localhost", "localhost:80"), "");
  EXPECT_EQ(WithOrigin(loopback, "http://localhost:80", "localhost"), "");
  const OriginCheck tls({.hosts = HostRule::kLoopback}, "https");
  EXPECT_EQ(WithOrigin(tls, "https://localhost:443", "localhost"), "");
  EXPECT_EQ(WithOrigin(tls, "https://localhost:8080"), "");
  EXPECT_EQ(WithOrigin(tls, "http://localhost:8080"), "origin");
}

// After DNS rebinding both headers hold the name of the attacker's page.
TEST_F(OriginCheckTest, OwnOriginByUncheckedName_IsForeign) {
  EXPECT_EQ(WithOrigin(any, "http://evil.com:8080", "evil.com:8080"), "origin");
  const OriginCheck check({.allowed_hosts = {"dcs-sim"}}, "http");
  EXPECT_EQ(WithOrigin(check, "http://dcs-sim:8080", "dcs-sim:8080"), "");
}

TEST_F(OriginCheckTest, OriginWithoutHostIsForeign) {
  EXPECT_EQ(Refused(loopback, {{"Origin", "http://localhost"}}), "origin");
}

TEST_F(OriginCheckTest, AbsoluteTargetNamesTheOwnOrigin) {
  const Headers headers = {{"Host", "localhost:8080"}, {"Origin", "http://127.0.0.1:8080"}};
  EXPECT_EQ(Refused(loopback, headers, "POST", "http://127.0.0.1:8080/_sim/reset"), "");
  EXPECT_EQ(Refused(loopback, headers, "POST", "http://localhost:8080/_sim/reset"), "origin");
}

TEST_F(OriginCheckTest, TwoOriginHeadersAreForeign) {
  const Header own{"Origin", "http://localhost:8080"};
  EXPECT_EQ(Refused(loopback, {{"Host", "localhost:8080"}, own, own}), "origin");
}

TEST_F(OriginCheckTest, AllowedOriginPasses) {
  const OriginCheck check(
      {.hosts = HostRule::kLoopback, .allowed_origins = {"http://localhost:3000", "https://a.com"}},
      "http");
  EXPECT_EQ(WithOrigin(check, "http://localhost:3000"), "");
  EXPECT_EQ(WithOrigin(check, "https://a.com"), "");
  EXPECT_EQ(WithOrigin(check, "https://A.com:443"), "");
  EXPECT_EQ(WithOrigin(check, "http://a.com"), "origin");
  EXPECT_EQ(WithOrigin(check, "https://a.com.evil.com"), "origin");
  EXPECT_EQ(WithOrigin(check, "https://a.com", "evil.com"), "host")
      << "Host is checked all the same";
}

TEST_F(OriginCheckTest, AllowedOriginIsReturnedAsSent) {
  const OriginCheck check({.allowed_origins = {"https://a.com"}}, "http");
  const HttpRequest allowed = *MakeRequest("GET", "/", {{"Origin", "https://A.com"}}, "");
  ASSERT_NE(check.AllowedOrigin(allowed), nullptr);
  EXPECT_EQ(*check.AllowedOrigin(allowed), "https://A.com");
  EXPECT_EQ(check.AllowedOrigin(*MakeRequest("GET", "/", {{"Origin", "https://b.com"}}, "")),
            nullptr);
  EXPECT_EQ(check.AllowedOrigin(*MakeRequest("GET", "/", {}, "")), nullptr);
}

// ---- Requests of browsers without an Origin

TEST_F(OriginCheckTest, CrossSiteSubresourceIsRefused) {
  const auto fetched = [&](const char* site, const char* mode, std::string_view method = "GET") {
    return Refused(loopback,
                   {{"Host", "localhost"}, {"Sec-Fetch-Site", site}, {"Sec-Fetch-Mode", mode}},
                   method, "/_sim/census");
  };
  EXPECT_EQ(fetched("cross-site", "no-cors"), "origin");
  EXPECT_EQ(fetched("same-site", "no-cors"), "origin");
  EXPECT_EQ(fetched("cross-site", "navigate", "POST"), "origin");
  EXPECT_EQ(fetched("cross-site", "navigate"), "") << "a link to the server";
  EXPECT_EQ(fetched("same-origin", "cors"), "");
  EXPECT_EQ(fetched("none", "navigate"), "");
}

// ---- The options' forms

TEST(NormalHost, IsLowerCaseWithoutPort) {
  EXPECT_EQ(NormalHost("DCS-Sim"), "dcs-sim");
  EXPECT_EQ(NormalHost("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(NormalHost("2001:DB8::1"), "2001:db8::1");
  EXPECT_EQ(NormalHost("[2001:db8::1]"), "2001:db8::1");
  for (const std::string_view text : {"", "a:80", "a:", "http://a", "a/b", "*", "a b"}) {
    EXPECT_EQ(NormalHost(text), std::nullopt) << text;
  }
}

TEST(NormalOrigin, IsLowerCaseWithoutDefaultPort) {
  EXPECT_EQ(NormalOrigin("HTTP://A.com:80"), "http://a.com");
  EXPECT_EQ(NormalOrigin("https://a.com:443"), "https://a.com");
  EXPECT_EQ(NormalOrigin("https://a.com:80"), "https://a.com:80");
  EXPECT_EQ(NormalOrigin("http://[::1]:3000"), "http://[::1]:3000");
  for (const std::string_view text : {"", "*", "null", "a.com", "http://", "ftp://a.com",
                                      "http://a.com/", "http:/a.com", "http"}) {
    EXPECT_EQ(NormalOrigin(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace dcs::rest
