// What is delivered for another client, nobody sees or touches.

#include "admission_fixture.h"
#include "support/delivery_seed.h"

namespace broadcast::test {
namespace {

class DeliveryTenancyTest : public TenancyTest {};

INSTANTIATE_TEST_SUITE_P(Backends, DeliveryTenancyTest, Backends(),
                         BackendName);

TEST_P(DeliveryTenancyTest, OperationsOfOthersDoNotExist) {
  PlantContent(raw());
  for (const int client : {1, 2}) {
    PlantOperation(raw(), {.number = client, .client = client, .planned = 1});
    PlantDelivery(raw(), client, client, client);
    PlantResult(raw(), client, "unknown", 1);
  }
  raw().Execute("UPDATE operations SET unknown = 1");
  const std::string foreign = OperationId(2), own = OperationId(1);
  const char* reason = "OPERATION_NOT_FOUND";
  ExpectMissing<v1::GetOperationRequest>(
      {}, &v1::GetOperationRequest::set_operation_id, foreign, own, reason);
  ExpectMissing<v1::ListDeliveriesRequest>(
      {}, &v1::ListDeliveriesRequest::set_operation_id, foreign, own, reason);
  ExpectMissing<v1::RetryDeliveriesRequest>(
      {}, &v1::RetryDeliveriesRequest::set_operation_id, foreign, own, reason);
  ExpectMissing<v1::CancelOperationRequest>(
      {}, &v1::CancelOperationRequest::set_operation_id, foreign, own, reason);
  v1::ResolveDeliveryRequest resolve;
  resolve.set_resolution(v1::DELIVERY_RESOLUTION_ABANDONED);
  ExpectMissing<v1::ResolveDeliveryRequest>(
      resolve, &v1::ResolveDeliveryRequest::set_delivery_id, DeliveryId(2),
      DeliveryId(1), "DELIVERY_NOT_FOUND");
  const auto listed = Call(v1::ListOperationsRequest());
  ASSERT_EQ(listed->operations_size(), 1);
  EXPECT_EQ(listed->operations(0).operation_id(), own);
  EXPECT_EQ(Call(v1::GetStatisticsRequest())->entry_count(), 3);
  v1::GetStatisticsRequest of_other;
  of_other.set_client_id(ClientId(2));
  EXPECT_THAT(Call(of_other), FailsWith("CLIENT_NOT_FOUND"));
}

TEST_P(DeliveryTenancyTest, NothingOfOthersIsSentOrChecked) {
  ExpectMissing<v1::TriggerRequest>({}, &v1::TriggerRequest::set_entry_id,
                                    EntryId(2, 0), EntryId(1, 0),
                                    "ENTRY_NOT_FOUND");
  v1::SendTestRequest test;
  test.set_side(v1::SIDE_OPEN);
  test.set_address("somewhere");
  ExpectMissing<v1::SendTestRequest>(test, &v1::SendTestRequest::set_entry_id,
                                     EntryId(2, 0), EntryId(1, 0),
                                     "ENTRY_NOT_FOUND");
  ExpectMissing<v1::CheckChannelRequest>(
      {}, &v1::CheckChannelRequest::set_channel_id, OpenId(2, 0), OpenId(1, 0),
      "CHANNEL_NOT_FOUND");
}

TEST_P(DeliveryTenancyTest, OnlyWhoSeesAllClientsRunsTheSchedule) {
  EXPECT_THAT(Call(v1::ExecuteDueRequest()), FailsWith("SCOPE_MISSING"));
  EXPECT_THAT(Call(v1::PauseSchedulerRequest()), FailsWith("SCOPE_MISSING"));
  EXPECT_THAT(Call(v1::ResumeSchedulerRequest()), FailsWith("SCOPE_MISSING"));
  CallAs(kAll);
  EXPECT_THAT(Call(v1::PauseSchedulerRequest()), Succeeds());
  EXPECT_THAT(Call(v1::ResumeSchedulerRequest()), Succeeds());
  EXPECT_THAT(Call(v1::ExecuteDueRequest()), Succeeds());
}

TEST_P(DeliveryTenancyTest, WatchesTellOfOnesOwn) {
  grpc::ClientContext context;
  Prepare(context);
  auto stream = events().WatchEvents(&context, {});
  v1::WatchEventsResponse response;
  ASSERT_TRUE(stream->Read(&response));
  PlantEvent(raw(), 2, "of.another", 1);
  PlantEvent(raw(), 0, "of.all", 2);
  PlantEvent(raw(), 1, "of.mine", 3);
  do {
    ASSERT_TRUE(stream->Read(&response));
  } while (!response.has_event());
  EXPECT_EQ(response.event().kind(), "of.mine");
  context.TryCancel();
  stream->Finish();
  // A token is good for those who see the same.
  CallAs(2);
  grpc::ClientContext other;
  Prepare(other);
  v1::WatchEventsRequest resume;
  resume.set_resume_token(response.resume_token());
  stream = events().WatchEvents(&other, resume);
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_EQ(FailureOf(stream->Finish()).reason, "INVALID_RESUME_TOKEN");
  PlantOperation(raw(), {.number = 1, .client = 1, .planned = 1});
  grpc::ClientContext third;
  Prepare(third);
  v1::WatchOperationRequest watch;
  watch.set_operation_id(OperationId(1));
  auto operation = operations().WatchOperation(&third, watch);
  v1::WatchOperationResponse told;
  EXPECT_FALSE(operation->Read(&told));
  EXPECT_EQ(FailureOf(operation->Finish()).reason, "OPERATION_NOT_FOUND");
}

}  // namespace
}  // namespace broadcast::test
