// What people are told of a call that failed.
#include "cli/call_failure.h"

#include <gmock/gmock.h>
#include <grpcpp/support/status.h>
#include <gtest/gtest.h>

#include "google/rpc/error_details.pb.h"

namespace broadcast::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Answer {
 public:
  Answer(grpc::StatusCode code, const std::string& message) {
    status_.set_code(code);
    status_.set_message(message);
  }

  Answer& Reason(const std::string& reason,
                 const std::map<std::string, std::string>& metadata = {}) {
    google::rpc::ErrorInfo info;
    info.set_domain("broadcastd");
    info.set_reason(reason);
    info.mutable_metadata()->insert(metadata.begin(), metadata.end());
    status_.add_details()->PackFrom(info);
    return *this;
  }

  Answer& RetryAfter(int64_t seconds) {
    google::rpc::RetryInfo retry;
    retry.mutable_retry_delay()->set_seconds(seconds);
    status_.add_details()->PackFrom(retry);
    return *this;
  }

  Answer& Violation(const std::string& field, const std::string& why) {
    google::rpc::BadRequest bad;
    auto* added = bad.add_field_violations();
    added->set_field(field);
    added->set_description(why);
    status_.add_details()->PackFrom(bad);
    return *this;
  }

  Answer& Unknown() {
    status_.add_details()->set_type_url("type.googleapis.com/of.the.Future");
    return *this;
  }

  absl::Status Failure() const {
    return FromGrpc(grpc::Status(static_cast<grpc::StatusCode>(status_.code()),
                                 status_.message(),
                                 status_.SerializeAsString()));
  }

 private:
  google::rpc::Status status_;
};

std::string TextOf(const absl::Status& failure) {
  return FailureText(failure, Palette(false));
}

TEST(CallFailureTest, ACoolDownSaysWhenToRetry) {
  const absl::Status failure =
      Answer(grpc::StatusCode::RESOURCE_EXHAUSTED, "a moment ago")
          .Reason("TRIGGER_COOLDOWN", {{"entry_id", "e"}})
          .RetryAfter(257)
          .Failure();
  EXPECT_EQ(ExitOf(failure), kExitTooSoon);
  EXPECT_EQ(TextOf(failure),
            "broadcastctl: a moment ago [TRIGGER_COOLDOWN]\n"
            "  entry_id = e\n"
            "retry in 4m17s\n");
}

TEST(CallFailureTest, AQuotaIsNoCoolDown) {
  const absl::Status failure =
      Answer(grpc::StatusCode::RESOURCE_EXHAUSTED, "ten pairs")
          .Reason("CHANNEL_PAIR_LIMIT")
          .Failure();
  EXPECT_EQ(ExitOf(failure), kExitPrecondition);
  EXPECT_THAT(TextOf(failure), Not(HasSubstr("retry")));
}

TEST(CallFailureTest, EveryFieldIsTold) {
  const absl::Status failure =
      Answer(grpc::StatusCode::INVALID_ARGUMENT, "1 field is wrong")
          .Reason("INVALID_FIELDS")
          .Violation("entry_id", "must be a UUID")
          .Failure();
  EXPECT_EQ(ExitOf(failure), kExitUsage);
  EXPECT_THAT(TextOf(failure), HasSubstr("  entry_id: must be a UUID\n"));
}

TEST(CallFailureTest, ARemedyNamesTheCommand) {
  const absl::Status failure =
      Answer(grpc::StatusCode::ABORTED, "it runs")
          .Reason("SYNC_RUNNING", {{"operation_id", "o-1"}})
          .Failure();
  EXPECT_EQ(ExitOf(failure), kExitPrecondition);
  EXPECT_THAT(TextOf(failure),
              HasSubstr("broadcastctl operations watch o-1\n"));
}

TEST(CallFailureTest, AReasonOfTheFutureIsToldAsItIs) {
  const absl::Status failure =
      Answer(grpc::StatusCode::FAILED_PRECONDITION, "something new")
          .Unknown()
          .Reason("OF_THE_FUTURE", {{"key", "value"}})
          .Failure();
  EXPECT_EQ(ExitOf(failure), kExitPrecondition);
  EXPECT_THAT(TextOf(failure), HasSubstr("something new [OF_THE_FUTURE]\n"));
  EXPECT_EQ(ToProto(failure).details_size(), 1);
}

TEST(CallFailureTest, TheServerHasNoSayOverTheTerminal) {
  const absl::Status failure =
      Answer(grpc::StatusCode::INTERNAL, "\x1b[2Jgone").Failure();
  EXPECT_EQ(ExitOf(failure), kExitFailed);
  EXPECT_THAT(TextOf(failure), Not(HasSubstr("\x1b")));
}

TEST(CallFailureTest, HintsComeLast) {
  const absl::Status failure =
      WithHint(WithHint(absl::CancelledError("interrupted"), "one"), "two");
  EXPECT_EQ(ExitOf(failure), kExitInterrupted);
  EXPECT_EQ(TextOf(failure), "broadcastctl: interrupted\none\ntwo\n");
}

TEST(CallFailureTest, ABrokenDetailIsNone) {
  const absl::Status failure = FromGrpc(
      grpc::Status(grpc::StatusCode::NOT_FOUND, "no entry", "\xff\xff"));
  EXPECT_EQ(ExitOf(failure), kExitNotFound);
  EXPECT_EQ(TextOf(failure), "broadcastctl: no entry\n");
}

TEST(CallFailureTest, AServerThatStopsBreaksCallsOff) {
  EXPECT_TRUE(IsBrokenOff(absl::UnavailableError("socket closed")));
  EXPECT_TRUE(IsBrokenOff(absl::CancelledError("")));
  EXPECT_FALSE(IsBrokenOff(absl::InternalError("")));
  EXPECT_FALSE(IsBrokenOff(Answer(grpc::StatusCode::UNAVAILABLE, "not now")
                               .Reason("STORAGE_UNAVAILABLE")
                               .Failure()));
}

TEST(CallFailureTest, CodesHaveTheirExitStatus) {
  const std::pair<absl::StatusCode, ExitStatus> expected[] = {
      {absl::StatusCode::kOk, kExitDone},
      {absl::StatusCode::kUnavailable, kExitConnection},
      {absl::StatusCode::kDeadlineExceeded, kExitConnection},
      {absl::StatusCode::kUnauthenticated, kExitDenied},
      {absl::StatusCode::kPermissionDenied, kExitDenied},
      {absl::StatusCode::kOutOfRange, kExitUsage},
      {absl::StatusCode::kAlreadyExists, kExitPrecondition},
      {absl::StatusCode::kUnimplemented, kExitFailed},
  };
  for (const auto& [code, exit] : expected) {
    EXPECT_EQ(ExitOf(absl::Status(code, "x")), exit)
        << absl::StatusCodeToString(code);
  }
}

}  // namespace
}  // namespace broadcast::cli
