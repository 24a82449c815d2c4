// AdminService: information, accounts, integrity, backfill.

#include <set>

#include "absl/strings/str_cat.h"
#include "rpc_fixture.h"
#include "support/delivery_seed.h"

namespace broadcast::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class AdminTest : public RpcTest {
 protected:
  v1::BackfillEntriesRequest All() {
    v1::BackfillEntriesRequest request;
    request.mutable_all();
    return request;
  }

  // How many findings of `kind` there are, and their samples.
  static const v1::IntegrityFinding& Finding(
      const v1::CheckIntegrityResponse& response,
      v1::IntegrityFinding::Kind kind) {
    return response.findings(kind - 1);
  }
};

TEST_P(AdminTest, ServerInfoTellsVersionsStorageAndLimits) {
  Serve([](rpc::Policy& policy) {
    policy.registration.default_pair_quota = 42;
    policy.registration.auto_register_clients = false;
    policy.default_interval = absl::Hours(12);
    policy.default_open_content = Content{.text = "hello"};
    policy.max_request_bytes = 123456;
  });
  const auto reply = Call(v1::GetServerInfoRequest());
  ASSERT_THAT(reply, Succeeds());
  EXPECT_EQ(reply->version(), "1.2.3");
  EXPECT_EQ(reply->commit(), "0123456789ab");
  EXPECT_EQ(reply->schema_version(), database().schema().version);
  EXPECT_GE(reply->schema_version(), reply->oldest_compatible_version());
  EXPECT_GE(reply->oldest_compatible_version(), 1);
  EXPECT_EQ(reply->storage_backend(), sqlite()
                                          ? v1::STORAGE_BACKEND_SQLITE
                                          : v1::STORAGE_BACKEND_POSTGRESQL);
  EXPECT_EQ(reply->start_time().seconds(),
            absl::ToUnixSeconds(FakeClock::DefaultStart()));
  EXPECT_GE(reply->server_time().seconds(), reply->start_time().seconds());
  EXPECT_THAT(reply->capabilities(),
              ElementsAre("audit", "backfill", "check_channel", "entries",
                          "events", "feeds", "integrity", "operations",
                          "scheduler", "statistics", "trigger"));
  EXPECT_FALSE(reply->auto_register_clients());
  EXPECT_EQ(reply->default_open_content().text(), "hello");
  EXPECT_FALSE(reply->has_default_closed_content());
  const v1::ServerLimits& limits = reply->limits();
  EXPECT_EQ(limits.default_pair_quota(), 42);
  EXPECT_EQ(limits.max_pair_quota(), 1'000'000);
  EXPECT_EQ(limits.default_page_size(), 50);
  EXPECT_EQ(limits.max_page_size(), 1000);
  EXPECT_EQ(limits.max_page_rows_examined(), 1000);
  EXPECT_EQ(limits.max_batch_size(), 1000);
  EXPECT_EQ(limits.default_interval().seconds(), 12 * 3600);
  EXPECT_EQ(limits.min_interval().seconds(), 60);
  EXPECT_EQ(limits.max_interval().seconds(), 366 * 86400);
  EXPECT_EQ(limits.request_id_retention().seconds(), 86400);
  EXPECT_EQ(limits.max_request_bytes(), 123456);
  EXPECT_EQ(limits.max_filter_bytes(), 2048);
  EXPECT_EQ(limits.max_filter_conditions(), 20);
  EXPECT_EQ(limits.max_text_length(), 4096);
  EXPECT_EQ(limits.max_button_count(), 100);
  EXPECT_EQ(limits.max_row_button_count(), 8);
  EXPECT_EQ(limits.max_label_count(), 32);
  EXPECT_EQ(limits.trigger_cooldown().seconds(), 300);
  EXPECT_EQ(limits.disable_threshold(), 5);
  EXPECT_EQ(limits.results_retention().seconds(), 7 * 86400);
  EXPECT_EQ(limits.operations_retention().seconds(), 30 * 86400);
  EXPECT_EQ(limits.events_retention().seconds(), 7 * 86400);
  EXPECT_EQ(limits.max_firing_count(), 250);
  EXPECT_EQ(limits.max_watch_count(), 4096);
  EXPECT_EQ(reply->scheduler_state().mode(), v1::SchedulerState::MODE_AUTO);
  EXPECT_FALSE(reply->scheduler_state().paused());
  EXPECT_TRUE(reply->default_tracking());
  EXPECT_EQ(limits.max_feed_channel_count(), 100);
  EXPECT_EQ(limits.max_batch_post_count(), 200);
  EXPECT_EQ(limits.max_batch_message_count(), 1000);
}

TEST_P(AdminTest, AccountsAreListedByName) {
  v1::ListAccountsRequest request;
  const auto names = [&] {
    std::vector<std::string> names;
    const auto reply = Call(request);
    EXPECT_THAT(reply, Succeeds());
    for (const v1::Account& account : reply->accounts()) {
      names.push_back(account.name());
    }
    request.set_page_token(reply->next_page_token());
    return names;
  };
  EXPECT_THAT(names(), ElementsAre("bot", "hooks", "log", "other-log"));
  EXPECT_EQ(request.page_token(), "");
  request.set_page_size(3);
  EXPECT_THAT(names(), ElementsAre("bot", "hooks", "log"));
  const std::string token = request.page_token();
  EXPECT_NE(token, "");
  EXPECT_THAT(names(), ElementsAre("other-log"));
  EXPECT_EQ(request.page_token(), "");
  request.set_page_token(token);
  request.set_platform(v1::PLATFORM_LOG);
  EXPECT_THAT(Call(request), FailsWith("INVALID_PAGE_TOKEN"));
  request.clear_page_token();
  EXPECT_EQ(Call(request)->accounts(0).platform(), v1::PLATFORM_LOG);
  EXPECT_THAT(names(), ElementsAre("log", "other-log"));
  request.set_platform(v1::PLATFORM_EMAIL);
  EXPECT_THAT(names(), IsEmpty());
}

TEST_P(AdminTest, ACleanDatabaseIsSaidToBe) {
  for (int pair = 0; pair < 3; ++pair) Create(NewEntry(1, pair));
  const auto reply = Call(v1::CheckIntegrityRequest());
  ASSERT_THAT(reply, Succeeds());
  EXPECT_TRUE(reply->clean());
  EXPECT_EQ(reply->client_count(), 1);
  EXPECT_EQ(reply->channel_count(), 6);
  EXPECT_EQ(reply->channel_pair_count(), 3);
  EXPECT_EQ(reply->entry_count(), 3);
  EXPECT_GT(reply->check_time().seconds(), 0);
  ASSERT_EQ(reply->findings_size(), 10);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(reply->findings(i).kind(), i + 1);
    EXPECT_EQ(reply->findings(i).count(), 0);
  }
}

TEST_P(AdminTest, IntegrityFindsWhatDisagreesOfDeliveries) {
  Plant(raw(), {.client = 1, .pairs = 1});
  PlantContent(raw());
  PlantOperation(raw(), {.number = 1, .planned = 2, .sent = 1});
  PlantDelivery(raw(), 1, 1);
  raw().Execute("UPDATE entries SET last_outcome = 'sending'");
  const auto reply = Call(v1::CheckIntegrityRequest());
  ASSERT_THAT(reply, Succeeds());
  EXPECT_EQ(reply->operation_count(), 1);
  EXPECT_EQ(reply->delivery_count(), 1);
  using Kind = v1::IntegrityFinding;
  EXPECT_THAT(
      Finding(reply.value, Kind::KIND_OPERATION_COUNT_MISMATCH).sample_ids(),
      ElementsAre(OperationId(1)));
  EXPECT_THAT(
      Finding(reply.value, Kind::KIND_DELIVERY_STATE_MISMATCH).sample_ids(),
      ElementsAre(DeliveryId(1)));
  EXPECT_THAT(
      Finding(reply.value, Kind::KIND_ENTRY_OPERATION_MISMATCH).sample_ids(),
      ElementsAre(EntryId(1, 0)));
}

TEST_P(AdminTest, IntegrityFindsWhatDisagrees) {
  using Kind = v1::IntegrityFinding;
  Plant(raw(), {.client = 1, .pairs = 2500});
  Plant(raw(), {.client = 2, .pairs = 3, .entries = false});
  raw().Execute("UPDATE clients SET pair_count = 7 WHERE client_id = '" +
                ClientId(1) + "'");
  raw().Execute(
      "UPDATE entries SET consecutive_failure_count = 9 WHERE entry_id = '" +
      EntryId(1, 2000) + "'");
  v1::CheckIntegrityRequest request;
  auto reply = Call(request);
  ASSERT_THAT(reply, Succeeds());
  EXPECT_FALSE(reply->clean());
  EXPECT_EQ(reply->channel_pair_count(), 2503);
  const auto& without =
      Finding(reply.value, Kind::KIND_CHANNEL_PAIR_WITHOUT_ENTRY);
  EXPECT_EQ(without.count(), 3);
  EXPECT_THAT(without.sample_ids(),
              ElementsAre(PairId(2, 0), PairId(2, 1), PairId(2, 2)));
  EXPECT_THAT(
      Finding(reply.value, Kind::KIND_CLIENT_WITHOUT_ENTRY).sample_ids(),
      ElementsAre(ClientId(2)));
  EXPECT_THAT(
      Finding(reply.value, Kind::KIND_CLIENT_COUNTER_MISMATCH).sample_ids(),
      ElementsAre(ClientId(1)));
  EXPECT_THAT(
      Finding(reply.value, Kind::KIND_ENTRY_COUNTER_MISMATCH).sample_ids(),
      ElementsAre(EntryId(1, 2000)));

  request.set_client_id(ClientId(2));
  reply = Call(request);
  ASSERT_THAT(reply, Succeeds());
  EXPECT_EQ(reply->client_count(), 1);
  EXPECT_EQ(reply->channel_pair_count(), 3);
  EXPECT_EQ(Finding(reply.value, Kind::KIND_CLIENT_COUNTER_MISMATCH).count(),
            0);
  request.set_client_id(ClientId(9));
  EXPECT_THAT(Call(request), FailsWith("CLIENT_NOT_FOUND"));
}

TEST_P(AdminTest, SamplesAreTheFirstHundred) {
  Plant(raw(), {.client = 1, .pairs = 130, .entries = false});
  const auto reply = Call(v1::CheckIntegrityRequest());
  const auto& without = Finding(
      reply.value, v1::IntegrityFinding::KIND_CHANNEL_PAIR_WITHOUT_ENTRY);
  EXPECT_EQ(without.count(), 130);
  EXPECT_THAT(without.sample_ids(), SizeIs(100));
  EXPECT_EQ(without.sample_ids(99), PairId(1, 99));
}

TEST_P(AdminTest, FiveHundredLegacyPairsAreBackfilled) {
  Plant(raw(), {.client = 1, .pairs = 300, .entries = false});
  Plant(raw(), {.client = 2, .pairs = 200, .entries = false});
  Plant(raw(), {.client = 3, .pairs = 10});
  v1::BackfillEntriesRequest request = All();
  request.set_validate_only(true);
  auto reply = Call(request);
  ASSERT_THAT(reply, Succeeds());
  EXPECT_EQ(reply->found_count(), 500);
  EXPECT_EQ(reply->created_count(), 500);
  EXPECT_THAT(reply->entry_ids(), IsEmpty());
  EXPECT_EQ(Count("entries"), 10);
  request.set_request_id(RequestId(1));
  ASSERT_THAT(Call(request), Succeeds());
  EXPECT_EQ(Count("request_ids"), 0);

  request.set_validate_only(false);
  request.mutable_interval()->set_seconds(36000);
  reply = Call(request);
  ASSERT_THAT(reply, Succeeds());
  EXPECT_EQ(reply->found_count(), 500);
  EXPECT_EQ(reply->created_count(), 500);
  EXPECT_EQ(reply->skipped_count(), 0);
  EXPECT_EQ(reply->failed_count(), 0);
  EXPECT_THAT(std::set<std::string>(reply->entry_ids().begin(),
                                    reply->entry_ids().end()),
              SizeIs(500));
  EXPECT_FALSE(reply->replayed());
  EXPECT_EQ(Count("entries"), 510);
  EXPECT_TRUE(Call(v1::CheckIntegrityRequest())->clean());

  const v1::Entry entry = Get(reply->entry_ids(7));
  EXPECT_EQ(entry.interval().seconds(), 36000);
  EXPECT_EQ(entry.state(), v1::Entry::STATE_ACTIVE);
  // Spread over the interval: in no hour of ten more than twice its share.
  for (int hour = 0; hour < 10; ++hour) {
    EXPECT_LT(raw().Number(absl::StrCat(
                  "SELECT count(*) FROM entries WHERE client_id <> '",
                  ClientId(3), "' AND (next_send_time - create_time) / ",
                  3600LL * 1000000, " = ", hour)),
              100);
  }

  const auto replay = Call(request);
  EXPECT_TRUE(replay->replayed());
  EXPECT_EQ(replay->created_count(), 500);
  EXPECT_EQ(replay->entry_ids_size(), 500);
  const auto nothing = Call(All());
  ASSERT_THAT(nothing, Succeeds());
  EXPECT_EQ(nothing->found_count(), 0);
}

TEST_P(AdminTest, BackfillKeepsToItsScope) {
  Plant(raw(), {.client = 1, .pairs = 3, .entries = false});
  Plant(raw(), {.client = 2, .pairs = 3, .entries = false});
  v1::BackfillEntriesRequest request;
  request.set_channel_pair_id(PairId(1, 1));
  request.mutable_spread();
  auto reply = Call(request);
  ASSERT_THAT(reply, Succeeds());
  ASSERT_THAT(reply->entry_ids(), SizeIs(1));
  const v1::Entry entry = Get(reply->entry_ids(0));
  EXPECT_EQ(entry.channel_pair().channel_pair_id(), PairId(1, 1));
  EXPECT_EQ(entry.next_send_time().seconds(), entry.create_time().seconds());
  EXPECT_EQ(Call(request)->found_count(), 0);
  request.set_client_id(ClientId(2));
  EXPECT_EQ(Call(request)->created_count(), 3);
  EXPECT_EQ(Count("entries"), 4);
  request.set_client_id(ClientId(9));
  EXPECT_THAT(Call(request), FailsWith("CLIENT_NOT_FOUND"));
  request.set_channel_pair_id(PairId(9, 9));
  EXPECT_THAT(Call(request), FailsWith("CHANNEL_PAIR_NOT_FOUND"));
}

TEST_P(AdminTest, BackfillTellsTheFirstThousandIds) {
  Plant(raw(), {.client = 1, .pairs = 1203, .entries = false});
  const auto reply = Call(All());
  ASSERT_THAT(reply, Succeeds());
  EXPECT_EQ(reply->created_count(), 1203);
  EXPECT_THAT(reply->entry_ids(), SizeIs(1000));
}

INSTANTIATE_TEST_SUITE_P(Backends, AdminTest, Backends(), BackendName);

}  // namespace
}  // namespace broadcast::test
