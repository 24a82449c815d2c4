#include "http/get.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/mutex.h"
#include "support/status_matchers.h"

namespace broadcast::http {
namespace {

using test::IsOkAndHolds;
using test::StatusIs;
using testing::HasSubstr;
using testing::Not;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr auto kUnavailable = absl::StatusCode::kUnavailable;

// Answers a GET of each path with the bytes that the test gives, on a port of
// 127.0.0.1. Of a path without any it says nothing at all.
class Server {
 public:
  Server() {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    if (bind(listener_, generic, size) != 0 || listen(listener_, 8) != 0 ||
        getsockname(listener_, generic, &size) != 0) {
      throw std::runtime_error("the server cannot listen");
    }
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { Run(); });
  }
  ~Server() {
    stopping_ = true;
    thread_.join();
    close(listener_);
  }

  std::string Url(absl::string_view path) const {
    return absl::StrCat("http://127.0.0.1:", port_, path);
  }
  void Answer(const std::string& path, std::string bytes) {
    absl::MutexLock lock(&mu_);
    answers_[path] = std::move(bytes);
  }
  // The head of the last request.
  std::string last_request() const {
    absl::MutexLock lock(&mu_);
    return last_request_;
  }
  int requests() const { return requests_; }

 private:
  void Run() {
    while (!stopping_) {
      pollfd waiting{.fd = listener_, .events = POLLIN, .revents = 0};
      if (poll(&waiting, 1, 20) <= 0) continue;
      const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (client < 0) continue;
      Serve(client);
      close(client);
    }
  }

  void Serve(int client) {
    std::string request;
    char buffer[4096];
    while (!stopping_ && !absl::StrContains(request, "\r\n\r\n")) {
      pollfd waiting{.fd = client, .events = POLLIN, .revents = 0};
      if (poll(&waiting, 1, 20) <= 0) continue;
      const ssize_t got = recv(client, buffer, sizeof(buffer), 0);
      if (got <= 0) return;
      request.append(buffer, static_cast<size_t>(got));
    }
    ++requests_;
    std::string answer;
    {
      absl::MutexLock lock(&mu_);
      last_request_ = request;
      const std::vector<std::string> words = absl::StrSplit(request, ' ');
      const auto found = answers_.find(words.size() > 1 ? words[1] : "");
      if (found != answers_.end()) answer = found->second;
    }
    absl::string_view left = answer;
    while (!left.empty()) {
      const ssize_t sent = send(client, left.data(), left.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      left.remove_prefix(static_cast<size_t>(sent));
    }
    // What has no answer waits until the client goes.
    while (answer.empty() && !stopping_) {
      pollfd waiting{.fd = client, .events = POLLIN, .revents = 0};
      if (poll(&waiting, 1, 20) > 0) return;
    }
  }

  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> stopping_ = false;
  std::atomic<int> requests_ = 0;
  mutable absl::Mutex mu_;
  std::map<std::string, std::string> answers_ ABSL_GUARDED_BY(mu_);
  std::string last_request_ ABSL_GUARDED_BY(mu_);
  std::thread thread_;
};

std::string Ok(absl::string_view body) {
  return absl::StrCat("HTTP/1.1 200 OK\r\nContent-Length: ", body.size(),
                      "\r\n\r\n", body);
}

class GetTest : public testing::Test {
 protected:
  absl::StatusOr<std::string> Fetch(absl::string_view path,
                                    const GetOptions& options = {}) {
    return Get(server_.Url(path), options);
  }

  Server server_;
};

TEST_F(GetTest, TheBodyOfA200IsTheDocument) {
  server_.Answer("/a?b=c", Ok("the document"));
  EXPECT_THAT(Fetch("/a?b=c"), IsOkAndHolds("the document"));
  EXPECT_THAT(server_.last_request(), HasSubstr("GET /a?b=c HTTP/1.1\r\n"));
  server_.Answer("/empty", Ok(""));
  EXPECT_THAT(Fetch("/empty"), IsOkAndHolds(""));
  server_.Answer("/chunked",
                 "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                 "3\r\nthe\r\n2\r\n d\r\n0\r\n\r\n");
  EXPECT_THAT(Fetch("/chunked"), IsOkAndHolds("the d"));
}

TEST_F(GetTest, AnyOtherAnswerIsAFailure) {
  for (const int code : {201, 204, 304, 400, 401, 403, 404, 429, 500, 503}) {
    server_.Answer("/", absl::StrCat("HTTP/1.1 ", code,
                                     " No\r\nContent-Length: 0\r\n\r\n"));
    EXPECT_THAT(Fetch("/"),
                StatusIs(kUnavailable, HasSubstr(absl::StrCat(code))));
  }
  server_.Answer("/", "HTTP/1.1 404 No\r\nContent-Length: 6\r\n\r\nsecret");
  EXPECT_THAT(Fetch("/").status().ToString(), Not(HasSubstr("secret")));
}

TEST_F(GetTest, ARedirectIsNotFollowed) {
  server_.Answer("/there", Ok("not to be fetched"));
  for (const int code : {301, 302, 303, 307, 308}) {
    server_.Answer("/", absl::StrCat("HTTP/1.1 ", code, " There\r\nLocation: ",
                                     server_.Url("/there"),
                                     "\r\nContent-Length: 0\r\n\r\n"));
    const int before = server_.requests();
    EXPECT_THAT(Fetch("/"),
                StatusIs(kUnavailable, HasSubstr(absl::StrCat(code))));
    EXPECT_EQ(server_.requests(), before + 1);
  }
}

TEST_F(GetTest, ADocumentHasALargestSize) {
  const GetOptions options{.most_bytes = 1000};
  server_.Answer("/fits", Ok(std::string(1000, 'a')));
  EXPECT_THAT(Fetch("/fits", options), IsOkAndHolds(std::string(1000, 'a')));
  server_.Answer("/large", Ok(std::string(1001, 'a')));
  EXPECT_THAT(Fetch("/large", options), StatusIs(kUnavailable));
  // Even if it does not say so beforehand.
  server_.Answer("/endless", absl::StrCat("HTTP/1.1 200 OK\r\n\r\n",
                                          std::string(3'000'000, 'a')));
  EXPECT_THAT(Fetch("/endless"), StatusIs(kUnavailable));
}

TEST_F(GetTest, AWaitEnds) {
  EXPECT_THAT(Fetch("/silent", {.timeout = absl::Milliseconds(200)}),
              StatusIs(kUnavailable));
}

TEST_F(GetTest, ABrokenAnswerIsAFailure) {
  server_.Answer("/", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort");
  EXPECT_THAT(Fetch("/"), StatusIs(kUnavailable));
  server_.Answer("/", "no HTTP at all\r\n\r\n");
  EXPECT_THAT(Fetch("/"), StatusIs(kUnavailable));
}

TEST_F(GetTest, ACertificateIsAskedForOverHttps) {
  server_.Answer("/", Ok("plain"));
  std::string url = server_.Url("/");
  url.insert(4, "s");
  EXPECT_THAT(Get(url, {.timeout = absl::Seconds(1)}), StatusIs(kUnavailable));
}

TEST_F(GetTest, WhatIsNotSafeIsNotAskedFor) {
  for (const char* url :
       {"http://issuer.example/", "http://10.0.0.1/",
        "http://127.0.0.1.example", "http://localhost.example/",
        "http://localhost@issuer.example/", "http://0.0.0.0/", "http://[::2]/",
        "ftp://127.0.0.1/", "file:///etc/passwd", "gopher://127.0.0.1/",
        "issuer.example", "", "/", "https://", "//issuer.example"}) {
    EXPECT_FALSE(IsSafeUrl(url)) << url;
    EXPECT_THAT(Get(url, {}), StatusIs(kInvalid, HasSubstr("https://"))) << url;
  }
  EXPECT_EQ(server_.requests(), 0);
}

TEST(IsSafeUrlTest, HttpsAndThisMachineAreSafe) {
  for (const char* url :
       {"https://issuer.example", "https://issuer.example:8443/realm",
        "HTTPS://issuer.example/", "http://127.0.0.1/", "http://127.0.0.1:80/a",
        "http://localhost:8080/", "http://[::1]:8080/"}) {
    EXPECT_TRUE(IsSafeUrl(url)) << url;
  }
}

}  // namespace
}  // namespace broadcast::http
