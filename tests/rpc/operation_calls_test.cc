// OperationService but WatchOperation, and GetStatistics.

#include "absl/strings/str_cat.h"
#include "rpc_fixture.h"
#include "support/delivery_seed.h"

namespace broadcast::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

class OperationsTest : public RpcTest {
 protected:
  void SetUp() override {
    RpcTest::SetUp();
    Plant(raw(), {.client = 1, .pairs = 2});
    PlantContent(raw());
  }

  v1::Operation Operation(int number) {
    v1::GetOperationRequest request;
    request.set_operation_id(OperationId(number));
    const auto reply = Call(request);
    EXPECT_THAT(reply, Succeeds());
    return reply->operation();
  }

  // The deliveries of operation 1, all pages.
  std::vector<v1::Delivery> Deliveries(const std::string& filter = "",
                                       int page_size = 0,
                                       bool with_attempts = false) {
    std::vector<v1::Delivery> deliveries;
    v1::ListDeliveriesRequest request;
    request.set_operation_id(OperationId(1));
    request.set_filter(filter);
    request.set_page_size(page_size);
    request.set_with_attempts(with_attempts);
    do {
      const auto reply = Call(request);
      EXPECT_THAT(reply, Succeeds());
      deliveries.insert(deliveries.end(), reply->deliveries().begin(),
                        reply->deliveries().end());
      request.set_page_token(reply->next_page_token());
    } while (!request.page_token().empty());
    return deliveries;
  }

  // Of operation 1: sent, unknown, waiting.
  void PlantThree() {
    PlantOperation(raw(), {.planned = 3, .sent = 1, .unknown = 1});
    raw().Execute(
        "UPDATE operations SET sends = 3, sends_sent = 1, sends_unknown = 1");
    for (int number = 1; number <= 3; ++number) {
      PlantDelivery(raw(), number, 1);
    }
    PlantResult(raw(), 1, "sent", 1);
    PlantResult(raw(), 2, "unknown", 1);
    PlantReady(raw(), 3);
    PlantQueue(raw(), 1, 0, 1, 0);
  }
};

TEST_P(OperationsTest, ProgressAddsUp) {
  PlantThree();
  const v1::Operation operation = Operation(1);
  EXPECT_EQ(operation.operation_id(), OperationId(1));
  EXPECT_EQ(operation.client_id(), ClientId(1));
  EXPECT_EQ(operation.entry_id(), EntryId(1, 0));
  EXPECT_EQ(operation.kind(), v1::Operation::KIND_BROADCAST);
  EXPECT_EQ(operation.state(), v1::Operation::STATE_RUNNING);
  EXPECT_FALSE(operation.has_finish_time());
  const v1::OperationProgress& progress = operation.progress();
  EXPECT_EQ(progress.planned_count(), 3);
  EXPECT_EQ(progress.sent_count(), 1);
  EXPECT_EQ(progress.unknown_count(), 1);
  EXPECT_EQ(progress.waiting_count(), 1);
  EXPECT_EQ(progress.sent_count() + progress.failed_count() +
                progress.unknown_count() + progress.expired_count() +
                progress.cancelled_count() + progress.abandoned_count() +
                progress.waiting_count(),
            progress.planned_count());
}

TEST_P(OperationsTest, WhatIsNotThereIsNotFound) {
  v1::GetOperationRequest get;
  get.set_operation_id(OperationId(5));
  EXPECT_THAT(Call(get), FailsWith("OPERATION_NOT_FOUND"));
  v1::ListDeliveriesRequest list;
  list.set_operation_id(OperationId(5));
  EXPECT_THAT(Call(list), FailsWith("OPERATION_NOT_FOUND"));
  v1::CancelOperationRequest cancel;
  cancel.set_operation_id(OperationId(5));
  EXPECT_THAT(Call(cancel), FailsWith("OPERATION_NOT_FOUND"));
  v1::RetryDeliveriesRequest retry;
  retry.set_operation_id(OperationId(5));
  EXPECT_THAT(Call(retry), FailsWith("OPERATION_NOT_FOUND"));
  v1::ResolveDeliveryRequest resolve;
  resolve.set_delivery_id(DeliveryId(5));
  resolve.set_resolution(v1::DELIVERY_RESOLUTION_ABANDONED);
  EXPECT_THAT(Call(resolve), FailsWith("DELIVERY_NOT_FOUND"));
}

TEST_P(OperationsTest, AreListedFilteredAndPaged) {
  for (int number = 1; number <= 5; ++number) {
    PlantOperation(raw(), {.number = number,
                           .pair = number % 2,
                           .create_time = number,
                           .finish_time = number == 5 ? 9 : 0});
  }
  std::vector<std::string> ids;
  v1::ListOperationsRequest request;
  request.set_page_size(2);
  request.set_order_by("create_time desc");
  do {
    const auto reply = Call(request);
    ASSERT_THAT(reply, Succeeds());
    for (const auto& operation : reply->operations()) {
      ids.push_back(operation.operation_id());
    }
    request.set_page_token(reply->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(ids, ElementsAre(OperationId(5), OperationId(4), OperationId(3),
                               OperationId(2), OperationId(1)));
  v1::ListOperationsRequest filtered;
  filtered.set_filter(
      absl::StrCat("state = RUNNING AND kind = BROADCAST AND "
                   "entry_id = \"",
                   EntryId(1, 1), "\""));
  const auto reply = Call(filtered);
  ASSERT_THAT(reply, Succeeds());
  ASSERT_EQ(reply->operations_size(), 2);
  EXPECT_EQ(reply->operations(0).operation_id(), OperationId(1));
  filtered.set_filter("state = ENDED");
  EXPECT_THAT(Call(filtered), FailsWith("INVALID_FILTER"));
  filtered.set_filter("");
  filtered.set_order_by("finish_time");
  EXPECT_THAT(Call(filtered), FailsWith("INVALID_ORDER_BY"));
}

TEST_P(OperationsTest, DeliveriesAreListedByStateAndPage) {
  PlantThree();
  EXPECT_THAT(Deliveries(), SizeIs(3));
  EXPECT_THAT(Deliveries("", 1), SizeIs(3));
  const auto unknown = Deliveries("state = UNKNOWN");
  ASSERT_THAT(unknown, SizeIs(1));
  EXPECT_EQ(unknown[0].delivery_id(), DeliveryId(2));
  EXPECT_EQ(unknown[0].operation_id(), OperationId(1));
  EXPECT_EQ(unknown[0].channel_id(), OpenId(1, 0));
  EXPECT_EQ(unknown[0].side(), v1::SIDE_OPEN);
  EXPECT_EQ(unknown[0].action(), v1::Delivery::ACTION_SEND);
  EXPECT_EQ(unknown[0].state(), v1::Delivery::STATE_UNKNOWN);
  EXPECT_EQ(unknown[0].attempt_count(), 1);
  EXPECT_TRUE(unknown[0].has_finish_time());
  EXPECT_FALSE(unknown[0].has_next_attempt_time());
  const auto pending = Deliveries("state = PENDING");
  ASSERT_THAT(pending, SizeIs(1));
  EXPECT_TRUE(pending[0].has_next_attempt_time());
  EXPECT_FALSE(pending[0].has_finish_time());
  EXPECT_THAT(Deliveries("state = FAILED"), IsEmpty());
}

TEST_P(OperationsTest, DeliveriesShowTheirTriesIfAsked) {
  PlantThree();
  raw().Execute(absl::StrCat(
      "INSERT INTO attempts (delivery_id, fence, attempt, intent_time, "
      "finish_time, reason, detail, http_status) VALUES ('",
      DeliveryId(3), "',1,1,5,6,'bad_gateway','try later',502)"));
  raw().Execute("UPDATE ready SET attempts = 1, fence = 1");
  const auto waiting = Deliveries("state = RETRY");
  ASSERT_THAT(waiting, SizeIs(1));
  EXPECT_THAT(waiting[0].attempts(), IsEmpty());
  const auto deliveries = Deliveries("", 0, /*with_attempts=*/true);
  ASSERT_THAT(deliveries, SizeIs(3));
  EXPECT_THAT(deliveries[0].attempts(), IsEmpty());
  ASSERT_THAT(deliveries[2].attempts(), SizeIs(1));
  const v1::DeliveryAttempt& attempt = deliveries[2].attempts(0);
  EXPECT_EQ(attempt.attempt(), 1);
  EXPECT_EQ(attempt.start_time().nanos(), 5000);
  EXPECT_EQ(attempt.finish_time().nanos(), 6000);
  EXPECT_EQ(attempt.reason(), "bad_gateway");
  EXPECT_EQ(attempt.detail(), "try later");
  EXPECT_EQ(attempt.http_status(), 502);
}

TEST_P(OperationsTest, BadListsOfDeliveriesAreRefused) {
  PlantThree();
  PlantOperation(raw(), {.number = 2});
  v1::ListDeliveriesRequest request;
  request.set_page_size(-1);
  EXPECT_THAT(Call(request), HasViolationsOf(std::vector<std::string>{
                                 "operation_id", "page_size"}));
  request.set_operation_id(OperationId(1));
  request.set_page_size(1);
  for (const char* filter :
       {"state", "state = sent", "state = WAITING", "state != SENT", "state:*",
        "reason = x", "state = SENT AND state = FAILED"}) {
    request.set_filter(filter);
    EXPECT_THAT(Call(request), FailsWith("INVALID_FILTER")) << filter;
  }
  request.set_filter("");
  const std::string token = Call(request)->next_page_token();
  ASSERT_NE(token, "");
  request.set_page_token("x");
  EXPECT_THAT(Call(request), FailsWith("INVALID_PAGE_TOKEN"));
  request.set_page_token(token);
  EXPECT_THAT(Call(request), Succeeds());
  request.set_filter("state = SENT");
  EXPECT_THAT(Call(request), FailsWith("INVALID_PAGE_TOKEN"));
  request.set_filter("");
  request.set_operation_id(OperationId(2));
  EXPECT_THAT(Call(request), FailsWith("INVALID_PAGE_TOKEN"));
}

// With commands all the way down.
class StepInTest : public OperationsTest {
 protected:
  void Configure(rpc::Policy& policy) override {
    policy.trigger_cooldown = absl::ZeroDuration();
  }

  std::string Triggered() {
    v1::CreateEntryRequest create = NewEntry(2, 1);
    *create.mutable_open_content() = TextContent("a");
    *create.mutable_closed_content() = TextContent("b");
    v1::TriggerRequest request;
    request.set_entry_id(Create(create).entry().entry_id());
    const auto reply = Call(request);
    EXPECT_THAT(reply, Succeeds());
    return reply->operation().operation_id();
  }
};

TEST_P(StepInTest, CancelStopsWhatWaits) {
  v1::CancelOperationRequest request;
  request.set_operation_id(Triggered());
  request.set_request_id(RequestId(1));
  const auto reply = Call(request);
  ASSERT_THAT(reply, Succeeds());
  EXPECT_EQ(reply->cancelled_count(), 2);
  EXPECT_EQ(reply->sending_count(), 0);
  EXPECT_EQ(reply->operation().state(), v1::Operation::STATE_FINISHED);
  EXPECT_EQ(reply->operation().progress().cancelled_count(), 2);
  EXPECT_EQ(reply->operation().progress().waiting_count(), 0);
  EXPECT_TRUE(reply->operation().has_cancel_time());
  EXPECT_TRUE(reply->operation().has_finish_time());
  const auto again = Call(request);
  EXPECT_TRUE(again->replayed());
  EXPECT_EQ(again->cancelled_count(), 2);
  request.set_request_id("");
  EXPECT_THAT(Call(request), FailsWith("OPERATION_FINISHED"));
}

TEST_P(StepInTest, RetrySendsWhatFailedAgain) {
  PlantOperation(raw(), {.planned = 2, .sent = 1});
  PlantDelivery(raw(), 1, 1);
  PlantDelivery(raw(), 2, 1);
  PlantResult(raw(), 1, "sent", 1);
  PlantResult(raw(), 2, "failed", 1);
  PlantQueue(raw(), 1, 0, 0, 0);
  raw().Execute(
      "UPDATE operations SET failed = 1, state = 'finished', settled = 1, "
      "finish_time = 5");
  v1::RetryDeliveriesRequest request;
  request.set_operation_id(OperationId(1));
  request.set_request_id(RequestId(3));
  const auto reply = Call(request);
  ASSERT_THAT(reply, Succeeds());
  EXPECT_EQ(reply->delivery_count(), 1);
  EXPECT_EQ(reply->operation().state(), v1::Operation::STATE_RUNNING);
  EXPECT_EQ(reply->operation().progress().waiting_count(), 1);
  EXPECT_EQ(reply->operation().progress().sent_count(), 1);
  EXPECT_TRUE(Call(request)->replayed());
  request.set_request_id("");
  EXPECT_EQ(Call(request)->delivery_count(), 0);
}

TEST_P(StepInTest, ResolveSaysWhatBecameOfAnUnknownOne) {
  PlantThree();
  v1::ResolveDeliveryRequest request;
  request.set_delivery_id(DeliveryId(2));
  request.set_resolution(v1::DELIVERY_RESOLUTION_SENT);
  request.set_platform_message_id("77");
  request.set_request_id(RequestId(4));
  const auto reply = Call(request);
  ASSERT_THAT(reply, Succeeds());
  EXPECT_EQ(reply->delivery().state(), v1::Delivery::STATE_SENT);
  EXPECT_EQ(reply->delivery().platform_message_id(), "77");
  EXPECT_EQ(reply->operation().progress().sent_count(), 2);
  EXPECT_EQ(reply->operation().progress().unknown_count(), 0);
  EXPECT_TRUE(Call(request)->replayed());
  request.set_request_id("");
  const auto refused = Call(request);
  EXPECT_THAT(refused, FailsWith("DELIVERY_NOT_UNKNOWN"));
  EXPECT_EQ(refused.failure().metadata.at("state"), "SENT");
}

TEST_P(StepInTest, BadRequestsNameWhatIsWrong) {
  using Fields = std::vector<std::string>;
  EXPECT_THAT(Call(v1::CancelOperationRequest()),
              HasViolationsOf(Fields{"operation_id"}));
  EXPECT_THAT(Call(v1::RetryDeliveriesRequest()),
              HasViolationsOf(Fields{"operation_id"}));
  EXPECT_THAT(Call(v1::ResolveDeliveryRequest()),
              HasViolationsOf(Fields{"delivery_id", "resolution"}));
  v1::ResolveDeliveryRequest request;
  request.set_delivery_id(DeliveryId(2));
  request.set_resolution(v1::DELIVERY_RESOLUTION_ABANDONED);
  request.set_platform_message_id("77");
  EXPECT_THAT(Call(request), HasViolationsOf(Fields{"platform_message_id"}));
  request.set_resolution(v1::DELIVERY_RESOLUTION_SENT);
  for (const std::string& id : {std::string(65, '7'), std::string("7 7")}) {
    request.set_platform_message_id(id);
    EXPECT_THAT(Call(request), HasViolationsOf(Fields{"platform_message_id"}));
  }
}

TEST_P(OperationsTest, StatisticsSumUp) {
  EXPECT_FALSE(Call(v1::GetStatisticsRequest())->has_success_rate());
  raw().Execute(
      "UPDATE entries SET broadcast_count = 4, success_count = 3, "
      "partial_count = 1");
  PlantThree();
  v1::GetStatisticsRequest request;
  const auto reply = Call(request);
  ASSERT_THAT(reply, Succeeds());
  EXPECT_EQ(reply->entry_count(), 2);
  EXPECT_EQ(reply->active_entry_count(), 2);
  EXPECT_EQ(reply->broadcast_count(), 8);
  EXPECT_EQ(reply->success_count(), 6);
  EXPECT_EQ(reply->partial_count(), 2);
  EXPECT_EQ(reply->success_rate(), 0.75);
  v1::GetEntryRequest entry;
  entry.set_entry_id(EntryId(1, 0));
  EXPECT_EQ(Call(entry)->entry().success_rate(), 0.75);
  EXPECT_EQ(reply->waiting_delivery_count(), 1);
  EXPECT_EQ(reply->unknown_delivery_count(), 1);
  EXPECT_TRUE(reply->has_count_time());
  request.set_client_id(ClientId(1));
  EXPECT_EQ(Call(request)->entry_count(), 2);
  request.set_client_id(ClientId(7));
  EXPECT_THAT(Call(request), FailsWith("CLIENT_NOT_FOUND"));
  request.set_client_id("x");
  EXPECT_THAT(Call(request),
              HasViolationsOf(std::vector<std::string>{"client_id"}));
}

INSTANTIATE_TEST_SUITE_P(Backends, OperationsTest, Backends(), BackendName);
INSTANTIATE_TEST_SUITE_P(Backends, StepInTest, Backends(), BackendName);

}  // namespace
}  // namespace broadcast::test
