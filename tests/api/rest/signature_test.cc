#include "api/rest/signature.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "absl/strings/str_replace.h"
#include "api/rest/digest.h"
#include "api/rest/hex.h"

namespace dcs::rest {
namespace {

using testing::HasSubstr;

const Credential kCredential{"QTWAOYTTINDUT2QVKYUC", "MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc"};
const std::map<std::string, std::string> kSecrets = {
    {"OTHER", "other-secret"}, {kCredential.access_key, kCredential.secret_key}};
constexpr store::TimeMs kNow = 1'592'187'678'000;  // 2020-06-15T02:21:18Z
constexpr std::string_view kDate = "20200615T022118Z";
constexpr std::string_view kScanPath =
    "/v2/a4d31cb6-3d72-4fdc-8ec9-6e3a41e47f71/instances/5560df16-cebf-4473-95c4-d1b573c16e79/"
    "scan-expire-keys-task";

// A request with X-Sdk-Date and an Authorization made of these parts.
HttpRequest Signed(std::string_view method, std::string_view target, Headers headers,
                   std::string body, std::string_view signed_headers, std::string_view signature) {
  headers.Add("X-Sdk-Date", kDate);
  headers.Add("Authorization", "SDK-HMAC-SHA256 Access=" + kCredential.access_key +
                                   ", SignedHeaders=" + std::string(signed_headers) +
                                   ", Signature=" + std::string(signature));
  return *MakeRequest(method, target, std::move(headers), std::move(body));
}

absl::Status Verify(const HttpRequest& request, store::TimeMs now = kNow) {
  const absl::StatusOr<Authorization> authorization = FindAuthorization(request);
  if (!authorization.ok()) return authorization.status();
  const auto secret = kSecrets.find(authorization->access_key);
  if (secret == kSecrets.end()) return absl::UnauthenticatedError("an unknown key");
  return VerifySignature(request, *authorization, secret->second, now);
}

void ExpectRefused(const HttpRequest& request, std::string_view reason, store::TimeMs now = kNow) {
  const absl::Status status = Verify(request, now);
  EXPECT_EQ(status.code(), absl::StatusCode::kUnauthenticated) << reason;
  EXPECT_THAT(std::string(status.message()), HasSubstr(std::string(reason)));
}

HttpRequest SignedScan() {
  HttpRequest request = *MakeRequest(
      "POST", std::string(kScanPath) + "?a=1&b=2",
      {{"Host", "127.0.0.1:8080"}, {"Content-Type", "application/json"}}, R"({"x":1})");
  Sign(request, kCredential, kNow);
  return request;
}

void Replace(HttpRequest& request, std::string_view header, std::string_view from,
             std::string_view to) {
  const std::string value = *request.headers.Find(header);
  const std::string changed = absl::StrReplaceAll(
      value,
      {{absl::string_view(from.data(), from.size()), absl::string_view(to.data(), to.size())}});
  ASSERT_NE(value, changed);
  request.headers.Set(header, changed);
}

// ---- Known answers, computed with Python's hmac and hashlib over handwritten canonical requests

TEST(SignatureVectors, PostWithThreeSignedHeaders) {
  const HttpRequest request =
      Signed("POST", kScanPath, {{"Content-Type", "application/json"}, {"Host", "127.0.0.1:8080"}},
             "", "content-type;host;x-sdk-date",
             "9e6e1b1eada264a804663ba92dc7d8c71c149b3bd582f05023e6cb584f47245c");
  EXPECT_TRUE(Verify(request).ok()) << Verify(request);
}

TEST(SignatureVectors, SignerMatchesTheVectors) {
  HttpRequest request = *MakeRequest(
      "POST", kScanPath, {{"Content-Type", "application/json"}, {"Host", "127.0.0.1:8080"}}, "");
  Sign(request, kCredential, kNow);
  EXPECT_EQ(*request.headers.Find("X-Sdk-Date"), kDate);
  EXPECT_EQ(*request.headers.Find("Authorization"),
            "SDK-HMAC-SHA256 Access=QTWAOYTTINDUT2QVKYUC, "
            "SignedHeaders=content-type;host;x-sdk-date, "
            "Signature=9e6e1b1eada264a804663ba92dc7d8c71c149b3bd582f05023e6cb584f47245c");
}

TEST(SignatureVectors, QueryInAnyOrderWithoutContentType) {
  const HttpRequest request = Signed(
      "GET",
      "/v2/a4d31cb6-3d72-4fdc-8ec9-6e3a41e47f71/instances/"
      "5560df16-cebf-4473-95c4-d1b573c16e79/auto-expire/histories"
      "?status=running&offset=0&limit=10",
      {}, "", "x-sdk-date", "8d33f394da612131bf54cc80a8402fca62bc11973d288e84082c5acd12ebfd75");
  EXPECT_TRUE(Verify(request).ok()) << Verify(request);
}

TEST(SignatureVectors, SignedBody) {
  const HttpRequest request =
      Signed("PUT",
             "/v2/a4d31cb6-3d72-4fdc-8ec9-6e3a41e47f71/instances/"
             "5560df16-cebf-4473-95c4-d1b573c16e79/scan-expire-keys/autoscan-config",
             {{"X-Project-Id", "a4d31cb6-3d72-4fdc-8ec9-6e3a41e47f71"}},
             R"({"enable_auto_scan":false})", "x-project-id;x-sdk-date",
             "b5f6ba45e4076a1bd5cf3e0cbc18c9961e520a6301c517120d0c0b3144422fbf");
  EXPECT_TRUE(Verify(request).ok()) << Verify(request);
}

TEST(SignatureVectors, UnsignedBody) {
  for (const std::string_view body : {"", "anything"}) {
    const HttpRequest request =
        Signed("POST", kScanPath, {{"X-Sdk-Content-Sha256", "UNSIGNED-PAYLOAD"}}, std::string(body),
               "x-sdk-content-sha256;x-sdk-date",
               "7f6bbfed88c89b98c9aa86baac96d77727043b361769df4cd8a0b1eca32eda1d");
    EXPECT_TRUE(Verify(request).ok()) << Verify(request);
  }
}

TEST(SignatureVectors, UnfilledPlaceholderInEachSdksForm) {
  const std::string path =
      "/v2/a4d31cb6-3d72-4fdc-8ec9-6e3a41e47f71/instances/%7Binstance_id%7D/scan-expire-keys-task";
  for (const std::string_view signature :
       // Decoded and encoded again (Python); encoded unchanged (Go, Node, Java).
       {"5a0c82b97303120390d1021a580bd1095ecb518f79fe161d2a7e7acc7c1ec161",
        "4518cdbde2e93a74d511005a53dd9cfd1073c4d6ee479c154b6ff8fe6c52a6fa"}) {
    const HttpRequest request = Signed("POST", path, {}, "", "x-sdk-date", signature);
    EXPECT_TRUE(Verify(request).ok()) << Verify(request);
  }
}

TEST(SignatureVectors, EmptySegment) {
  const HttpRequest request = Signed(
      "POST", "/v2/a4d31cb6-3d72-4fdc-8ec9-6e3a41e47f71/instances//scan-expire-keys-task", {}, "",
      "x-sdk-date", "077ba40b269388b4085f589eefc087c1dbba5db953a04faf076e531cccda5bc4");
  EXPECT_TRUE(Verify(request).ok()) << Verify(request);
}

TEST(SignatureVectors, EncodedAndRepeatedQueryParameters) {
  for (const std::string_view query : {"tag=2&tag=1&name=a%20b%2fc", "name=a+b/c&tag=1&tag=2"}) {
    const HttpRequest request =
        Signed("GET", "/v3/projects?" + std::string(query), {}, "", "x-sdk-date",
               "07a617d0f706d6202ccef22dcf08fe7b600417c277ac9aa56bde7f8de17be25b");
    EXPECT_TRUE(Verify(request).ok()) << Verify(request);
  }
}

// ---- Variations that verify

TEST(Signature, VerifiesOwnSignatures) {
  const HttpRequest request = SignedScan();
  EXPECT_TRUE(HasSignature(request));
  EXPECT_TRUE(Verify(request).ok()) << Verify(request);
}

TEST(Signature, UpperCaseHex_Verifies) {
  const HttpRequest request =
      Signed("POST", kScanPath, {{"Content-Type", "application/json"}, {"Host", "127.0.0.1:8080"}},
             "", "content-type;host;x-sdk-date",
             "9E6E1B1EADA264A804663BA92DC7D8C71C149B3BD582F05023E6CB584F47245C");
  EXPECT_TRUE(Verify(request).ok()) << Verify(request);
}

TEST(Signature, HeaderValuesAreTrimmed) {
  HttpRequest request = SignedScan();
  request.headers.Set("Content-Type", " \t application/json  ");
  EXPECT_TRUE(Verify(request).ok()) << Verify(request);
}

TEST(Signature, UnlistedHeaders_MayChange) {
  HttpRequest request = SignedScan();
  request.headers.Add("X-Project-Id", "1");  // Terraform's client adds it after signing
  request.headers.Add("User-Agent", "x");
  EXPECT_TRUE(Verify(request).ok()) << Verify(request);
}

TEST(Signature, UpperCaseBodyHash_Verifies) {
  HttpRequest request =
      *MakeRequest("PUT", "/x",
                   {{"X-Sdk-Content-Sha256",
                     "27A1D9B9E55B1E901EF0675D1166CB7F4D08777BDC5FC054718CE87D068C9776"}},
                   R"({"enable_auto_scan":false})");
  Sign(request, kCredential, kNow);
  EXPECT_TRUE(Verify(request).ok()) << Verify(request);
}

TEST(Signature, AbsoluteTarget_IsSignedAsItsPath) {
  HttpRequest request = SignedScan();
  HttpRequest absolute =
      *MakeRequest("POST", "http://127.0.0.1:8080" + request.target, request.headers, request.body);
  EXPECT_TRUE(Verify(absolute).ok()) << Verify(absolute);
}

TEST(Signature, DateWithin15Minutes_Verifies) {
  const HttpRequest request = SignedScan();
  EXPECT_TRUE(Verify(request, kNow + kMaxClockSkewMs).ok());
  EXPECT_TRUE(Verify(request, kNow - kMaxClockSkewMs).ok());
  ExpectRefused(request, "signature expired, signature time:20200615T022118Z,",
                kNow + kMaxClockSkewMs + 1);
  ExpectRefused(request, "signature expired, signature time:20200615T022118Z,",
                kNow - kMaxClockSkewMs - 1);
}

// ---- Changes that are refused

TEST(Signature, EverySignedPartIsVerified) {
  const auto tampered = [](auto change) {
    HttpRequest request = SignedScan();
    change(request);
    return request;
  };
  constexpr std::string_view kReason = "verify aksk signature fail, canonicalRequest:";
  ExpectRefused(tampered([](HttpRequest& r) { r.method = "PUT"; }), kReason);
  ExpectRefused(tampered([](HttpRequest& r) { r.method = "post"; }), kReason);
  ExpectRefused(tampered([](HttpRequest& r) {
                  r.raw_path += "/";
                  r.raw_path += "x";
                }),
                kReason);
  ExpectRefused(tampered([](HttpRequest& r) { r.query[0].value = "2"; }), kReason);
  ExpectRefused(tampered([](HttpRequest& r) { r.query[0].name = "c"; }), kReason);
  ExpectRefused(tampered([](HttpRequest& r) { r.query.push_back({"c", ""}); }), kReason);
  ExpectRefused(tampered([](HttpRequest& r) { r.query.pop_back(); }), kReason);
  ExpectRefused(tampered([](HttpRequest& r) { r.headers.Set("Host", "127.0.0.1"); }), kReason);
  ExpectRefused(tampered([](HttpRequest& r) { r.headers.Set("Content-Type", "text/plain"); }),
                kReason);
  ExpectRefused(tampered([](HttpRequest& r) { r.headers.Set("X-Sdk-Date", "20200615T022119Z"); }),
                kReason);
  ExpectRefused(tampered([](HttpRequest& r) { r.body += ' '; }), kReason);
  ExpectRefused(tampered([](HttpRequest& r) { r.body.clear(); }), kReason);
  ExpectRefused(tampered([](HttpRequest& r) {
                  Replace(r, "Authorization", "content-type;host;", "content-type;");
                }),
                kReason);
  ExpectRefused(
      tampered([](HttpRequest& r) { r.headers.Set("X-Sdk-Content-Sha256", "UNSIGNED-PAYLOAD"); }),
      kReason);
  ExpectRefused(tampered([](HttpRequest& r) {
                  Replace(r, "Authorization", kCredential.access_key, "OTHER");
                }),
                kReason);
}

TEST(Signature, EverySignatureBitIsVerified) {
  const HttpRequest request = SignedScan();
  const std::string value = *request.headers.Find("Authorization");
  for (size_t i = 1; i <= 64; ++i) {
    HttpRequest changed = request;
    std::string other = value;
    other[value.size() - i] = value[value.size() - i] == '0' ? '1' : '0';
    changed.headers.Set("Authorization", other);
    ExpectRefused(changed, "canonicalRequest:");
  }
}

TEST(Signature, WrongSecret_IsRefused) {
  HttpRequest request = *MakeRequest("GET", "/v3/projects", {}, "");
  Sign(request, {kCredential.access_key, "wrong"}, kNow);
  ExpectRefused(request, "verify aksk signature fail, canonicalRequest:GET|/v3/projects/||");
}

// Users compare it with the text that their client has signed.
TEST(Signature, Refusal_ShowsTheCanonicalRequest) {
  HttpRequest request = *MakeRequest("POST", "/v2/p%7B/x?b=2&a=1 3", {{"Host", "h:1"}}, "body");
  Sign(request, {kCredential.access_key, "wrong"}, kNow);
  const absl::Status status = Verify(request);
  EXPECT_EQ(status.message(),
            "verify aksk signature fail, canonicalRequest:POST|/v2/p%7B/x/|"
            "a=1%203&b=2|host:h:1|x-sdk-date:20200615T022118Z||host;x-sdk-date|" +
                ToHex(Sha256("body")));
  EXPECT_EQ(status.message().find(kCredential.secret_key), absl::string_view::npos);
}

TEST(Signature, OldDate_IsRefusedInTheGatewaysWords) {
  HttpRequest request = *MakeRequest("GET", "/v3/projects", {}, "");
  Sign(request, kCredential, kNow - 16 * 60 * 1000);
  ExpectRefused(request,
                "calc aksk signature fail:signature expired, signature time:20200615T020518Z,"
                "server time:20200615T022118Z");
  Sign(request, kCredential, kNow + 16 * 60 * 1000);
  ExpectRefused(request, "signature expired, signature time:20200615T023718Z,server time:");
}

TEST(Signature, Date_MustOccurOnceAndBeWellFormed) {
  HttpRequest missing = SignedScan();
  missing.headers = {{"Authorization", *missing.headers.Find("Authorization")}};
  ExpectRefused(missing, "X-Sdk-Date is missing");
  HttpRequest twice = SignedScan();
  twice.headers.Add("x-sdk-date", kDate);
  ExpectRefused(twice, "X-Sdk-Date occurs more than once");
  HttpRequest malformed = SignedScan();
  malformed.headers.Set("X-Sdk-Date", "2020-06-15T02:21:18Z");
  ExpectRefused(malformed, "X-Sdk-Date is not of the form");
}

TEST(Signature, SignedHeaders_MustOccurExactlyOnce) {
  HttpRequest twice = SignedScan();
  twice.headers.Add("content-type", "text/plain");
  ExpectRefused(twice, "signed header content-type occurs more than once");
  ExpectRefused(Signed("GET", "/", {}, "", "host;x-sdk-date", std::string(64, '0')),
                "signed header host is missing");
}

TEST(Signature, WrongBodyHash_IsRefused) {
  HttpRequest request = *MakeRequest("POST", "/x", {{"X-Sdk-Content-Sha256", "abc"}}, "body");
  Sign(request, kCredential, kNow);
  ExpectRefused(request, "X-Sdk-Content-Sha256 is not the body's SHA-256");
  HttpRequest twice = *MakeRequest("POST", "/x", {}, "body");
  Sign(twice, kCredential, kNow);
  twice.headers.Add("X-Sdk-Content-Sha256", "UNSIGNED-PAYLOAD");
  twice.headers.Add("X-Sdk-Content-Sha256", "UNSIGNED-PAYLOAD");
  ExpectRefused(twice, "X-Sdk-Content-Sha256 occurs more than once");
}

TEST(Signature, PrecomputedBodyHash_IsUsed) {
  HttpRequest request = SignedScan();
  request.body_sha256 = Sha256(request.body);
  request.body.clear();
  EXPECT_TRUE(Verify(request).ok());
  request.body_sha256 = Sha256("another");
  ExpectRefused(request, "canonicalRequest:");
}

TEST(Signature, TwoAuthorizationHeadersAreRefused) {
  HttpRequest request = SignedScan();
  request.headers.Add("authorization", *request.headers.Find("Authorization"));
  ExpectRefused(request, "exactly one Authorization header");
}

// ---- The Authorization header

TEST(ParseAuthorization, AcceptsPartsInAnyOrderAndSpacing) {
  const std::string hex(64, 'a');
  for (const std::string& value :
       {"SDK-HMAC-SHA256 Access=AK, SignedHeaders=Host;X-Sdk-Date, Signature=" + hex,
        "SDK-HMAC-SHA256 Access=AK,SignedHeaders=Host;X-Sdk-Date,Signature=" + hex,
        "SDK-HMAC-SHA256   Signature=" + hex + " , Access=AK ,\tSignedHeaders=Host;X-Sdk-Date "}) {
    const auto parsed = ParseAuthorization(value);
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    EXPECT_EQ(parsed->access_key, "AK");
    EXPECT_EQ(parsed->signed_headers, "Host;X-Sdk-Date");
    EXPECT_THAT(parsed->header_names, testing::ElementsAre("host", "x-sdk-date"));
    EXPECT_EQ(parsed->signature, std::string(32, '\xaa'));
  }
}

TEST(ParseAuthorization, RefusesEverythingElseWithAReason) {
  const std::string hex(64, 'a');
  const std::string parts = "Access=AK, SignedHeaders=host, Signature=" + hex;
  const std::pair<std::string, std::string_view> cases[] = {
      {"", "must begin with SDK-HMAC-SHA256"},
      {"Basic dXNlcjpwYXNz", "must begin with SDK-HMAC-SHA256"},
      {"SDK-HMAC-SHA256", "must begin with SDK-HMAC-SHA256"},
      {"SDK-HMAC-SHA256X " + parts, "must begin with SDK-HMAC-SHA256"},
      {"sdk-hmac-sha256 " + parts, "must begin with SDK-HMAC-SHA256"},
      {"SDK-HMAC-SHA256 ", "each once"},
      {"SDK-HMAC-SHA256 " + parts + ", Access=AK", "each once"},
      {"SDK-HMAC-SHA256 " + parts + ", More=1", "each once"},
      {"SDK-HMAC-SHA256 " + parts + ",", "each once"},
      {"SDK-HMAC-SHA256 Access=, SignedHeaders=host, Signature=" + hex, "each once"},
      {"SDK-HMAC-SHA256 SignedHeaders=host, Signature=" + hex, "each once"},
      {"SDK-HMAC-SHA256 Access=AK, Signature=" + hex, "each once"},
      {"SDK-HMAC-SHA256 Access=AK, SignedHeaders=host", "64 hex digits"},
      {"SDK-HMAC-SHA256 Access=AK, SignedHeaders=host, Signature=abc", "64 hex digits"},
      {"SDK-HMAC-SHA256 Access=AK, SignedHeaders=host, Signature=" + hex + "aa", "64 hex digits"},
      {"SDK-HMAC-SHA256 Access=AK, SignedHeaders=host, Signature=" + std::string(64, 'g'),
       "64 hex digits"},
      {"SDK-HMAC-SHA256 Access=AK, SignedHeaders=;, Signature=" + hex, "at least one header"},
      {"SDK-HMAC-SHA256 Access=AK, SignedHeaders=a;, Signature=" + hex, "at least one header"},
      {"SDK-HMAC-SHA256 Access=AK, SignedHeaders=a;A, Signature=" + hex, "names a header twice"},
  };
  for (const auto& [value, reason] : cases) {
    const auto parsed = ParseAuthorization(value);
    EXPECT_EQ(parsed.status().code(), absl::StatusCode::kUnauthenticated) << value;
    EXPECT_THAT(std::string(parsed.status().message()), HasSubstr(std::string(reason))) << value;
  }
}

TEST(ParseAuthorization, RandomBytes_NeitherForgeNorCrash) {
  const unsigned seed = 15062020;
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const HttpRequest valid = SignedScan();
  const std::string value = *valid.headers.Find("Authorization");
  for (int round = 0; round < 20'000; ++round) {
    std::string changed = value;
    for (size_t n = 1 + random() % 4; n > 0; --n) {
      const size_t at = random() % changed.size();
      switch (random() % 3) {
        case 0:
          changed[at] = static_cast<char>(random() % 256);
          break;
        case 1:
          changed.erase(at, 1 + random() % 8);
          break;
        default:
          changed.insert(at, 1, ",;= \tA"[random() % 6]);
      }
    }
    HttpRequest request = valid;
    request.headers.Set("Authorization", changed);
    // Only the spelling may differ: the case of hex digits and spaces around commas.
    if (Verify(request).ok()) {
      const auto parsed = ParseAuthorization(changed);
      ASSERT_TRUE(parsed.ok());
      EXPECT_EQ(parsed->access_key, kCredential.access_key);
      EXPECT_EQ(parsed->signature, ParseAuthorization(value)->signature);
      EXPECT_EQ(parsed->signed_headers, "content-type;host;x-sdk-date");
    }
  }
}

}  // namespace
}  // namespace dcs::rest
