#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "sender_fixture.h"
#include "senders/telegram_sender.h"

namespace broadcast::senders {
namespace {

class TelegramProbeTest : public SenderTest {
 protected:
  // Answers getChat and getChatMember; anything else is getMe.
  ProbeResult ProbeOf(const std::string& chat, const std::string& member) {
    const auto sender = *TelegramSender::Create(
        {.token = "99:secret", .base_url = server_.Url("")}, transport_.get());
    chat_ = chat;
    member_ = member;
    return Probe(*sender, "-1001");
  }

  static std::string Ok(const std::string& result) {
    return HttpAnswer(200,
                      absl::StrCat(R"({"ok":true,"result":)", result, "}"));
  }

  std::string chat_;
  std::string member_;
  LoopbackServer server_{[this](const SeenRequest& request) -> ServerReply {
    if (absl::EndsWith(request.Path(), "/getChat")) return {chat_};
    if (absl::EndsWith(request.Path(), "/getChatMember")) return {member_};
    return {Ok(R"({"id":99,"is_bot":true})")};
  }};
};

const char kChannel[] = R"({"id":-1001,"type":"channel","title":"News"})";

TEST_F(TelegramProbeTest, AChannelHasTheRightsOfItsAdministrator) {
  ProbeResult found =
      ProbeOf(Ok(kChannel),
              Ok(R"({"status":"administrator","can_post_messages":true})"));
  EXPECT_EQ(found.report.verdict, Verdict::kDone);
  EXPECT_EQ(found.chat, (ChatInfo{.title = "News",
                                  .type = "channel",
                                  .present = true,
                                  .may_post = true,
                                  .may_edit = true,
                                  .may_delete = true}));
  ASSERT_EQ(server_.requests().size(), 2u);
  EXPECT_EQ(server_.requests()[1].body, R"({"chat_id":-1001,"user_id":99})");
  found = ProbeOf(Ok(kChannel), Ok(R"({"status":"administrator",
      "can_post_messages":false,"can_edit_messages":true})"));
  EXPECT_FALSE(found.chat.may_post);
  EXPECT_TRUE(found.chat.may_edit);
  EXPECT_FALSE(found.chat.may_delete);
}

TEST_F(TelegramProbeTest, WhoHasLeftIsNotThere) {
  for (const char* status : {"left", "kicked"}) {
    const ProbeResult found = ProbeOf(
        Ok(kChannel), Ok(absl::StrCat(R"({"status":")", status, "\"}")));
    EXPECT_EQ(found.report.verdict, Verdict::kDone);
    EXPECT_FALSE(found.chat.present);
    EXPECT_FALSE(found.chat.may_post);
    EXPECT_EQ(found.chat.title, "News");
  }
}

TEST_F(TelegramProbeTest, AGroupLetsItsMembersPost) {
  const std::string group =
      Ok(R"({"id":-5,"type":"supergroup","title":"Talk"})");
  EXPECT_TRUE(ProbeOf(group, Ok(R"({"status":"member"})")).chat.may_post);
  EXPECT_TRUE(ProbeOf(group, Ok(R"({"status":"restricted","is_member":true,
      "can_send_messages":true})"))
                  .chat.may_post);
  const ProbeResult silenced =
      ProbeOf(group, Ok(R"({"status":"restricted","is_member":true,
      "can_send_messages":false})"));
  EXPECT_TRUE(silenced.chat.present);
  EXPECT_FALSE(silenced.chat.may_post);
}

TEST_F(TelegramProbeTest, APersonIsAskedNothingMore) {
  const ProbeResult found =
      ProbeOf(Ok(R"({"id":5,"type":"private","first_name":"Ada"})"), "");
  EXPECT_EQ(found.chat.title, "Ada");
  EXPECT_TRUE(found.chat.may_post);
  EXPECT_EQ(server_.requests().size(), 1u);
}

TEST_F(TelegramProbeTest, ARefusalIsTold) {
  const ProbeResult gone = ProbeOf(
      HttpAnswer(
          400,
          R"({"ok":false,"error_code":400,"description":"Bad Request: chat not found"})"),
      "");
  EXPECT_EQ(gone.report.verdict, Verdict::kChannelSuspect);
  EXPECT_EQ(gone.report.reason, "chat_not_found");
  const ProbeResult kicked = ProbeOf(
      Ok(kChannel),
      HttpAnswer(
          403,
          R"({"ok":false,"error_code":403,"description":"Forbidden: bot was kicked from the channel chat"})"));
  EXPECT_EQ(kicked.report.reason, "kicked");
}

TEST_F(TelegramProbeTest, AnAnswerThatIsNoneIsARetry) {
  for (const std::string& chat :
       {Ok("true"), Ok("{}"), HttpAnswer(502, "<html>"), std::string("x")}) {
    const ProbeResult found = ProbeOf(chat, "");
    EXPECT_EQ(found.report.verdict, Verdict::kRetry) << chat;
    EXPECT_FALSE(found.report.reason.empty());
  }
  EXPECT_EQ(ProbeOf(Ok(kChannel), Ok("{}")).report.verdict, Verdict::kRetry);
}

TEST_F(TelegramProbeTest, WithoutAChatTheTokenIsProbed) {
  const auto sender = *TelegramSender::Create(
      {.token = "99:secret", .base_url = server_.Url("")}, transport_.get());
  EXPECT_EQ(Probe(*sender, "").report.verdict, Verdict::kDone);
  EXPECT_TRUE(absl::EndsWith(server_.requests()[0].Path(), "/getMe"));
}

// Answers setMessageReaction, then getChatMember.
class TelegramMessageProbeTest : public SenderTest {
 protected:
  Report ProbeOf(const std::string& reaction, const std::string& member,
                 const std::string& address = "-1001") {
    const auto sender = *TelegramSender::Create(
        {.token = "99:secret", .base_url = server_.Url("")}, transport_.get());
    EXPECT_TRUE(sender->capabilities().probes);
    reaction_ = reaction;
    member_ = member;
    return Deliver(
        *sender,
        {.action = Action::kProbe, .address = address, .message_id = "7"});
  }

  static std::string Ok(const std::string& result) {
    return HttpAnswer(200,
                      absl::StrCat(R"({"ok":true,"result":)", result, "}"));
  }
  static std::string Refuse(int code, const std::string& description) {
    return HttpAnswer(code,
                      absl::StrCat(R"({"ok":false,"error_code":)", code,
                                   R"(,"description":")", description, "\"}"));
  }
  const std::string gone_ =
      Refuse(400, "Bad Request: message to react not found");

  std::string reaction_;
  std::string member_;
  LoopbackServer server_{[this](const SeenRequest& request) -> ServerReply {
    if (absl::EndsWith(request.Path(), "/getChatMember")) return {member_};
    return {reaction_};
  }};
};

TEST_F(TelegramMessageProbeTest, WhatIsThereIsAskedForOnce) {
  const Report report = ProbeOf(Ok("true"), "");
  EXPECT_EQ(report.verdict, Verdict::kDone);
  EXPECT_EQ(report.reason, "");
  ASSERT_EQ(server_.requests().size(), 1u);
  EXPECT_EQ(server_.requests()[0].body,
            R"({"chat_id":-1001,"message_id":7,"reaction":[]})");
}

TEST_F(TelegramMessageProbeTest, WhatIsGoneIsGoneOnlyForAMember) {
  Report report = ProbeOf(gone_, Ok(R"({"status":"administrator"})"));
  EXPECT_EQ(report.verdict, Verdict::kDone);
  EXPECT_EQ(report.reason, kMessageNotFound);
  ASSERT_EQ(server_.requests().size(), 2u);
  EXPECT_EQ(server_.requests()[1].body, R"({"chat_id":-1001,"user_id":99})");
  report = ProbeOf(gone_, Ok(R"({"status":"left"})"));
  EXPECT_EQ(report.verdict, Verdict::kChannelSuspect);
  EXPECT_EQ(report.reason, "not_a_member");
}

TEST_F(TelegramMessageProbeTest, WhoCannotTellWhetherItIsAMemberFindsNothing) {
  EXPECT_EQ(
      ProbeOf(gone_, Refuse(429, "Too Many Requests: retry after 3")).verdict,
      Verdict::kRetry);
  EXPECT_EQ(ProbeOf(gone_, Refuse(400, "Bad Request: chat not found")).verdict,
            Verdict::kChannelSuspect);
  EXPECT_EQ(ProbeOf(gone_, Ok("{}")).reason, "answer_malformed");
}

TEST_F(TelegramMessageProbeTest, AChatWithAPersonHasNoMembers) {
  const Report report = ProbeOf(gone_, "", "5");
  EXPECT_EQ(report.reason, kMessageNotFound);
  EXPECT_EQ(server_.requests().size(), 1u);
}

}  // namespace
}  // namespace broadcast::senders
