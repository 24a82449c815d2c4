// What a message that is asked about is taken for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "telegram_answers.h"

namespace broadcast::senders {
namespace {

using http::Failure;

TEST(ClassifyProbeTest, OnlyTwoAnswersSayThatAMessageIsGone) {
  const auto probe = [](int code, absl::string_view description) {
    return Classify(Action::kProbe, Answer(code, Error(code, description)));
  };
  const Report there =
      Classify(Action::kProbe, Answer(200, R"({"ok":true,"result":true})"));
  EXPECT_EQ(there.verdict, Verdict::kDone);
  EXPECT_EQ(there.reason, "");
  for (const char* gone : {"Bad Request: message to react not found",
                           "Bad Request: MESSAGE_ID_INVALID"}) {
    EXPECT_EQ(probe(400, gone).verdict, Verdict::kDone) << gone;
    EXPECT_EQ(probe(400, gone).reason, kMessageNotFound) << gone;
    // Of another action it says something else.
    EXPECT_NE(Classify(Action::kEdit, Answer(400, Error(400, gone))).verdict,
              Verdict::kDone);
  }
  const Case others[] = {
      {400, "Bad Request: REACTION_INVALID", Verdict::kRejected,
       "reaction_refused"},
      {400, "Bad Request: reactions are not available", Verdict::kRejected,
       "reaction_refused"},
      {400, "Bad Request: message is not found", Verdict::kRejected,
       "bad_request"},
      {400, "Bad Request: say \\\"message to react not found\\\"",
       Verdict::kRejected, "bad_request"},
      {400, "Bad Request: message can't be deleted", Verdict::kRejected,
       "message_undeletable"},
      {400, "Bad Request: not enough rights to react", Verdict::kRejected,
       "no_rights"},
      {403, "Forbidden: CHAT_WRITE_FORBIDDEN", Verdict::kRejected, "no_rights"},
      {403, "Forbidden: something new", Verdict::kRejected, "bad_request"},
      {403, "Forbidden: bot was kicked from the channel chat",
       Verdict::kChannelSuspect, "kicked"},
      {400, "Bad Request: chat not found", Verdict::kChannelSuspect,
       "chat_not_found"},
      {429, "Too Many Requests: retry after 3", Verdict::kRetry,
       "too_many_requests"},
      {500, "Internal Server Error: restart", Verdict::kRetry,
       "server_restarted"},
      {401, "Unauthorized", Verdict::kAccountStopped, "token_refused"},
  };
  for (const Case& other : others) {
    const Report report = probe(other.code, other.description);
    EXPECT_EQ(report.verdict, other.verdict) << other.description;
    EXPECT_EQ(report.reason, other.reason) << other.description;
  }
}

TEST(ClassifyProbeTest, WhatIsNotAnsweredIsAskedAgain) {
  EXPECT_EQ(Classify(Action::kProbe,
                     {.failure = Failure::kLost, .phase = Phase::kRequestSent})
                .verdict,
            Verdict::kRetry);
}

TEST(ClassifyProbeTest, AServerWithoutTheMethodStopsNothing) {
  const Report report =
      Classify(Action::kProbe, Answer(404, Error(404, "Not Found")));
  EXPECT_EQ(report.verdict, Verdict::kRejected);
  EXPECT_EQ(report.reason, "method_not_found");
}

TEST(ClassifyProbeTest, AChatThatMovedLeavesItsMessages) {
  const Report report = Classify(
      Action::kProbe,
      Answer(400, Error(400,
                        "Bad Request: group chat was upgraded to a supergroup "
                        "chat",
                        R"({"migrate_to_chat_id":-1009})")));
  EXPECT_EQ(report.verdict, Verdict::kRejected);
  EXPECT_EQ(report.reason, "chat_moved");
}

}  // namespace
}  // namespace broadcast::senders
