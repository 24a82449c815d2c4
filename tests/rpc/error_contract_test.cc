// The errors of the server and those of the contract are the same.

#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/errors.h"
#include "broadcast/v1/error_reason.pb.h"
#include "failure.h"
#include "rpc/status.h"

namespace broadcast::test {
namespace {

using testing::UnorderedElementsAreArray;

constexpr absl::string_view kPrefix = "ERROR_REASON_";

std::string Source(const std::string& path) {
  std::ifstream file(absl::StrCat(BROADCASTD_SOURCE, "/", path));
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_NE(text.str(), "") << path;
  return text.str();
}

// The reasons of the contract.
std::set<std::string> Reasons() {
  std::set<std::string> reasons;
  const auto& values = *v1::ErrorReason_descriptor();
  for (int i = 0; i < values.value_count(); ++i) {
    absl::string_view name = values.value(i)->name();
    EXPECT_TRUE(absl::ConsumePrefix(&name, kPrefix)) << name;
    if (name != "UNSPECIFIED") reasons.emplace(name);
  }
  return reasons;
}

// One of each error that the server makes.
std::vector<absl::Status> AllErrors() {
  const std::string id = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0";
  return {error::InvalidFields({{"a", "b"}}),
          error::InvalidFilter("a"),
          error::InvalidOrderBy("a"),
          error::InvalidPageToken("a"),
          error::RequestIdReused("a"),
          error::ClientNotFound(id),
          error::ClientExists(id),
          error::ClientUnknown(id),
          error::ClientBeingDeleted(id),
          error::ChannelPairLimit(id, 10),
          error::ChannelNotFound(id),
          error::ChannelTaken("open_channel"),
          error::ChannelAccountMismatch("open_channel.account", id),
          error::ChannelAccountUnknown("open_channel.account", "a", "log"),
          error::ChannelPlatformUnsupported("open_channel.platform", "email"),
          error::ChannelNotActive(id, "DISABLED"),
          error::ChannelAlreadyActive(id),
          error::ChannelPairNotFound(id),
          error::ChannelPairTwice("a"),
          error::ChannelPairExists(id, ""),
          error::ChannelPairExists(id, id),
          error::EntryNotFound(id),
          error::PairNotConfigured(id),
          error::PairOfAddressesNotFound(id),
          error::EntryNotActive(id, "PAUSED"),
          error::EntryAlreadyActive(id),
          error::EtagMismatch("entry", id, "\"1\""),
          error::QueueFull(),
          error::DeadlineBeforeStart(),
          error::CancelledBeforeStart(),
          error::StorageUnavailable(),
          error::StorageBusy(),
          error::StorageFull(),
          error::StorageReadOnly(),
          error::StorageFailed(),
          error::StorageTimeout(),
          error::OutcomeUnknown(),
          error::ShuttingDown(),
          error::Internal(),
          error::TokenMissing(),
          error::TokenInvalid("expired"),
          error::ScopeMissing("entries:write"),
          error::RateLimited("principal", 1000, absl::Milliseconds(1)),
          error::TriggerCooldown(id, absl::UnixEpoch(), absl::Milliseconds(1)),
          error::EntryBroadcastRunning(id, id),
          error::EntryContentMissing(id, "both"),
          error::OperationNotFound(id),
          error::OperationFinished(id),
          error::DeliveryNotFound(id),
          error::DeliveryNotUnknown(id, "sent"),
          error::WatchExpired(),
          error::InvalidResumeToken("a"),
          error::AccountUnavailable("a"),
          error::ProbeFailed(id, "connect_failed"),
          error::FeedNotFound(id),
          error::FeedExists(id),
          error::FeedClosed(id),
          error::FeedNotEmpty(id),
          error::FeedChannelNotFound(id, id),
          error::FeedChannelExists(id, id),
          error::FeedChannelLimit(id, 100),
          error::PostNotFound(id),
          error::PostOfNameNotFound(id, "a"),
          error::PostClosed(id),
          error::TrackingDisabled(id),
          error::SyncRunning(id, id),
          error::PlanChanged(),
          error::PlanExpired(),
          error::TooManyDeletes(2, 1),
          error::BotRightsMissing(id, {"post", "delete"}),
          error::ImportNotFound(id),
          error::ImportRunning(id, id),
          error::ImportEnded(id),
          error::ImportIncomplete(id, 1, 2),
          error::TooManyCloses(id, 2, 1)};
}

TEST(ErrorContractTest, EveryErrorKeepsItsPromises) {
  std::set<std::string> made;
  for (const absl::Status& error : AllErrors()) {
    const Failure failure = FailureOf(rpc::ToGrpcStatus(error));
    EXPECT_EQ(Broken(failure), "") << error;
    made.insert(failure.reason);
  }
  EXPECT_THAT(made, UnorderedElementsAreArray(Reasons()));
}

TEST(ErrorContractTest, TheServersSourceNamesTheReasonsOfTheContract) {
  static const std::regex word("\"([A-Z]+(_[A-Z]+)*)\"");
  const std::string source = Source("server/base/errors.cc") +
                             Source("server/base/access_errors.cc") +
                             Source("server/base/delivery_errors.cc") +
                             Source("server/base/feed_errors.cc") +
                             Source("server/base/import_errors.cc");
  std::set<std::string> named;
  for (std::sregex_iterator found(source.begin(), source.end(), word), end;
       found != end; ++found) {
    named.insert((*found)[1]);
  }
  EXPECT_THAT(named, UnorderedElementsAreArray(Reasons()));
}

// A new error belongs in AllErrors too.
TEST(ErrorContractTest, EveryFactoryIsTried) {
  static const std::regex factory("\nabsl::Status (\\w+)\\(");
  const std::string header = Source("server/base/errors.h");
  const auto factories =
      std::distance(std::sregex_iterator(header.begin(), header.end(), factory),
                    std::sregex_iterator());
  // ChannelPairExists is tried in both its forms.
  EXPECT_EQ(AllErrors().size(), static_cast<size_t>(factories) + 1);
}

// Every problem of a token that the contract names says what to do about it.
TEST(ErrorContractTest, EveryProblemOfATokenHasItsRemedy) {
  std::set<std::string> messages;
  for (const char* problem :
       {"malformed", "algorithm", "key", "signature", "expired",
        "not_yet_valid", "issuer", "audience", "claims"}) {
    const Failure failure =
        FailureOf(rpc::ToGrpcStatus(error::TokenInvalid(problem)));
    EXPECT_EQ(Broken(failure), "") << problem;
    EXPECT_EQ(failure.metadata.at("problem"), problem);
    messages.insert(failure.message);
  }
  // A wrong key and a wrong signature have the same remedy.
  EXPECT_EQ(messages.size(), 8);
}

TEST(ErrorContractTest, ALimitedCallerNeverComesBackAtOnce) {
  const Failure failure = FailureOf(rpc::ToGrpcStatus(
      error::RateLimited("address", 5000, absl::Microseconds(1))));
  EXPECT_EQ(failure.retry_after, absl::Milliseconds(1));
}

TEST(ErrorContractTest, TheContractsCommentsNameTheCodes) {
  static const std::map<std::string, grpc::StatusCode> codes = {
      {"INVALID_ARGUMENT", grpc::StatusCode::INVALID_ARGUMENT},
      {"NOT_FOUND", grpc::StatusCode::NOT_FOUND},
      {"ALREADY_EXISTS", grpc::StatusCode::ALREADY_EXISTS},
      {"FAILED_PRECONDITION", grpc::StatusCode::FAILED_PRECONDITION},
      {"RESOURCE_EXHAUSTED", grpc::StatusCode::RESOURCE_EXHAUSTED},
      {"ABORTED", grpc::StatusCode::ABORTED},
      {"DEADLINE_EXCEEDED", grpc::StatusCode::DEADLINE_EXCEEDED},
      {"CANCELLED", grpc::StatusCode::CANCELLED},
      {"OUT_OF_RANGE", grpc::StatusCode::OUT_OF_RANGE},
      {"UNAVAILABLE", grpc::StatusCode::UNAVAILABLE},
      {"INTERNAL", grpc::StatusCode::INTERNAL},
      {"UNAUTHENTICATED", grpc::StatusCode::UNAUTHENTICATED},
      {"PERMISSION_DENIED", grpc::StatusCode::PERMISSION_DENIED}};
  static const std::regex value(
      "\n  // ([A-Z_]+)\\. (?:[^\n]*\n  //)*[^\n]*\n  ERROR_REASON_(\\w+) =");
  const std::string proto = Source("protos/broadcast/v1/error_reason.proto");
  std::set<std::string> documented;
  for (std::sregex_iterator found(proto.begin(), proto.end(), value), end;
       found != end; ++found) {
    const std::string reason = (*found)[2];
    ASSERT_EQ(codes.count((*found)[1]), 1) << reason;
    EXPECT_EQ(codes.at((*found)[1]), CodeOf(reason)) << reason;
    documented.insert(reason);
  }
  EXPECT_THAT(documented, UnorderedElementsAreArray(Reasons()));
  EXPECT_THAT(KnownReasons(), UnorderedElementsAreArray(Reasons()));
}

// A library that repeats a call by itself would come back within the cool-down.
TEST(ErrorContractTest, OnlyTheCoolDownForbidsToRetry) {
  for (const absl::Status& error : AllErrors()) {
    EXPECT_EQ(rpc::ForbidsRetry(error),
              FailureOf(rpc::ToGrpcStatus(error)).reason == "TRIGGER_COOLDOWN")
        << error;
  }
  EXPECT_FALSE(rpc::ForbidsRetry(absl::OkStatus()));
}

TEST(ErrorContractTest, AStatusThatIsNotOursTellsNothing) {
  const grpc::Status status =
      rpc::ToGrpcStatus(absl::InternalError("near \"SELECT\": syntax error"));
  const Failure failure = FailureOf(status);
  EXPECT_EQ(failure.reason, "INTERNAL");
  EXPECT_EQ(Broken(failure), "");
}

TEST(ErrorContractTest, TheLongestDetailsFit) {
  std::vector<FieldViolation> violations;
  for (int i = 0; i < 20; ++i) {
    violations.push_back({std::string(5000, 'f'), std::string(5000, 'd')});
  }
  const Failure failure =
      FailureOf(rpc::ToGrpcStatus(error::InvalidFields(violations)));
  EXPECT_EQ(Broken(failure), "");
}

// A message and a value are cut between characters.
TEST(ErrorContractTest, TextIsCutBetweenCharacters) {
  std::string text;
  for (int i = 0; i < 3000; ++i) text += "\xe2\x82\xac";
  const grpc::Status status = rpc::ToGrpcStatus(error::InvalidFilter(text));
  EXPECT_LE(status.error_message().size(), 1024);
  EXPECT_EQ(
      (status.error_message().size() - std::string("filter: ").size()) % 3, 0);
  EXPECT_EQ(Broken(FailureOf(status)), "");
}

TEST(FailureTest, LeaksAreSeen) {
  Failure failure{.code = grpc::StatusCode::INTERNAL,
                  .reason = "INTERNAL",
                  .domain = "broadcastd"};
  for (const char* message :
       {"SELECT 1", "open /var/lib/data", "storage.cc:12", "at 0x7f00deadbeef",
        "UNIQUE violates", "sqlite error"}) {
    failure.message = message;
    EXPECT_NE(Broken(failure), "") << message;
  }
  failure.message = "the server failed; its log says how";
  EXPECT_EQ(Broken(failure), "");
  failure.retry_after = absl::Seconds(1);
  EXPECT_EQ(Broken(failure), "has a RetryInfo");
}

}  // namespace
}  // namespace broadcast::test
