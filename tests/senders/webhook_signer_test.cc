#include "senders/webhook_signer.h"

#include <gtest/gtest.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "support/status_matchers.h"

namespace broadcast::senders {
namespace {

// The example that the libraries of Standard Webhooks are tested with.
constexpr char kSecret[] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr char kId[] = "msg_p5jXN8AQM9LWM0D4loKWxJek";
constexpr char kBody[] = R"({"test": 2432232314})";
constexpr char kSignature[] = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

std::string SecretOf(size_t bytes) {
  return absl::StrCat("whsec_", absl::Base64Escape(std::string(bytes, 'k')));
}

TEST(WebhookSignerTest, TheKnownAnswer) {
  const auto signer = *WebhookSigner::Create({kSecret});
  EXPECT_EQ(signer.Sign(kId, absl::FromUnixSeconds(1614265330), kBody),
            kSignature);
  // Of the second that has begun.
  EXPECT_EQ(
      signer.Sign(kId,
                  absl::FromUnixSeconds(1614265330) + absl::Milliseconds(999),
                  kBody),
      kSignature);
}

TEST(WebhookSignerTest, EachSecretSigns) {
  const auto one = *WebhookSigner::Create({SecretOf(32)});
  const auto both = *WebhookSigner::Create({SecretOf(32), kSecret});
  const absl::Time time = absl::FromUnixSeconds(1614265330);
  EXPECT_EQ(both.Sign(kId, time, kBody),
            absl::StrCat(one.Sign(kId, time, kBody), " ", kSignature));
}

TEST(WebhookSignerTest, EverythingThatIsSignedCounts) {
  const auto signer = *WebhookSigner::Create({kSecret});
  const absl::Time time = absl::FromUnixSeconds(1614265330);
  EXPECT_NE(signer.Sign("other", time, kBody), kSignature);
  EXPECT_NE(signer.Sign(kId, time + absl::Seconds(1), kBody), kSignature);
  EXPECT_NE(signer.Sign(kId, time, "{}"), kSignature);
}

TEST(WebhookSignerTest, ASecretHasItsForm) {
  for (const size_t bytes : {24, 32, 64}) {
    EXPECT_TRUE(WebhookSigner::Create({SecretOf(bytes)}).ok()) << bytes;
  }
  for (const std::string& secret :
       {std::string(), std::string("whsec_"), SecretOf(23), SecretOf(65),
        SecretOf(32).substr(6),
        std::string("whsec_no base64, but long "
                    "enough to be a key of ours")}) {
    const absl::Status status =
        WebhookSigner::Create({kSecret, secret}).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    if (secret.size() > 6) {
      EXPECT_EQ(status.message().find(secret.substr(6)),
                absl::string_view::npos);
    }
  }
  EXPECT_FALSE(WebhookSigner::Create({}).ok());
}

}  // namespace
}  // namespace broadcast::senders
