// BroadcastService.Trigger and SendTest.

#include <atomic>

#include "absl/strings/str_cat.h"
#include "rpc_fixture.h"
#include "support/delivery_seed.h"

namespace broadcast::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

class TriggerTest : public RpcTest {
 protected:
  void Configure(rpc::Policy& policy) override {
    policy.wake_dispatcher = [this] { ++woken_; };
  }

  // An entry with content on both sides.
  v1::Entry NewEntryToSend(int pair = 0) {
    v1::CreateEntryRequest request = NewEntry(1, pair);
    *request.mutable_open_content() = TextContent("to all");
    *request.mutable_closed_content() = TextContent("to members");
    return Create(request).entry();
  }

  static v1::TriggerRequest Trigger(const v1::Entry& entry) {
    v1::TriggerRequest request;
    request.set_entry_id(entry.entry_id());
    return request;
  }

  // Ends what runs, so that only the cool-down is in the way.
  void Cancel(const std::string& operation_id) {
    v1::CancelOperationRequest request;
    request.set_operation_id(operation_id);
    EXPECT_THAT(Call(request), Succeeds());
  }

  std::atomic<int> woken_{0};
};

TEST_P(TriggerTest, AnswersWhatItSetInMotion) {
  const v1::Entry entry = NewEntryToSend();
  v1::TriggerRequest request = Trigger(entry);
  request.set_reason("a new price");
  const auto reply = Call(request);
  ASSERT_THAT(reply, Succeeds());
  const v1::Operation& operation = reply->operation();
  EXPECT_EQ(operation.kind(), v1::Operation::KIND_TRIGGER);
  EXPECT_EQ(operation.state(), v1::Operation::STATE_RUNNING);
  EXPECT_EQ(operation.client_id(), ClientId(1));
  EXPECT_EQ(operation.entry_id(), entry.entry_id());
  EXPECT_EQ(operation.reason(), "a new price");
  EXPECT_EQ(operation.progress().planned_count(), 2);
  EXPECT_EQ(operation.progress().waiting_count(), 2);
  EXPECT_EQ(reply->entry().current_operation_id(), operation.operation_id());
  EXPECT_EQ(reply->entry().last_outcome(), v1::Entry::OUTCOME_SENDING);
  EXPECT_EQ(reply->entry().manual_trigger_count(), 1);
  EXPECT_EQ(reply->entry().next_send_time().seconds(),
            entry.next_send_time().seconds());
  EXPECT_EQ(reply->next_trigger_time().seconds(),
            reply->entry().next_trigger_time().seconds());
  EXPECT_EQ(reply->next_trigger_time().seconds() -
                reply->entry().last_trigger_time().seconds(),
            300);
  ASSERT_EQ(reply->previews_size(), 2);
  EXPECT_EQ(reply->previews(0).side(), v1::SIDE_OPEN);
  EXPECT_EQ(reply->previews(0).content().text(), "to all");
  EXPECT_EQ(reply->previews(0).content_source(), v1::CONTENT_SOURCE_ENTRY);
  EXPECT_EQ(reply->previews(0).channel().channel_id(),
            entry.channel_pair().open_channel().channel_id());
  EXPECT_EQ(reply->previews(1).side(), v1::SIDE_CLOSED);
  EXPECT_EQ(reply->previews(1).content().text(), "to members");
  EXPECT_FALSE(reply->replayed());
  EXPECT_EQ(Count("deliveries"), 2);
  EXPECT_EQ(woken_, 1);
}

TEST_P(TriggerTest, RefusesWithinTheCoolDownAndSaysUntilWhen) {
  const v1::Entry entry = NewEntryToSend();
  Cancel(Call(Trigger(entry))->operation().operation_id());
  clock().Advance(absl::Minutes(4));
  const auto refused = Call(Trigger(entry));
  EXPECT_THAT(refused, FailsWith("TRIGGER_COOLDOWN"));
  const auto wait = refused.failure().retry_after;
  ASSERT_TRUE(wait.has_value());
  EXPECT_GT(*wait, absl::Seconds(50));
  EXPECT_LE(*wait, absl::Seconds(70));
  EXPECT_EQ(Get(entry.entry_id()).manual_trigger_count(), 1);
  // A refused one begins no cool-down of its own.
  clock().Advance(*wait + absl::Seconds(1));
  EXPECT_THAT(Call(Trigger(entry)), Succeeds());
}

TEST_P(TriggerTest, TheTrailerKeepsLibrariesFromRetrying) {
  const v1::Entry entry = NewEntryToSend();
  Cancel(Call(Trigger(entry))->operation().operation_id());
  for (const bool exists : {true, false}) {
    v1::TriggerRequest request = Trigger(entry);
    if (!exists) request.set_entry_id(EntryId(9, 9));
    grpc::ClientContext context;
    Prepare(context);
    v1::TriggerResponse response;
    EXPECT_FALSE(broadcast().Trigger(&context, request, &response).ok());
    const auto& trailers = context.GetServerTrailingMetadata();
    const auto pushback = trailers.find("grpc-retry-pushback-ms");
    ASSERT_EQ(pushback != trailers.end(), exists);
    if (exists) {
      EXPECT_EQ(std::string(pushback->second.data(), pushback->second.size()),
                "-1");
    }
  }
}

TEST_P(TriggerTest, RefusesWhileABroadcastRuns) {
  const v1::Entry entry = NewEntryToSend();
  const auto first = Call(Trigger(entry));
  clock().Advance(absl::Hours(1));
  const auto refused = Call(Trigger(entry));
  EXPECT_THAT(refused, FailsWith("ENTRY_BROADCAST_RUNNING"));
  EXPECT_EQ(refused.failure().metadata.at("operation_id"),
            first->operation().operation_id());
}

TEST_P(TriggerTest, RepeatsItsAnswerWithinTheCoolDown) {
  v1::TriggerRequest request = Trigger(NewEntryToSend());
  request.set_request_id(RequestId(1));
  const auto first = Call(request);
  const auto again = Call(request);
  ASSERT_THAT(again, Succeeds());
  EXPECT_TRUE(again->replayed());
  EXPECT_THAT(again->operation(), EqualsProto(first->operation()));
  EXPECT_THAT(again->next_trigger_time(),
              EqualsProto(first->next_trigger_time()));
  EXPECT_THAT(again->previews(), IsEmpty());
  EXPECT_EQ(Count("operations"), 1);
  request.set_reason("another");
  EXPECT_THAT(Call(request), FailsWith("REQUEST_ID_REUSED"));
}

TEST_P(TriggerTest, ARehearsalTellsWhatWouldGoWhereAndLeavesNoTrace) {
  const v1::Entry entry = NewEntryToSend();
  const int64_t rows = AllRows();
  v1::TriggerRequest request = Trigger(entry);
  request.set_validate_only(true);
  for (int i = 0; i < 2; ++i) {
    const auto reply = Call(request);
    ASSERT_THAT(reply, Succeeds());
    EXPECT_FALSE(reply->has_operation());
    EXPECT_EQ(reply->entry().current_operation_id(), "");
    EXPECT_TRUE(reply->has_next_trigger_time());
    EXPECT_THAT(reply->previews(), SizeIs(2));
    EXPECT_EQ(AllRows(), rows);
  }
  EXPECT_FALSE(Get(entry.entry_id()).has_last_trigger_time());
  Cancel(Call(Trigger(entry))->operation().operation_id());
  EXPECT_THAT(Call(request), FailsWith("TRIGGER_COOLDOWN"));
}

TEST_P(TriggerTest, SaysWhyAnEntryCannotBeTriggered) {
  const v1::Entry entry = Create(NewEntry(1, 1)).entry();
  const auto missing = Call(Trigger(entry));
  EXPECT_THAT(missing, FailsWith("ENTRY_CONTENT_MISSING"));
  EXPECT_EQ(missing.failure().metadata.at("side"), "both");
  const v1::Entry good = NewEntryToSend();
  v1::DisableChannelRequest disable;
  disable.set_channel_id(good.channel_pair().closed_channel().channel_id());
  EXPECT_THAT(Call(disable), Succeeds());
  EXPECT_THAT(Call(Trigger(good)), FailsWith("CHANNEL_NOT_ACTIVE"));
  v1::PauseEntryRequest pause;
  pause.set_entry_id(good.entry_id());
  EXPECT_THAT(Call(pause), Succeeds());
  EXPECT_THAT(Call(Trigger(good)), FailsWith("ENTRY_NOT_ACTIVE"));
  v1::Entry none;
  none.set_entry_id(EntryId(9, 9));
  EXPECT_THAT(Call(Trigger(none)), FailsWith("ENTRY_NOT_FOUND"));
  EXPECT_EQ(Count("operations"), 0);
}

TEST_P(TriggerTest, TheServersDefaultIsSentWhereNothingElseIs) {
  Serve([](rpc::Policy& policy) {
    policy.default_open_content = Content{.text = "by default"};
  });
  const auto reply = Call(Trigger(Create(NewEntry(1, 1)).entry()));
  ASSERT_THAT(reply, Succeeds());
  ASSERT_EQ(reply->previews_size(), 1);
  EXPECT_EQ(reply->previews(0).content().text(), "by default");
  EXPECT_EQ(reply->previews(0).content_source(), v1::CONTENT_SOURCE_SERVER);
  EXPECT_EQ(reply->operation().progress().planned_count(), 1);
}

TEST_P(TriggerTest, AnAccountThatIsGoneIsTold) {
  const v1::Entry entry = NewEntryToSend();
  Serve([](rpc::Policy& policy) { policy.accounts.erase("log"); });
  const auto refused = Call(Trigger(entry));
  EXPECT_THAT(refused, FailsWith("ACCOUNT_UNAVAILABLE"));
  EXPECT_THAT(refused.failure().metadata, ElementsAre(Pair("account", "log")));
}

TEST_P(TriggerTest, TheCoolDownIsASetting) {
  Serve([](rpc::Policy& policy) {
    policy.trigger_cooldown = absl::ZeroDuration();
  });
  const v1::Entry entry = NewEntryToSend();
  for (int i = 0; i < 2; ++i) {
    const auto reply = Call(Trigger(entry));
    ASSERT_THAT(reply, Succeeds());
    Cancel(reply->operation().operation_id());
  }
}

TEST_P(TriggerTest, IsLoggedAndAudited) {
  const v1::Entry entry = NewEntryToSend();
  const auto reply = Call(Trigger(entry));
  v1::ListAuditEventsRequest request;
  request.set_filter("event = entry.triggered");
  const auto listed = Call(request);
  ASSERT_EQ(listed->audit_events_size(), 1);
  const v1::AuditEvent& event = listed->audit_events(0);
  EXPECT_EQ(event.method(), "Trigger");
  EXPECT_EQ(event.client_id(), ClientId(1));
  EXPECT_EQ(event.row_count(), 1);
  EXPECT_EQ(event.resources().fields().at("entry_id").string_value(),
            entry.entry_id());
  EXPECT_EQ(event.resources().fields().at("operation_id").string_value(),
            reply->operation().operation_id());
}

TEST_P(TriggerTest, ATestIsSentWhereTheCallerSays) {
  const v1::Entry entry = NewEntryToSend();
  v1::SendTestRequest request;
  request.set_entry_id(entry.entry_id());
  request.set_side(v1::SIDE_CLOSED);
  request.set_address("somewhere-else");
  request.set_request_id(RequestId(2));
  const auto reply = Call(request);
  ASSERT_THAT(reply, Succeeds());
  EXPECT_EQ(reply->operation().kind(), v1::Operation::KIND_TEST);
  EXPECT_EQ(reply->operation().progress().planned_count(), 1);
  EXPECT_EQ(woken_, 1);
  const v1::Entry after = Get(entry.entry_id());
  EXPECT_THAT(after, EqualsProto(entry));
  const auto again = Call(request);
  EXPECT_TRUE(again->replayed());
  EXPECT_EQ(again->operation().operation_id(),
            reply->operation().operation_id());
  EXPECT_EQ(Count("operations"), 1);
}

TEST_P(TriggerTest, BadRequestsNameWhatIsWrong) {
  v1::TriggerRequest trigger;
  trigger.set_reason(std::string(257, 'r'));
  trigger.set_request_id(std::string(37, 'r'));
  EXPECT_THAT(Call(trigger), HasViolationsOf(std::vector<std::string>{
                                 "entry_id", "reason", "request_id"}));
  EXPECT_THAT(
      Call(v1::SendTestRequest()),
      HasViolationsOf(std::vector<std::string>{"entry_id", "side", "address"}));
  v1::SendTestRequest test;
  test.set_entry_id(NewEntryToSend().entry_id());
  test.set_side(v1::SIDE_OPEN);
  test.set_address("not an address");
  EXPECT_THAT(Call(test), HasViolationsOf(std::vector<std::string>{"address"}));
}

INSTANTIATE_TEST_SUITE_P(Backends, TriggerTest, Backends(), BackendName);

}  // namespace
}  // namespace broadcast::test
