#include "senders/classify_webhook.h"

#include <gtest/gtest.h>

#include "invariants.h"

namespace broadcast::senders {
namespace {

using http::Failure;
using http::Response;

Report Classify(const Response& response) {
  const Report report = ClassifyWebhook(response);
  EXPECT_EQ(BrokenInvariant(report, Action::kSend, false, response), "");
  return report;
}

Response Answer(int status) {
  return {.phase = Phase::kResponseRead,
          .status = status,
          .body = "what it says: secret"};
}

TEST(ClassifyWebhookTest, TheStatusDecides) {
  struct Case {
    int status;
    Verdict verdict;
    const char* reason;
  };
  for (const Case& each : {Case{200, Verdict::kDone, ""},
                           Case{201, Verdict::kDone, ""},
                           Case{202, Verdict::kDone, ""},
                           Case{204, Verdict::kDone, ""},
                           Case{299, Verdict::kDone, ""},
                           Case{300, Verdict::kRetry, "redirected"},
                           Case{301, Verdict::kRetry, "redirected"},
                           Case{302, Verdict::kRetry, "redirected"},
                           Case{308, Verdict::kRetry, "redirected"},
                           Case{400, Verdict::kRetry, "client_error"},
                           Case{401, Verdict::kRetry, "client_error"},
                           Case{403, Verdict::kRetry, "client_error"},
                           Case{404, Verdict::kRetry, "client_error"},
                           Case{408, Verdict::kRetry, "client_error"},
                           Case{410, Verdict::kChannelGone, "gone"},
                           Case{425, Verdict::kRetry, "client_error"},
                           Case{429, Verdict::kRetry, "too_many_requests"},
                           Case{500, Verdict::kRetry, "server_error"},
                           Case{502, Verdict::kRetry, "server_error"},
                           Case{503, Verdict::kRetry, "server_error"},
                           Case{599, Verdict::kRetry, "server_error"}}) {
    const Report report = Classify(Answer(each.status));
    EXPECT_EQ(report.verdict, each.verdict) << each.status;
    EXPECT_EQ(report.reason, each.reason) << each.status;
    EXPECT_EQ(report.http_status, each.status);
    EXPECT_EQ(report.detail.find("secret"), report.detail.npos);
  }
}

TEST(ClassifyWebhookTest, ARefusalSaysWhenToComeBackWithinADay) {
  for (const int status : {429, 503, 404}) {
    Response response = Answer(status);
    response.retry_after = absl::Seconds(90);
    EXPECT_EQ(Classify(response).retry_after, absl::Seconds(90));
    response.retry_after = absl::Hours(24 * 7);
    EXPECT_EQ(Classify(response).retry_after, absl::Hours(24));
    EXPECT_EQ(Classify(response).limit,
              status == 429 ? LimitScope::kChat : LimitScope::kNone);
  }
  Response done = Answer(200);
  done.retry_after = absl::Seconds(90);
  EXPECT_FALSE(Classify(done).retry_after.has_value());
}

TEST(ClassifyWebhookTest, AFailureIsARetryWhateverWasSent) {
  for (int failure = 1; failure <= static_cast<int>(Failure::kInternal);
       ++failure) {
    for (const Phase phase :
         {Phase::kNotConnected, Phase::kRequestUnsent, Phase::kRequestSent}) {
      const auto kind = static_cast<Failure>(failure);
      const bool ours = kind == Failure::kUrl || kind == Failure::kBlocked;
      const Report report = Classify({.failure = kind, .phase = phase});
      EXPECT_EQ(report.verdict, ours ? Verdict::kChannelGone : Verdict::kRetry);
      EXPECT_FALSE(report.reason.empty());
    }
  }
}

TEST(ClassifyWebhookTest, AStatusCountsAlthoughItsBodyIsCut) {
  Response response = Answer(200);
  response.failure = Failure::kLost;
  EXPECT_EQ(Classify(response).verdict, Verdict::kDone);
  response = Answer(410);
  response.failure = Failure::kTooLarge;
  EXPECT_EQ(Classify(response).verdict, Verdict::kChannelGone);
}

}  // namespace
}  // namespace broadcast::senders
