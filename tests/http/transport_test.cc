// What a POST sends, what is made of the answer, and where it may go.
#include "http/transport.h"

#include <stdlib.h>

#include <fstream>
#include <vector>

#include "absl/strings/str_cat.h"
#include "support/certificates.h"
#include "support/temp_dir.h"
#include "transport_fixture.h"

namespace broadcast::http {
namespace {

using testing::HasSubstr;
using testing::Not;

LoopbackServer::Handler Always(std::string bytes, Then then = Then::kKeep) {
  return [=](const SeenRequest&) -> ServerReply { return {bytes, then}; };
}

TEST_F(TransportTest, ARequestIsWhatItWasGiven) {
  LoopbackServer server(Always(HttpAnswer(200, "the answer")));
  Post post = PostTo(server.Url("/a/../b?c=d"), R"({"text":"x"})");
  post.headers.push_back("X-One: 1");
  const Response response = Send(std::move(post));
  EXPECT_THAT(response, EndsWith(Failure::kNone, Phase::kResponseRead));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "the answer");
  const std::vector<SeenRequest> requests = server.requests();
  ASSERT_EQ(requests.size(), 1u);
  EXPECT_THAT(requests[0].head, HasSubstr("POST /a/../b?c=d HTTP/1.1\r\n"));
  EXPECT_EQ(requests[0].Header("content-type"), "application/json");
  EXPECT_EQ(requests[0].Header("x-one"), "1");
  EXPECT_EQ(requests[0].body, R"({"text":"x"})");
  EXPECT_THAT(requests[0].head, Not(HasSubstr("Authorization")));
}

TEST_F(TransportTest, AConnectionIsKept) {
  LoopbackServer server(Always(HttpAnswer(200, "")));
  for (int i = 0; i < 5; ++i) {
    EXPECT_THAT(Send(PostTo(server.Url("/"))),
                EndsWith(Failure::kNone, Phase::kResponseRead));
  }
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(TransportTest, ManyGoAtOnce) {
  LoopbackServer server(Always(HttpAnswer(200, "")));
  std::vector<Pending> pending;
  for (int i = 0; i < 300; ++i) {
    pending.push_back(Start(PostTo(server.Url("/"))));
  }
  for (const Pending& each : pending) {
    EXPECT_THAT(each.Wait(), EndsWith(Failure::kNone, Phase::kResponseRead));
  }
  EXPECT_EQ(server.requests().size(), 300u);
}

TEST_F(TransportTest, AnAnswerMayStartTheNextPost) {
  LoopbackServer server(Always(HttpAnswer(200, "")));
  Pending second;
  transport_->Start(PostTo(server.Url("/1")), [&](Response) {
    transport_->Start(PostTo(server.Url("/2")), second.Done());
  });
  EXPECT_EQ(second.Wait().status, 200);
}

TEST_F(TransportTest, EveryStatusIsAnAnswer) {
  for (const int status : {201, 204, 301, 302, 307, 400, 404, 410, 429, 500}) {
    LoopbackServer server(Always(
        absl::StrCat("HTTP/1.1 ", status,
                     " No\r\nLocation: /else\r\nContent-Length: 0\r\n\r\n")));
    const Response response = Send(PostTo(server.Url("/")));
    EXPECT_THAT(response, EndsWith(Failure::kNone, Phase::kResponseRead));
    EXPECT_EQ(response.status, status);
    EXPECT_EQ(server.requests().size(), 1u) << "followed " << status;
  }
}

TEST_F(TransportTest, AnAnswerMayBeInterimOrInChunksOrEndWithTheConnection) {
  LoopbackServer interim(
      Always(absl::StrCat("HTTP/1.1 103 Early\r\nRetry-After: 9\r\n\r\n",
                          HttpAnswer(200, "body"))));
  const Response response = Send(PostTo(interim.Url("/")));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "body");
  EXPECT_FALSE(response.retry_after.has_value());
  LoopbackServer chunked(
      Always("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
             "3\r\nthe\r\n2\r\n d\r\n0\r\n\r\n"));
  EXPECT_EQ(Send(PostTo(chunked.Url("/"))).body, "the d");
  LoopbackServer ending(
      Always("HTTP/1.0 200 OK\r\n\r\nto the end", Then::kClose));
  EXPECT_EQ(Send(PostTo(ending.Url("/"))).body, "to the end");
}

TEST_F(TransportTest, RetryAfterIsRead) {
  LoopbackServer server(Always(HttpAnswer(429, "", "retry-after: 17\r\n")));
  EXPECT_EQ(Send(PostTo(server.Url("/"))).retry_after, absl::Seconds(17));
}

TEST_F(TransportTest, AHeadThatIsCutIsNoAnswer) {
  for (const char* bytes : {"", "H", "HTTP/1.1 200 OK\r\n",
                            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n",
                            "HTTP/1.1 100 Continue\r\n\r\n"}) {
    for (const Then then : {Then::kClose, Then::kReset}) {
      LoopbackServer server(Always(bytes, then));
      const Response response = Send(PostTo(server.Url("/")));
      EXPECT_EQ(response.phase, Phase::kRequestSent) << bytes;
      EXPECT_NE(response.failure, Failure::kNone) << bytes;
      EXPECT_EQ(response.status, 0) << bytes;
    }
  }
}

TEST_F(TransportTest, ABodyThatIsCutIsAFailureWithItsStatus) {
  LoopbackServer server(Always(
      "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nhalf", Then::kClose));
  const Response response = Send(PostTo(server.Url("/")));
  EXPECT_THAT(response, EndsWith(Failure::kLost, Phase::kResponseRead));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "half");
}

TEST_F(TransportTest, WhatIsNotHttpIsGarbled) {
  LoopbackServer server(Always("220 mail.example.com ESMTP\r\n", Then::kClose));
  EXPECT_THAT(Send(PostTo(server.Url("/"))),
              EndsWith(Failure::kGarbled, Phase::kRequestSent));
}

TEST_F(TransportTest, AnAnswerIsBounded) {
  LoopbackServer most(Always(HttpAnswer(200, std::string(64 << 10, 'x'))));
  EXPECT_EQ(Send(PostTo(most.Url("/"))).body.size(), size_t{64 << 10});
  LoopbackServer large(
      Always(HttpAnswer(200, std::string((64 << 10) + 1, 'x'))));
  const Response response = Send(PostTo(large.Url("/")));
  EXPECT_THAT(response, EndsWith(Failure::kTooLarge, Phase::kResponseRead));
  EXPECT_EQ(response.status, 200);
  EXPECT_LE(response.body.size(), size_t{64 << 10});
  std::string headers;
  for (int i = 0; i < 1000; ++i) {
    absl::StrAppend(&headers, "X-", i, ": ", std::string(80, 'x'), "\r\n");
  }
  LoopbackServer wordy(Always(HttpAnswer(200, "", headers)));
  EXPECT_THAT(Send(PostTo(wordy.Url("/"))),
              EndsWith(Failure::kTooLarge, Phase::kRequestSent));
}

TEST_F(TransportTest, WhereNobodyListensNothingWasSent) {
  int port = 0;
  {
    LoopbackServer server(Always(""));
    port = server.port();
  }
  EXPECT_THAT(Send(PostTo(absl::StrCat("http://127.0.0.1:", port, "/"))),
              EndsWith(Failure::kConnect, Phase::kNotConnected));
}

TEST_F(TransportTest, ANameWithoutAnAddressIsNotResolved) {
  EXPECT_THAT(Send(PostTo("http://nothing.invalid/")),
              EndsWith(Failure::kResolve, Phase::kNotConnected));
}

TEST_F(TransportTest, NoAnswerInTimeIsATimeoutOfWhatWasSent) {
  LoopbackServer server(Always("", Then::kWait));
  Post post = PostTo(server.Url("/"));
  post.timeout = absl::Milliseconds(200);
  EXPECT_THAT(Send(std::move(post)),
              EndsWith(Failure::kTimeout, Phase::kRequestSent));
  EXPECT_EQ(server.requests().size(), 1u);
}

TEST_F(TransportTest, APartThatLeftIsNotARequestThatWasSent) {
  LoopbackServer server(Always(""));
  server.Deafen(true);
  Post post = PostTo(server.Url("/"), std::string(32 << 20, 'x'));
  post.timeout = absl::Milliseconds(500);
  EXPECT_THAT(Send(std::move(post)),
              EndsWith(Failure::kTimeout, Phase::kRequestUnsent));
}

std::shared_ptr<const Destinations> Public() {
  return std::make_shared<const Destinations>(
      *Destinations::Create({.http = true}));
}

TEST_F(TransportTest, WhatIsNotPublicIsNotConnectedTo) {
  LoopbackServer server(Always(HttpAnswer(200, "")));
  for (const char* host :
       {"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0",
        "2130706433", "0x7f.1", "127.1", "169.254.169.254"}) {
    Post post = PostTo(absl::StrCat("http://", host, ":", server.port(), "/"));
    post.destinations = Public();
    EXPECT_THAT(Send(std::move(post)),
                EndsWith(Failure::kBlocked, Phase::kNotConnected))
        << host;
  }
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(TransportTest, AConnectionThatAnotherKeptIsCheckedAgain) {
  LoopbackServer server(Always(HttpAnswer(200, "")));
  const std::string url = absl::StrCat("http://localhost:", server.port(), "/");
  EXPECT_EQ(Send(PostTo(url)).status, 200);
  Post post = PostTo(url);
  post.destinations = Public();
  EXPECT_THAT(Send(std::move(post)),
              EndsWith(Failure::kBlocked, Phase::kNotConnected));
  EXPECT_EQ(server.requests().size(), 1u);
}

TEST_F(TransportTest, AUrlMustBeOfASchemeThatIsAllowed) {
  Post post = PostTo("http://127.0.0.1:1/");
  post.destinations = std::make_shared<const Destinations>(
      *Destinations::Create({.loopback_only = true}));
  EXPECT_THAT(Send(std::move(post)),
              EndsWith(Failure::kUrl, Phase::kNotConnected));
  for (const char* url :
       {"", "x", "file:///etc/passwd", "ftp://127.0.0.1/", "gopher://a/",
        "http://user:password@127.0.0.1/", "http://127.0.0.1:99999/"}) {
    EXPECT_THAT(Send(PostTo(url)),
                EndsWith(Failure::kUrl, Phase::kNotConnected))
        << url;
  }
}

TEST_F(TransportTest, NoProxyStandsBetween) {
  LoopbackServer proxy(Always(HttpAnswer(200, "the proxy's")));
  LoopbackServer server(Always(HttpAnswer(200, "the server's")));
  setenv("http_proxy", proxy.Url("").c_str(), 1);
  setenv("all_proxy", proxy.Url("").c_str(), 1);
  EXPECT_EQ(Send(PostTo(server.Url("/"))).body, "the server's");
  unsetenv("http_proxy");
  unsetenv("all_proxy");
}

class TlsTransportTest : public testing::Test {
 protected:
  std::string AuthorityFile(const test::CertificateAuthority& authority) {
    const std::string path = folder_.File("authority.pem");
    std::ofstream(path) << authority.pem();
    return path;
  }

  const SystemClock clock_;
  test::TempDir folder_;
};

TEST_F(TlsTransportTest, ACertificateMustBeOfAnAuthorityThatWeTrust) {
  const test::CertificateAuthority ours;
  const test::CertificateAuthority others;
  LoopbackServer server(Always(HttpAnswer(200, "secret")),
                        ours.IssueForServer());
  for (const bool trusted : {true, false}) {
    auto transport = *Transport::Create(
        {.ca_file = AuthorityFile(trusted ? ours : others)}, &clock_);
    Pending pending;
    transport->Start({.url = server.Url("/"),
                      .body = "{}",
                      .timeout = absl::Seconds(20),
                      .destinations = Loopback()},
                     pending.Done());
    if (trusted) {
      EXPECT_EQ(pending.Wait().body, "secret");
    } else {
      EXPECT_THAT(pending.Wait(),
                  EndsWith(Failure::kTls, Phase::kNotConnected));
    }
  }
  EXPECT_EQ(server.requests().size(), 1u);
}

class HastyTransportTest : public TransportTest {
 protected:
  HastyTransportTest()
      : TransportTest({.connect_timeout = absl::Milliseconds(200)}) {}
};

TEST_F(HastyTransportTest, AServerThatSpeaksNoTlsIsNotConnectedTo) {
  LoopbackServer server(Always(""));
  EXPECT_THAT(
      Send(PostTo(absl::StrCat("https://127.0.0.1:", server.port(), "/"))),
      EndsWith(Failure::kTimeout, Phase::kNotConnected));
}

}  // namespace
}  // namespace broadcast::http
