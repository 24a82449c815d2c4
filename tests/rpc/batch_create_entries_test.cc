// BatchCreateEntries: all of them or none.

#include "absl/strings/str_cat.h"
#include "rpc_fixture.h"

namespace broadcast::test {
namespace {

using grpc::StatusCode;
using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::Pair;
using testing::SizeIs;
using testing::StartsWith;

class BatchCreateEntriesTest : public RpcTest {
 protected:
  void Configure(rpc::Policy& policy) override {
    policy.registration.default_pair_quota = 1000;
  }

  // Registrations of ten pairs for each of `count / 10` clients.
  static v1::BatchCreateEntriesRequest Batch(int count) {
    v1::BatchCreateEntriesRequest batch;
    for (int i = 0; i < count; ++i) {
      *batch.add_requests() = NewEntry(1 + i / 10, i % 10);
    }
    return batch;
  }
};

TEST_P(BatchCreateEntriesTest, AThousandAreMadeInTheirOrder) {
  const v1::BatchCreateEntriesRequest batch = Batch(1000);
  const auto reply = Call(batch);
  ASSERT_THAT(reply, Succeeds());
  ASSERT_EQ(reply->entries_size(), 1000);
  for (int i = 0; i < 1000; ++i) {
    const v1::ChannelPair& pair = reply->entries(i).channel_pair();
    EXPECT_EQ(pair.client_id(), batch.requests(i).client_id());
    EXPECT_EQ(pair.open_channel().address(),
              batch.requests(i).open_channel().address());
    EXPECT_EQ(pair.closed_channel().address(),
              batch.requests(i).closed_channel().address());
  }
  EXPECT_EQ(Count("clients"), 100);
  EXPECT_EQ(Count("channels"), 2000);
  EXPECT_EQ(Count("channel_pairs"), 1000);
  EXPECT_EQ(Count("entries"), 1000);
  EXPECT_EQ(raw().Number("SELECT min(pair_count) FROM clients"), 10);
  EXPECT_THAT(Get(reply->entries(777).entry_id()),
              EqualsProto(reply->entries(777)));
  v1::CheckIntegrityRequest check;
  EXPECT_TRUE(Call(check)->clean());
}

TEST_P(BatchCreateEntriesTest, OneThatFailsLeavesNothingOfTheOthers) {
  Create(NewEntry(90, 3));
  const int64_t rows = AllRows();
  v1::BatchCreateEntriesRequest batch = Batch(1000);
  ASSERT_EQ(batch.requests(893).client_id(), ClientId(90));
  const auto reply = Call(batch);
  EXPECT_THAT(reply, Fails(StatusCode::ALREADY_EXISTS, "CHANNEL_PAIR_EXISTS"));
  EXPECT_THAT(reply.failure().metadata,
              AllOf(Contains(Pair("request_index", "893")),
                    Contains(Pair("entry_id", testing::_))));
  EXPECT_EQ(AllRows(), rows);
}

TEST_P(BatchCreateEntriesTest, EachRefusalTellsItsPlace) {
  Create(NewEntry(1, 1));
  v1::CreateEntryRequest telegram = NewEntry(2, 1);
  *telegram.mutable_open_channel() = TelegramChannel("-1001");
  Create(telegram);
  const int64_t rows = AllRows();
  const auto refused = [&](const v1::CreateEntryRequest& third) {
    v1::BatchCreateEntriesRequest batch;
    *batch.add_requests() = NewEntry(3, 1);
    *batch.add_requests() = NewEntry(3, 2);
    *batch.add_requests() = third;
    const auto reply = Call(batch);
    EXPECT_THAT(reply.failure().metadata, Contains(Pair("request_index", "2")));
    EXPECT_EQ(AllRows(), rows);
    return reply;
  };
  v1::CreateEntryRequest item = NewEntry(3, 3);
  *item.mutable_closed_channel() = TelegramChannel("-1001");
  auto reply = refused(item);
  EXPECT_THAT(reply, FailsWith("CHANNEL_TAKEN"));
  EXPECT_THAT(reply.failure().metadata,
              Contains(Pair("field", "requests[2].closed_channel")));
  item = NewEntry(3, 3);
  item.mutable_open_channel()->set_account("nobody");
  reply = refused(item);
  EXPECT_THAT(reply, FailsWith("CHANNEL_ACCOUNT_UNKNOWN"));
  EXPECT_THAT(reply.failure().metadata,
              Contains(Pair("field", "requests[2].open_channel.account")));
  item = NewEntry(3, 3);
  item.mutable_open_channel()->set_platform(v1::PLATFORM_EMAIL);
  EXPECT_THAT(refused(item), FailsWith("CHANNEL_PLATFORM_UNSUPPORTED"));
  item = NewEntry(1, 2);
  *item.mutable_open_channel() = NewEntry(1, 1).open_channel();
  item.mutable_open_channel()->set_account("other-log");
  EXPECT_THAT(refused(item), FailsWith("CHANNEL_ACCOUNT_MISMATCH"));
}

TEST_P(BatchCreateEntriesTest, ChannelsAreSharedWithinTheBatch) {
  v1::BatchCreateEntriesRequest batch;
  for (int i = 0; i < 20; ++i) {
    v1::CreateEntryRequest& item = *batch.add_requests();
    item = NewEntry(1, i);
    *item.mutable_open_channel() = LogChannel("hub");
  }
  const auto reply = Call(batch);
  ASSERT_THAT(reply, Succeeds());
  for (const v1::Entry& entry : reply->entries()) {
    EXPECT_EQ(entry.channel_pair().open_channel().channel_id(),
              reply->entries(0).channel_pair().open_channel().channel_id());
  }
  EXPECT_EQ(Count("channels"), 21);
}

TEST_P(BatchCreateEntriesTest, TheSamePairTwiceIsInvalid) {
  v1::BatchCreateEntriesRequest batch = Batch(5);
  *batch.add_requests() = batch.requests(2);
  const auto reply = Call(batch);
  EXPECT_THAT(reply, HasViolationsOf(
                         std::vector<std::string>{"requests[5].open_channel"}));
  EXPECT_EQ(AllRows(), 0);
}

TEST_P(BatchCreateEntriesTest, TwoClientsCannotHaveOneTelegramDestination) {
  v1::BatchCreateEntriesRequest batch = Batch(20);
  *batch.mutable_requests(3)->mutable_open_channel() = TelegramChannel("-1");
  *batch.mutable_requests(13)->mutable_open_channel() = TelegramChannel("-1");
  const auto reply = Call(batch);
  EXPECT_THAT(reply, FailsWith("CHANNEL_TAKEN"));
  EXPECT_EQ(AllRows(), 0);
}

TEST_P(BatchCreateEntriesTest, AThousandBadItemsAreToldWithinTheLimits) {
  v1::BatchCreateEntriesRequest batch;
  for (int i = 0; i < 1000; ++i) {
    v1::CreateEntryRequest& item = *batch.add_requests();
    item.set_client_id(std::string(500, 'x'));
    item.mutable_open_channel()->set_platform(v1::PLATFORM_TELEGRAM);
    item.mutable_open_channel()->set_address(std::string(500, '@'));
    item.mutable_interval()->set_seconds(-1);
    *item.mutable_open_content() = TextContent("");
    (*item.mutable_labels())[std::string(63, 'k')] = std::string(300, 'v');
    item.set_request_id("mine");
    item.set_validate_only(true);
  }
  const auto reply = Call(batch);
  EXPECT_THAT(reply, Fails(StatusCode::INVALID_ARGUMENT, "INVALID_FIELDS"));
  const Failure failure = reply.failure();
  EXPECT_THAT(failure.fields(),
              AllOf(SizeIs(20), Each(StartsWith("requests["))));
  EXPECT_THAT(failure.violations.back().description(),
              testing::HasSubstr("more violations"));
  EXPECT_LT(failure.detail_bytes, 7 << 10);
  EXPECT_LE(failure.message.size(), 1024);
  EXPECT_EQ(AllRows(), 0);
}

// The longest descriptions and paths that there are still fit.
TEST_P(BatchCreateEntriesTest, TheLongestViolationsStillFit) {
  v1::BatchCreateEntriesRequest batch;
  v1::CreateEntryRequest item = NewEntry(1, 1);
  for (int i = 0; i < 32; ++i) {
    (*item.mutable_labels())[absl::StrCat(std::string(60, 'k'), i)] =
        std::string(300, 'v');
  }
  for (int i = 0; i < 100; ++i) *batch.add_requests() = item;
  const Failure failure = Call(batch).failure();
  EXPECT_THAT(failure.violations, SizeIs(20));
  EXPECT_LT(failure.detail_bytes, 7 << 10);
}

TEST_P(BatchCreateEntriesTest, ItsSizeIsLimited) {
  const std::vector<std::string> field = {"requests"};
  EXPECT_THAT(Call(v1::BatchCreateEntriesRequest()), HasViolationsOf(field));
  EXPECT_THAT(Call(Batch(1001)), HasViolationsOf(field));
  EXPECT_EQ(AllRows(), 0);
}

TEST_P(BatchCreateEntriesTest, ItemsHaveNoIdAndNoRehearsalOfTheirOwn) {
  v1::BatchCreateEntriesRequest batch = Batch(3);
  batch.mutable_requests(1)->set_request_id("a");
  batch.mutable_requests(2)->set_validate_only(true);
  EXPECT_THAT(Call(batch),
              HasViolationsOf(std::vector<std::string>{
                  "requests[1].request_id", "requests[2].validate_only"}));
}

TEST_P(BatchCreateEntriesTest, QuotaCountsTheWholeBatch) {
  Serve(
      [](rpc::Policy& policy) { policy.registration.default_pair_quota = 10; });
  v1::BatchCreateEntriesRequest batch = Batch(10);
  *batch.add_requests() = NewEntry(1, 10);
  const auto reply = Call(batch);
  EXPECT_THAT(reply, FailsWith("CHANNEL_PAIR_LIMIT"));
  EXPECT_EQ(AllRows(), 0);
  EXPECT_THAT(Call(Batch(10)), Succeeds());
}

TEST_P(BatchCreateEntriesTest, RepairsLegacyPairsAmongNewOnes) {
  Serve(
      [](rpc::Policy& policy) { policy.registration.default_pair_quota = 10; });
  for (int pair = 0; pair < 5; ++pair) {
    ASSERT_THAT(Call(NewPair(1, pair)), Succeeds());
  }
  ASSERT_THAT(Call(Batch(10)), Succeeds());
  EXPECT_EQ(Count("channel_pairs"), 10);
  EXPECT_EQ(Count("entries"), 10);
  EXPECT_EQ(raw().Number("SELECT pair_count FROM clients"), 10);
}

TEST_P(BatchCreateEntriesTest, ValidateOnlyLeavesNothingAndTellsNoIds) {
  v1::BatchCreateEntriesRequest batch = Batch(20);
  batch.set_validate_only(true);
  batch.set_request_id(RequestId(1));
  const auto reply = Call(batch);
  ASSERT_THAT(reply, Succeeds());
  ASSERT_EQ(reply->entries_size(), 20);
  for (const v1::Entry& entry : reply->entries()) {
    EXPECT_EQ(entry.entry_id(), "");
    EXPECT_EQ(entry.channel_pair().channel_pair_id(), "");
    EXPECT_EQ(entry.channel_pair().open_channel().channel_id(), "");
  }
  EXPECT_EQ(AllRows(), 0);
}

TEST_P(BatchCreateEntriesTest, ValidateOnlyTellsNoIdOfASharedNewChannel) {
  v1::BatchCreateEntriesRequest batch = Batch(2);
  *batch.mutable_requests(0)->mutable_open_channel() = LogChannel("hub");
  *batch.mutable_requests(1)->mutable_open_channel() = LogChannel("hub");
  batch.set_validate_only(true);
  const auto reply = Call(batch);
  ASSERT_THAT(reply, Succeeds());
  for (const v1::Entry& entry : reply->entries()) {
    EXPECT_EQ(entry.channel_pair().open_channel().channel_id(), "");
  }
}

INSTANTIATE_TEST_SUITE_P(Backends, BatchCreateEntriesTest, Backends(),
                         BackendName);

}  // namespace
}  // namespace broadcast::test
