#include "raw_http.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

namespace broadcast::test {
namespace {

size_t LengthOf(const RawAnswer& answer) {
  size_t length = 0;
  const auto found = answer.headers.find("content-length");
  if (found != answer.headers.end()) {
    EXPECT_TRUE(absl::SimpleAtoi(found->second, &length));
  }
  return length;
}

void ReadHead(absl::string_view head, RawAnswer& answer) {
  for (const absl::string_view line : absl::StrSplit(head, "\r\n")) {
    const size_t colon = line.find(": ");
    if (answer.status == 0) {
      EXPECT_TRUE(absl::SimpleAtoi(line.substr(9, 3), &answer.status)) << line;
    } else if (colon != line.npos) {
      answer.headers[absl::AsciiStrToLower(line.substr(0, colon))] =
          std::string(line.substr(colon + 2));
    }
  }
}

}  // namespace

RawHttp::RawHttp(int port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(socket_, reinterpret_cast<sockaddr*>(&address),
                      sizeof(address)),
            0);
}

RawHttp::~RawHttp() { ::close(socket_); }

void RawHttp::Write(const std::string& bytes) {
  EXPECT_EQ(::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(bytes.size()));
}

RawAnswer RawHttp::Read(int seconds) {
  RawAnswer answer;
  while (true) {
    const size_t end = unread_.find("\r\n\r\n");
    if (end != std::string::npos) {
      answer = {};
      ReadHead(absl::string_view(unread_).substr(0, end), answer);
      const size_t length = LengthOf(answer);
      answer.body = unread_.substr(end + 4, length);
      answer.whole = answer.body.size() == length;
      if (answer.whole) {
        unread_.erase(0, end + 4 + length);
        return answer;
      }
    }
    pollfd wait = {.fd = socket_, .events = POLLIN, .revents = 0};
    if (::poll(&wait, 1, seconds * 1000) != 1) return answer;
    char bytes[4096];
    const auto got = ::recv(socket_, bytes, sizeof(bytes), 0);
    if (got <= 0) {
      answer.reset = got < 0 && errno == ECONNRESET;
      return answer;
    }
    unread_.append(bytes, static_cast<size_t>(got));
  }
}

RawAnswer RawHttp::Get(const std::string& target) {
  Write(absl::StrCat("GET ", target, " HTTP/1.1\r\nHost: x\r\n\r\n"));
  return Read();
}

RawAnswer RawHttp::Post(const std::string& target,
                        const std::string& content_type,
                        const std::string& body) {
  Write(absl::StrCat("POST ", target,
                     " HTTP/1.1\r\nHost: x\r\nContent-Type: ", content_type,
                     "\r\nContent-Length: ", body.size(), "\r\n\r\n", body));
  return Read();
}

}  // namespace broadcast::test
