// Addresses to listen on.
#include "net/listen_address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/status_matchers.h"

namespace broadcast::net {
namespace {

using test::Must;
using test::StatusIs;

TEST(ListenAddressTest, HasThreeForms) {
  const ListenAddress tcp = Must(ListenAddress::Parse("a-b.example:65535"));
  EXPECT_EQ(tcp.host, "a-b.example");
  EXPECT_EQ(tcp.port, 65535);
  const ListenAddress six = Must(ListenAddress::Parse("[2001:db8::1]:0"));
  EXPECT_EQ(six.host, "2001:db8::1");
  EXPECT_EQ(six.port, 0);
  const ListenAddress file = Must(ListenAddress::Parse("unix:run/b.sock"));
  EXPECT_EQ(file.path, "run/b.sock");
}

TEST(ListenAddressTest, RefusesOthers) {
  for (const char* text : {"",
                           ":",
                           "a",
                           "a:",
                           ":1",
                           "a:x",
                           "a:-1",
                           "a:+1",
                           "a: 1",
                           "a:65536",
                           "a:000001",
                           "a b:1",
                           "a_b:1",
                           "-a:1",
                           "::1:1",
                           "[::1]",
                           "[::1:1",
                           "[a]:1",
                           "[127.0.0.1]:1",
                           "*:1",
                           "unix:",
                           "http://a:1",
                           "a/b:1"}) {
    EXPECT_THAT(ListenAddress::Parse(text),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << text;
  }
  EXPECT_THAT(ListenAddress::Parse("unix:" + std::string(108, 'x')),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(ListenAddressTest, KnowsLoopback) {
  for (const char* text :
       {"127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "[0:0::0:1]:1",
        "[::ffff:127.0.0.1]:1", "localhost:1", "LOCALHOST:1", "unix:x"}) {
    EXPECT_TRUE(Must(ListenAddress::Parse(text)).IsLoopback()) << text;
  }
  for (const char* text :
       {"0.0.0.0:1", "126.255.255.255:1", "128.0.0.1:1", "[::]:1", "[::2]:1",
        "[::ffff:10.0.0.1]:1", "127.1:1", "0:1", "localhost.example:1"}) {
    EXPECT_FALSE(Must(ListenAddress::Parse(text)).IsLoopback()) << text;
  }
}

}  // namespace
}  // namespace broadcast::net
