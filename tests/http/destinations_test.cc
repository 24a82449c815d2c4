#include "http/destinations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/status_matchers.h"

namespace broadcast::http {
namespace {

IpAddress Ip(const std::string& text) {
  const std::optional<IpAddress> address = ParseIpAddress(text);
  EXPECT_TRUE(address.has_value()) << text;
  return address.value_or(IpAddress{});
}

TEST(DestinationsTest, WhatIsNotGlobalUnicastIsNotPublic) {
  for (const char* text :
       {"0.0.0.0",        "0.1.2.3",        "10.0.0.1",
        "10.255.255.255", "100.64.0.1",     "100.127.255.255",
        "127.0.0.1",      "127.255.0.1",    "169.254.169.254",
        "172.16.0.1",     "172.31.255.255", "192.0.0.8",
        "192.0.2.1",      "192.88.99.1",    "192.168.1.1",
        "198.18.0.1",     "198.19.255.255", "198.51.100.7",
        "203.0.113.9",    "224.0.0.1",      "239.255.255.255",
        "240.0.0.1",      "255.255.255.255"}) {
    EXPECT_FALSE(IsPublic(Ip(text))) << text;
    EXPECT_FALSE(IsPublic(Ip(std::string("::ffff:") + text))) << text;
    EXPECT_FALSE(IsPublic(Ip(std::string("64:ff9b::") + text))) << text;
    EXPECT_FALSE(IsPublic(Ip(std::string("::") + text))) << text;
  }
  for (const char* text :
       {"::", "::1", "fe80::1", "fec0::1", "fc00::1", "fdff::1", "ff02::1",
        "2001:db8::1", "2001::1", "2001:10::1", "2002:7f00:1::1",
        "2002:808:808::1", "64:ff9b::808:808", "64:ff9b:1::1", "100::1",
        "3fff:1::1", "4000::1", "::ffff:0:127.0.0.1"}) {
    EXPECT_FALSE(IsPublic(Ip(text))) << text;
  }
}

TEST(DestinationsTest, WhatAnybodyCanReachIsPublic) {
  for (const char* text : {"1.1.1.1",         "8.8.8.8",
                           "9.255.255.255",   "11.0.0.0",
                           "100.63.255.255",  "100.128.0.0",
                           "126.255.255.255", "128.0.0.0",
                           "169.253.255.255", "172.15.255.255",
                           "172.32.0.0",      "192.167.255.255",
                           "192.169.0.0",     "198.17.255.255",
                           "198.20.0.0",      "223.255.255.255",
                           "149.154.167.220", "::ffff:8.8.8.8",
                           "2606:4700::1111", "2a00:1450::1",
                           "2001:4860::1",    "2001:67c:4e8:f004::9"}) {
    EXPECT_TRUE(IsPublic(Ip(text))) << text;
  }
}

TEST(DestinationsTest, TextThatIsNoAddressIsNone) {
  for (const char* text : {"", "localhost", "1.2.3", "0x7f.0.0.1", "2130706433",
                           "1.2.3.4.5", "[::1]", "::1%lo", "1.2.3.4 "}) {
    EXPECT_FALSE(ParseIpAddress(text).has_value()) << text;
  }
}

TEST(DestinationsTest, PublicAddressesHaveTheirPorts) {
  const auto destinations = *Destinations::Create({});
  for (const uint16_t port : {443, 80, 8443}) {
    EXPECT_TRUE(destinations.Allows(Ip("8.8.8.8"), port));
    EXPECT_FALSE(destinations.Allows(Ip("10.0.0.1"), port));
  }
  for (const uint16_t port : {0, 22, 25, 6379, 8080, 65535}) {
    EXPECT_FALSE(destinations.Allows(Ip("8.8.8.8"), port));
  }
  EXPECT_TRUE(destinations.AllowsScheme("https"));
  EXPECT_FALSE(destinations.AllowsScheme("http"));
}

TEST(DestinationsTest, ANetworkThatIsNamedIsAllowedWithEveryPort) {
  const auto destinations = *Destinations::Create(
      {.http = true, .networks = {"10.1.0.0/16", "127.0.0.1", "fd00::/8"}});
  EXPECT_TRUE(destinations.Allows(Ip("10.1.255.1"), 9000));
  EXPECT_TRUE(destinations.Allows(Ip("127.0.0.1"), 1));
  EXPECT_TRUE(destinations.Allows(Ip("fd12::1"), 22));
  EXPECT_FALSE(destinations.Allows(Ip("10.2.0.1"), 443));
  EXPECT_FALSE(destinations.Allows(Ip("127.0.0.2"), 443));
  EXPECT_FALSE(destinations.Allows(Ip("fc00::1"), 443));
  EXPECT_TRUE(destinations.AllowsScheme("http"));
  EXPECT_FALSE(destinations.AllowsScheme("ftp"));
}

TEST(DestinationsTest, LoopbackOnlyIsNothingElse) {
  const auto destinations =
      *Destinations::Create({.anywhere = true, .loopback_only = true});
  EXPECT_TRUE(destinations.Allows(Ip("127.8.8.8"), 1));
  EXPECT_TRUE(destinations.Allows(Ip("::1"), 1));
  EXPECT_FALSE(destinations.Allows(Ip("8.8.8.8"), 443));
  EXPECT_FALSE(destinations.Allows(Ip("10.0.0.1"), 443));
}

TEST(DestinationsTest, AnywhereIsAnywhere) {
  const auto destinations = *Destinations::Create({.anywhere = true});
  EXPECT_TRUE(destinations.Allows(Ip("10.0.0.1"), 8081));
  EXPECT_TRUE(destinations.Allows(Ip("::1"), 1));
}

TEST(DestinationsTest, OnlyTheInternetHasDestinations) {
  sockaddr other = {};
  other.sa_family = AF_UNIX;
  EXPECT_FALSE(Destinations::Create({.anywhere = true})->Allows(other));
}

TEST(DestinationsTest, ANetworkMustBeOne) {
  for (const char* text : {"", "x", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/",
                           "fd00::/129", "/8", "10.0.0.0/8/8"}) {
    EXPECT_THAT(Destinations::Create({.networks = {text}}).status(),
                test::StatusIs(absl::StatusCode::kInvalidArgument))
        << text;
  }
}

}  // namespace
}  // namespace broadcast::http
