#include "senders/log_sender.h"

#include "sender_fixture.h"

namespace broadcast::senders {
namespace {

TEST(LogSenderTest, EverythingIsDoneAtOnceAndNothingOfItIsTold) {
  testing::internal::CaptureStderr();
  test::FakeClock clock;
  IdSource ids(&clock, 1);
  {
    Log log(&clock, Severity::kInfo);
    LogSender sender(&log, &ids);
    for (const Action action :
         {Action::kSend, Action::kEdit, Action::kDelete, Action::kCopy}) {
      Pending<Report> pending;
      sender.Start({.delivery_id = "the-delivery",
                    .action = action,
                    .address = "the-address",
                    .content = {.text = "the-text"},
                    .message_id = "the-message"},
                   pending.Done());
      ASSERT_TRUE(pending.answered());
      const Report report = pending.Wait();
      EXPECT_EQ(report.verdict, Verdict::kDone);
      EXPECT_EQ(report.phase, Phase::kResponseRead);
      const bool makes = action == Action::kSend || action == Action::kCopy;
      EXPECT_EQ(IsUuid(report.message_id), makes);
    }
  }
  const std::string lines = testing::internal::GetCapturedStderr();
  for (const char* event : {"message.sent", "message.edited", "message.deleted",
                            "message.copied"}) {
    EXPECT_THAT(lines, testing::HasSubstr(event));
  }
  EXPECT_THAT(lines, testing::HasSubstr("the-delivery"));
  EXPECT_THAT(lines, testing::Not(testing::HasSubstr("the-text")));
  EXPECT_THAT(lines, testing::Not(testing::HasSubstr("the-address")));
}

TEST(LogSenderTest, ItMayDoEverything) {
  test::FakeClock clock;
  IdSource ids(&clock, 1);
  Log log(&clock, Severity::kError);
  LogSender sender(&log, &ids);
  Pending<ProbeResult> pending;
  sender.Probe("anywhere", absl::Seconds(1), pending.Done());
  EXPECT_EQ(pending.Wait().report.verdict, Verdict::kDone);
  EXPECT_TRUE(pending.Wait().chat.may_delete);
  EXPECT_TRUE(sender.capabilities().repeatable);
}

TEST(LogSenderTest, ItCannotTellWhatIsThere) {
  test::FakeClock clock;
  IdSource ids(&clock, 1);
  Log log(&clock, Severity::kError);
  LogSender sender(&log, &ids);
  EXPECT_FALSE(sender.capabilities().probes);
  Pending<Report> pending;
  sender.Start({.action = Action::kProbe, .message_id = "7"}, pending.Done());
  EXPECT_EQ(pending.Wait().verdict, Verdict::kRejected);
  EXPECT_EQ(pending.Wait().reason, "unsupported");
}

}  // namespace
}  // namespace broadcast::senders
