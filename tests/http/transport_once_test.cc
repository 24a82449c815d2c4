// A POST is never sent twice, whatever becomes of its connection.
#include <atomic>

#include "transport_fixture.h"

namespace broadcast::http {
namespace {

// Bodies that leave in one segment, in one read of the library, in several.
class OnceTest : public TransportTest,
                 public testing::WithParamInterface<size_t> {
 protected:
  std::string Body() const { return std::string(GetParam(), 'x'); }

  // A kept connection, of which the second request is answered by `reply`.
  std::unique_ptr<LoopbackServer> EndingSecond(ServerReply reply) {
    return std::make_unique<LoopbackServer>(
        [this, reply](const SeenRequest&) -> ServerReply {
          if (++seen_ == 1) return {HttpAnswer(200, "first")};
          return reply;
        });
  }

  void ExpectOneCopy(const ServerReply& reply) {
    const auto server = EndingSecond(reply);
    ASSERT_THAT(Send(PostTo(server->Url("/1"))),
                EndsWith(Failure::kNone, Phase::kResponseRead));
    EXPECT_THAT(Send(PostTo(server->Url("/2"), Body())),
                EndsWith(Failure::kLost, Phase::kRequestSent));
    // Whatever a second try would have sent is there before this is.
    EXPECT_THAT(Send(PostTo(server->Url("/3"))),
                EndsWith(Failure::kLost, Phase::kRequestSent));
    const std::vector<SeenRequest> requests = server->requests();
    ASSERT_EQ(requests.size(), 3u);
    EXPECT_EQ(requests[1].Path(), "/2");
    EXPECT_EQ(requests[1].connection, 1);
    EXPECT_EQ(requests[1].body, Body());
    EXPECT_EQ(requests[2].Path(), "/3");
  }

  std::atomic<int> seen_ = 0;
};

TEST_P(OnceTest, AResetOfAKeptConnectionIsNoReasonToSendAgain) {
  ExpectOneCopy({"", Then::kReset});
}

TEST_P(OnceTest, AnEndOfAKeptConnectionIsNoReasonToSendAgain) {
  ExpectOneCopy({"", Then::kClose});
}

TEST_P(OnceTest, APieceOfAnAnswerIsNoReasonToSendAgain) {
  ExpectOneCopy({"HTTP/1.1 200 OK\r\nContent-Le", Then::kReset});
}

TEST_P(OnceTest, WhatEndsAtTheHeadIsSentAsAWholeAtMostOnce) {
  LoopbackServer server([this](const SeenRequest&) -> ServerReply {
    if (++seen_ != 2) return {HttpAnswer(200, "")};
    return {"", Then::kReset};
  });
  ASSERT_THAT(Send(PostTo(server.Url("/1"))),
              EndsWith(Failure::kNone, Phase::kResponseRead));
  server.IgnoreBodies(true);
  const Response response = Send(PostTo(server.Url("/2"), Body()));
  // Before its body has left, it may begin anew; after that, never.
  if (response.failure != Failure::kNone) {
    EXPECT_EQ(response.failure, Failure::kLost);
    EXPECT_EQ(server.requests().size(), 2u);
  }
}

TEST_P(OnceTest, AConnectionThatEndedWhileIdleIsReplaced) {
  LoopbackServer server([](const SeenRequest&) -> ServerReply {
    return {HttpAnswer(200, ""), Then::kClose};
  });
  for (int i = 1; i <= 20; ++i) {
    const Response response = Send(PostTo(server.Url("/"), Body()));
    if (response.failure != Failure::kNone) {
      // It met the end of the connection on the way, a large one perhaps
      // before all of it had left.
      EXPECT_EQ(response.failure, Failure::kLost);
      EXPECT_THAT(response.phase,
                  testing::AnyOf(Phase::kRequestUnsent, Phase::kRequestSent));
    }
    EXPECT_LE(server.requests().size(), static_cast<size_t>(i));
  }
  EXPECT_GE(server.connections(), 2);
}

INSTANTIATE_TEST_SUITE_P(Bodies, OnceTest,
                         testing::Values(1, 2, 100, 16 << 10, 70'000, 2 << 20));

}  // namespace
}  // namespace broadcast::http
