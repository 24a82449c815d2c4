// What the Bot API's answers are taken for. One file, long as it is: a list of
// what it says, and what follows for each action.
#include "senders/classify_telegram.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "telegram_answers.h"

namespace broadcast::senders {
namespace {

using http::Failure;
using http::Response;
using testing::HasSubstr;
using testing::Not;

constexpr Action kActions[] = {Action::kSend, Action::kEdit, Action::kDelete,
                               Action::kCopy};

class RefusalTest : public testing::TestWithParam<Case> {};

TEST_P(RefusalTest, EveryActionReadsTheDescription) {
  const Case& refusal = GetParam();
  for (const Action action : kActions) {
    const Report report = Classify(
        action, Answer(refusal.code, Error(refusal.code, refusal.description)));
    EXPECT_EQ(report.verdict, refusal.verdict) << refusal.description;
    EXPECT_EQ(report.reason, refusal.reason) << refusal.description;
    EXPECT_EQ(report.http_status, refusal.code);
    EXPECT_FALSE(report.detail.empty());
  }
}

INSTANTIATE_TEST_SUITE_P(
    Recipient, RefusalTest,
    testing::Values(
        Case{403, "Forbidden: bot was blocked by the user",
             Verdict::kRecipientGone, "blocked_by_user"},
        Case{403, "Forbidden: user is deactivated", Verdict::kRecipientGone,
             "user_deactivated"},
        Case{403, "Forbidden: bot can't initiate conversation with a user",
             Verdict::kRecipientGone, "conversation_not_begun"},
        Case{403, "Forbidden: the bot can't send messages to the bot",
             Verdict::kRecipientGone, "recipient_is_bot"},
        Case{403, "Forbidden: bot can't send messages to bots",
             Verdict::kRecipientGone, "recipient_is_bot"}));

INSTANTIATE_TEST_SUITE_P(
    Channel, RefusalTest,
    testing::Values(
        Case{403, "Forbidden: bot was kicked from the group chat",
             Verdict::kChannelSuspect, "kicked"},
        Case{403, "Forbidden: bot was kicked from the supergroup chat",
             Verdict::kChannelSuspect, "kicked"},
        Case{403, "Forbidden: bot was kicked from the channel chat",
             Verdict::kChannelSuspect, "kicked"},
        Case{403, "Forbidden: bot is not a member of the channel chat",
             Verdict::kChannelSuspect, "not_a_member"},
        Case{403, "Forbidden: the group chat was deleted",
             Verdict::kChannelGone, "chat_deleted"},
        Case{403, "Forbidden: something new", Verdict::kChannelSuspect,
             "forbidden"},
        Case{400, "Bad Request: chat not found", Verdict::kChannelSuspect,
             "chat_not_found"},
        Case{400, "Bad Request: private chat not found",
             Verdict::kChannelSuspect, "chat_not_found"},
        Case{400, "Bad Request: PEER_ID_INVALID", Verdict::kChannelSuspect,
             "chat_not_found"},
        Case{400, "Bad Request: CHANNEL_PRIVATE", Verdict::kChannelSuspect,
             "chat_not_found"},
        Case{400, "Bad Request: message thread not found",
             Verdict::kChannelSuspect, "thread_not_found"},
        Case{400, "Bad Request: TOPIC_CLOSED", Verdict::kChannelSuspect,
             "thread_closed"},
        Case{400, "Bad Request: group chat was upgraded to a supergroup chat",
             Verdict::kChannelSuspect, "chat_upgraded"}));

INSTANTIATE_TEST_SUITE_P(
    Rights, RefusalTest,
    testing::Values(
        Case{400, "Bad Request: need administrator rights in the channel chat",
             Verdict::kChannelSuspect, "no_rights"},
        Case{400, "Bad Request: have no write access to the chat",
             Verdict::kChannelSuspect, "no_rights"},
        Case{400, "Bad Request: have no rights to send a message",
             Verdict::kChannelSuspect, "no_rights"},
        Case{400,
             "Bad Request: not enough rights to send text messages to the chat",
             Verdict::kChannelSuspect, "no_rights"},
        Case{400, "Bad Request: CHAT_WRITE_FORBIDDEN", Verdict::kChannelSuspect,
             "no_rights"},
        Case{403, "Forbidden: CHAT_WRITE_FORBIDDEN", Verdict::kChannelSuspect,
             "no_rights"}));

INSTANTIATE_TEST_SUITE_P(
    Message, RefusalTest,
    testing::Values(
        Case{400,
             "Bad Request: can't parse entities: Can't find end of the entity "
             "starting at byte offset 4",
             Verdict::kRejected, "markup_invalid"},
        Case{400,
             "Bad Request: can't parse entities: Unsupported start tag "
             "\\\"chat not found\\\" at byte offset 0",
             Verdict::kRejected, "markup_invalid"},
        Case{400, "Bad Request: message is too long", Verdict::kRejected,
             "text_too_long"},
        Case{400, "Bad Request: text is too long", Verdict::kRejected,
             "text_too_long"},
        Case{400, "Bad Request: message text is empty", Verdict::kRejected,
             "text_empty"},
        Case{400, "Bad Request: text must be non-empty", Verdict::kRejected,
             "text_empty"},
        Case{400, "Bad Request: wrong HTTP URL specified", Verdict::kRejected,
             "url_invalid"},
        Case{400, "Bad Request: BUTTON_URL_INVALID", Verdict::kRejected,
             "url_invalid"},
        Case{400, "Bad Request: reply markup is too long", Verdict::kRejected,
             "buttons_invalid"},
        Case{400, "Bad Request: can't parse inline keyboard button: no text",
             Verdict::kRejected, "buttons_invalid"},
        Case{400, "Bad Request: message to edit not found", Verdict::kRejected,
             "message_not_found"},
        Case{400, "Bad Request: message to copy not found", Verdict::kRejected,
             "message_not_found"},
        Case{400, "Bad Request: message can't be edited", Verdict::kRejected,
             "message_uneditable"},
        Case{400,
             "Bad Request: message has protected content and can't be "
             "forwarded",
             Verdict::kRejected, "message_uncopyable"},
        Case{400, "Bad Request: the message can't be copied",
             Verdict::kRejected, "message_uncopyable"},
        Case{400, "Bad Request: message can't be deleted",
             Verdict::kUndeletable, "message_undeletable"},
        Case{400, "Bad Request: message can't be deleted for everyone",
             Verdict::kUndeletable, "message_undeletable"},
        Case{400, "Bad Request: something new", Verdict::kRejected,
             "bad_request"},
        Case{400, "Bad Request: no, chat not found", Verdict::kRejected,
             "bad_request"},
        Case{413, "Request Entity Too Large", Verdict::kRejected,
             "request_too_large"}));

INSTANTIATE_TEST_SUITE_P(
    Account, RefusalTest,
    testing::Values(
        Case{401, "Unauthorized", Verdict::kAccountStopped, "token_refused"},
        Case{401, "Unauthorized: invalid token specified",
             Verdict::kAccountStopped, "token_refused"},
        Case{404, "Not Found", Verdict::kAccountStopped, "method_not_found"},
        Case{421, "Misdirected Request", Verdict::kAccountStopped,
             "misdirected"}));

TEST(ClassifyTelegramTest, WhatWasDoneHasItsId) {
  const Report sent = Classify(
      Action::kSend,
      Answer(200,
             R"({"ok":true,"result":{"message_id":42,"date":1,"chat":{}}})"));
  EXPECT_EQ(sent.verdict, Verdict::kDone);
  EXPECT_EQ(sent.message_id, "42");
  const Report copied = Classify(
      Action::kCopy, Answer(200, R"({"ok":true,"result":{"message_id":7}})"));
  EXPECT_EQ(copied.verdict, Verdict::kDone);
  EXPECT_EQ(copied.message_id, "7");
  EXPECT_EQ(
      Classify(Action::kDelete, Answer(200, R"({"ok":true,"result":true})"))
          .verdict,
      Verdict::kDone);
  EXPECT_EQ(Classify(Action::kEdit,
                     Answer(200, R"({"ok":true,"result":{"message_id":7}})"))
                .verdict,
            Verdict::kDone);
}

TEST(ClassifyTelegramTest, AnIdOf64BitsIsWhole) {
  EXPECT_EQ(Classify(Action::kSend, Answer(200, R"({"ok":true,"result":
                                {"message_id":9223372036854775807}})"))
                .message_id,
            "9223372036854775807");
}

TEST(ClassifyTelegramTest, AnOkWithoutAnIdIsUnknown) {
  for (const char* body :
       {R"({"ok":true})", R"({"ok":true,"result":true})",
        R"({"ok":true,"result":null})", R"({"ok":true,"result":{}})",
        R"({"ok":true,"result":{"message_id":"42"}})",
        R"({"ok":true,"result":{"message_id":4.5}})",
        R"({"ok":true,"result":{"message_id":0}})",
        R"({"ok":true,"result":{"message_id":-1}})",
        R"({"ok":true,"result":{"message_id":9223372036854775808}})",
        R"({"ok":true,"result":{"message_id":1e300}})",
        R"({"ok":true,"result":[{"message_id":1}]})"}) {
    for (const Action action : {Action::kSend, Action::kCopy}) {
      const Report report = Classify(action, Answer(200, body));
      EXPECT_EQ(report.verdict, Verdict::kUnknown) << body;
      EXPECT_EQ(report.reason, "answer_malformed");
    }
  }
}

TEST(ClassifyTelegramTest, AnAnswerThatIsNoneIsUnknownOrARetry) {
  const std::string deep(60'000, '[');
  for (const std::string& body :
       {std::string(), std::string("{"), std::string("null"), std::string("[]"),
        std::string("{}"), std::string("true"), std::string(R"({"ok":"true"})"),
        std::string(R"({"ok":1})"),
        std::string("<html><h1>502 Bad Gateway</h1></html>"),
        std::string("\xff\xfe\x00", 3), std::string(R"({"ok":true)"), deep,
        std::string(R"({"a":1e999,"ok":true})")}) {
    for (const int status : {200, 204, 400, 403, 500, 502, 503, 504}) {
      for (const Action action : kActions) {
        const Report report = Classify(action, Answer(status, body));
        EXPECT_EQ(report.verdict,
                  Once(action) ? Verdict::kUnknown : Verdict::kRetry)
            << status << " " << body.substr(0, 40);
        EXPECT_EQ(report.detail, "");
      }
    }
  }
}

TEST(ClassifyTelegramTest, AServerErrorIsUnknownOrARetry) {
  struct Error5xx {
    int code;
    const char* description;
    const char* reason;
  };
  for (const Error5xx& error :
       {Error5xx{500, "Internal Server Error: restart", "server_restarted"},
        Error5xx{500,
                 "Internal Server Error: sent message was immediately "
                 "deleted",
                 "server_error"},
        Error5xx{502, "Bad Gateway", "server_error"},
        Error5xx{504, "Gateway Timeout", "server_error"}}) {
    for (const Action action : kActions) {
      const Report report = Classify(
          action, Answer(error.code, Error(error.code, error.description)));
      EXPECT_EQ(report.verdict,
                Once(action) ? Verdict::kUnknown : Verdict::kRetry);
      EXPECT_EQ(report.reason, error.reason);
    }
  }
}

TEST(ClassifyTelegramTest, A503ThatSaysWhenIsARetry) {
  Response response = Answer(503, "<html>");
  response.retry_after = absl::Seconds(9);
  const Report report = Classify(Action::kSend, response);
  EXPECT_EQ(report.verdict, Verdict::kRetry);
  EXPECT_EQ(report.reason, "service_unavailable");
  EXPECT_EQ(report.retry_after, absl::Seconds(9));
}

TEST(ClassifyTelegramTest, AShortWaitIsTheChatsAndALongOneTheAccounts) {
  struct Wait {
    const char* parameters;
    std::optional<absl::Duration> retry_after;
    LimitScope limit;
  };
  for (const Wait& wait :
       {Wait{R"({"retry_after":0})", absl::Seconds(0), LimitScope::kChat},
        Wait{R"({"retry_after":1})", absl::Seconds(1), LimitScope::kChat},
        Wait{R"({"retry_after":4})", absl::Seconds(4), LimitScope::kChat},
        Wait{R"({"retry_after":5})", absl::Seconds(5), LimitScope::kAccount},
        Wait{R"({"retry_after":35})", absl::Seconds(35), LimitScope::kAccount},
        Wait{R"({"retry_after":86400})", absl::Hours(24), LimitScope::kAccount},
        Wait{R"({"retry_after":9223372036854775807})", absl::Hours(24 * 7),
             LimitScope::kAccount},
        Wait{R"({"retry_after":18446744073709551615})", absl::Hours(24 * 7),
             LimitScope::kAccount},
        Wait{R"({"retry_after":1e30})", absl::Hours(24 * 7),
             LimitScope::kAccount},
        Wait{R"({"retry_after":-5})", std::nullopt, LimitScope::kAccount},
        Wait{R"({"retry_after":"5"})", std::nullopt, LimitScope::kAccount},
        Wait{R"({"retry_after":null})", std::nullopt, LimitScope::kAccount},
        Wait{"[]", std::nullopt, LimitScope::kAccount},
        Wait{"", std::nullopt, LimitScope::kAccount}}) {
    for (const Action action : kActions) {
      const Report report = Classify(
          action, Answer(429, Error(429, "Too Many Requests: retry after 5",
                                    wait.parameters)));
      EXPECT_EQ(report.verdict, Verdict::kRetry);
      EXPECT_EQ(report.reason, "too_many_requests");
      EXPECT_EQ(report.retry_after, wait.retry_after) << wait.parameters;
      EXPECT_EQ(report.limit, wait.limit) << wait.parameters;
    }
  }
}

TEST(ClassifyTelegramTest, ALimitOfWhatStandsBeforeTheServerCountsToo) {
  Response response = Answer(429, "<html>Too Many Requests</html>");
  response.retry_after = absl::Seconds(3);
  const Report report = Classify(Action::kSend, response);
  EXPECT_EQ(report.verdict, Verdict::kRetry);
  EXPECT_EQ(report.retry_after, absl::Seconds(3));
  EXPECT_EQ(report.limit, LimitScope::kChat);
}

TEST(ClassifyTelegramTest, AGroupThatMovedHasANewAddress) {
  const Response response = Answer(
      400,
      Error(400, "Bad Request: group chat was upgraded to a supergroup chat",
            R"({"migrate_to_chat_id":-1001234567890})"));
  for (const Action action : kActions) {
    const Report report = Classify(action, response);
    EXPECT_EQ(report.verdict, Verdict::kMoved);
    EXPECT_EQ(report.new_address, "-1001234567890");
    EXPECT_EQ(report.reason, "chat_moved");
  }
  for (const char* parameters :
       {R"({"migrate_to_chat_id":0})", R"({"migrate_to_chat_id":"-1"})",
        R"({"migrate_to_chat_id":-1.5})", "{}"}) {
    EXPECT_EQ(
        Classify(Action::kSend,
                 Answer(400, Error(400,
                                   "Bad Request: group chat was upgraded to a "
                                   "supergroup chat",
                                   parameters)))
            .verdict,
        Verdict::kChannelSuspect)
        << parameters;
  }
}

TEST(ClassifyTelegramTest, ACopyMovesWithItsTargetAndNotWithItsSource) {
  const Response response =
      Answer(400, Error(400, "Bad Request: group chat was upgraded",
                        R"({"migrate_to_chat_id":-1009})"));
  EXPECT_EQ(ClassifyTelegram({.action = Action::kCopy,
                              .address = "-55",
                              .source_address = "-1001234567890"},
                             response)
                .verdict,
            Verdict::kMoved);
  const Report report = ClassifyTelegram({.action = Action::kCopy,
                                          .address = "-1001234567890",
                                          .source_address = "-55"},
                                         response);
  EXPECT_EQ(report.verdict, Verdict::kRejected);
  EXPECT_EQ(report.reason, "message_not_found");
}

TEST(ClassifyTelegramTest, WhatIsAsItShouldBeIsDone) {
  const Response same = Answer(
      400, Error(400,
                 "Bad Request: message is not modified: specified new message "
                 "content and reply markup are exactly the same as a current "
                 "content and reply markup of the message"));
  EXPECT_EQ(Classify(Action::kEdit, same).verdict, Verdict::kDone);
  EXPECT_EQ(Classify(Action::kSend, same).verdict, Verdict::kRejected);
  const Response gone =
      Answer(400, Error(400, "Bad Request: message to delete not found"));
  EXPECT_EQ(Classify(Action::kDelete, gone).verdict, Verdict::kDone);
  EXPECT_EQ(Classify(Action::kEdit, gone).verdict, Verdict::kRejected);
}

TEST(ClassifyTelegramTest, AServerThatRefusesWithStatus200IsUnderstood) {
  const Report report = Classify(
      Action::kSend, Answer(200, Error(403,
                                       "Forbidden: bot was blocked by the "
                                       "user")));
  EXPECT_EQ(report.verdict, Verdict::kRecipientGone);
  EXPECT_EQ(Classify(Action::kSend, Answer(200, R"({"ok":false})")).verdict,
            Verdict::kRejected);
  EXPECT_EQ(
      Classify(Action::kSend, Answer(400, R"({"ok":false,"error_code":1e99})"))
          .verdict,
      Verdict::kRejected);
}

TEST(ClassifyTelegramTest, WhatStandsBeforeTheServerIsUnderstood) {
  EXPECT_EQ(Classify(Action::kSend, Answer(404, "<html>")).verdict,
            Verdict::kAccountStopped);
  EXPECT_EQ(Classify(Action::kSend, Answer(401, "")).verdict,
            Verdict::kAccountStopped);
  const Report redirected = Classify(Action::kSend, Answer(302, "<html>"));
  EXPECT_EQ(redirected.verdict, Verdict::kRetry);
  EXPECT_EQ(redirected.reason, "redirected");
}

struct FailureCase {
  Failure failure;
  Phase phase;
  Verdict verdict;  // of a send
  const char* reason;
};

TEST(ClassifyTelegramTest, AFailureBeforeTheRequestIsARetryAndAfterItUnknown) {
  for (const FailureCase& each :
       {FailureCase{Failure::kResolve, Phase::kNotConnected, Verdict::kRetry,
                    "resolve_failed"},
        FailureCase{Failure::kConnect, Phase::kNotConnected, Verdict::kRetry,
                    "connect_failed"},
        FailureCase{Failure::kTls, Phase::kNotConnected, Verdict::kRetry,
                    "tls_failed"},
        FailureCase{Failure::kTimeout, Phase::kNotConnected, Verdict::kRetry,
                    "timed_out"},
        FailureCase{Failure::kTimeout, Phase::kRequestUnsent, Verdict::kRetry,
                    "timed_out"},
        FailureCase{Failure::kLost, Phase::kRequestUnsent, Verdict::kRetry,
                    "connection_lost"},
        FailureCase{Failure::kCancelled, Phase::kNotConnected, Verdict::kRetry,
                    "cancelled"},
        FailureCase{Failure::kCancelled, Phase::kRequestUnsent, Verdict::kRetry,
                    "cancelled"},
        FailureCase{Failure::kInternal, Phase::kNotConnected, Verdict::kRetry,
                    "transport_failed"},
        FailureCase{Failure::kBlocked, Phase::kNotConnected,
                    Verdict::kAccountStopped, "destination_blocked"},
        FailureCase{Failure::kUrl, Phase::kNotConnected,
                    Verdict::kAccountStopped, "address_invalid"},
        FailureCase{Failure::kTimeout, Phase::kRequestSent, Verdict::kUnknown,
                    "timed_out"},
        FailureCase{Failure::kLost, Phase::kRequestSent, Verdict::kUnknown,
                    "connection_lost"},
        FailureCase{Failure::kGarbled, Phase::kRequestSent, Verdict::kUnknown,
                    "answer_malformed"},
        FailureCase{Failure::kTooLarge, Phase::kRequestSent, Verdict::kUnknown,
                    "answer_too_large"},
        FailureCase{Failure::kCancelled, Phase::kRequestSent, Verdict::kUnknown,
                    "cancelled"},
        FailureCase{Failure::kInternal, Phase::kRequestSent, Verdict::kUnknown,
                    "transport_failed"}}) {
    for (const Action action : kActions) {
      const Report report =
          Classify(action, {.failure = each.failure, .phase = each.phase});
      const bool repeatable =
          each.verdict == Verdict::kUnknown && !Once(action);
      EXPECT_EQ(report.verdict, repeatable ? Verdict::kRetry : each.verdict);
      EXPECT_EQ(report.reason, each.reason);
    }
  }
}

TEST(ClassifyTelegramTest, AnAnswerThatIsCutIsNone) {
  Response cut = Answer(200, R"({"ok":true,"result":{"message_id":42}})");
  for (const Failure failure :
       {Failure::kLost, Failure::kTimeout, Failure::kTooLarge}) {
    cut.failure = failure;
    EXPECT_EQ(Classify(Action::kSend, cut).verdict, Verdict::kUnknown);
    EXPECT_EQ(Classify(Action::kEdit, cut).verdict, Verdict::kRetry);
  }
}

TEST(ClassifyTelegramTest, ADetailRepeatsNothingOfOurs) {
  const Report report = Classify(
      Action::kSend,
      Answer(400,
             Error(400,
                   "Bad Request: inline keyboard button URL "
                   "'https://secret.example/x' is invalid: "
                   "\\\"our own text\\\" in -1001234567890 of @our_channel")));
  EXPECT_EQ(report.reason, "url_invalid");
  for (const char* ours : {"secret", "our own", "1234567890", "our_channel"}) {
    EXPECT_THAT(report.detail, Not(HasSubstr(ours)));
  }
  EXPECT_THAT(report.detail, HasSubstr("inline keyboard button URL"));
}

// Every invariant, for everything that can be put together.
TEST(ClassifyTelegramTest, InvariantsHold) {
  const std::vector<std::string> bodies = {
      "",
      "{",
      "<html>",
      R"({"ok":true})",
      R"({"ok":true,"result":{"message_id":1}})",
      R"({"ok":false})",
      Error(400, "Bad Request: chat not found"),
      Error(400, "x", R"({"migrate_to_chat_id":-5})"),
      Error(429, "x", R"({"retry_after":3})"),
      Error(500, "x"),
      Error(99999, "x"),
      Error(-1, "x")};
  for (int failure = 0; failure <= static_cast<int>(Failure::kInternal);
       ++failure) {
    for (int phase = 0; phase <= static_cast<int>(Phase::kResponseRead);
         ++phase) {
      // What the transport cannot say.
      if (failure == 0 && phase != static_cast<int>(Phase::kResponseRead)) {
        continue;
      }
      for (const int status :
           {0, 200, 204, 302, 400, 401, 403, 404, 429, 500, 502, 503, 599}) {
        for (const std::string& body : bodies) {
          for (const Action action :
               {Action::kSend, Action::kEdit, Action::kDelete, Action::kCopy,
                Action::kProbe}) {
            const Response response = {
                .failure = static_cast<Failure>(failure),
                .phase = static_cast<Phase>(phase),
                .status = phase == static_cast<int>(Phase::kResponseRead)
                              ? status
                              : 0,
                .body = body};
            Classify(action, response);
            EXPECT_NE(ClassifyTelegramQuestion(response).verdict,
                      Verdict::kUnknown);
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace broadcast::senders
