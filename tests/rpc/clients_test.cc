// ClientService: create, read, update, delete with all that is a client's.

#include "absl/strings/str_cat.h"
#include "rpc_fixture.h"
#include "upkeep/upkeep.h"

namespace broadcast::test {
namespace {

using grpc::StatusCode;
using testing::ElementsAre;
using testing::Pair;

class ClientsTest : public RpcTest {
 protected:
  static v1::CreateClientRequest NewClient(int client) {
    v1::CreateClientRequest request;
    request.set_client_id(ClientId(client));
    return request;
  }

  static v1::GetClientRequest GetOf(int client) {
    v1::GetClientRequest request;
    request.set_client_id(ClientId(client));
    return request;
  }

  static v1::DeleteClientRequest Delete(int client) {
    v1::DeleteClientRequest request;
    request.set_client_id(ClientId(client));
    return request;
  }

  static v1::UpdateClientRequest Update(
      int client, const std::vector<std::string>& paths = {}) {
    v1::UpdateClientRequest request;
    request.mutable_client()->set_client_id(ClientId(client));
    for (const std::string& path : paths) {
      request.mutable_update_mask()->add_paths(path);
    }
    return request;
  }
};

TEST_P(ClientsTest, AClientIsKeptAsItIsGiven) {
  v1::CreateClientRequest request = NewClient(1);
  request.set_display_name("Zo\xc3\xab & Co");
  request.set_pair_quota(3);
  *request.mutable_default_open_content() = TextContent("open");
  *request.mutable_default_closed_content() = TextContent("closed");
  (*request.mutable_labels())["tier"] = "gold";
  const auto made = Call(request);
  ASSERT_THAT(made, Succeeds());
  const v1::Client& client = made->client();
  EXPECT_EQ(client.client_id(), ClientId(1));
  EXPECT_EQ(client.display_name(), "Zo\xc3\xab & Co");
  EXPECT_EQ(client.pair_quota(), 3);
  EXPECT_EQ(client.pair_count(), 0);
  EXPECT_EQ(client.default_open_content().text(), "open");
  EXPECT_EQ(client.default_closed_content().text(), "closed");
  EXPECT_EQ(client.labels().at("tier"), "gold");
  const auto read = Call(GetOf(1));
  EXPECT_THAT(read->client(), EqualsProto(client));

  const auto again = Call(NewClient(1));
  EXPECT_THAT(again, Fails(StatusCode::ALREADY_EXISTS, "CLIENT_EXISTS"));
  EXPECT_THAT(again.failure().metadata,
              ElementsAre(Pair("client_id", ClientId(1))));
  EXPECT_EQ(again.failure().resource->resource_type(), "client");
}

TEST_P(ClientsTest, AQuotaOfZeroIsNoDefault) {
  v1::CreateClientRequest request = NewClient(1);
  request.set_pair_quota(0);
  const auto made = Call(request);
  EXPECT_TRUE(made->client().has_pair_quota());
  EXPECT_THAT(Call(NewEntry(1, 1)), FailsWith("CHANNEL_PAIR_LIMIT"));
}

TEST_P(ClientsTest, ValidateOnlyCreatesNothing) {
  v1::CreateClientRequest request = NewClient(1);
  request.set_validate_only(true);
  *request.mutable_default_open_content() = TextContent("open");
  const auto reply = Call(request);
  ASSERT_THAT(reply, Succeeds());
  EXPECT_EQ(reply->client().client_id(), ClientId(1));
  EXPECT_EQ(AllRows(), 0);
}

TEST_P(ClientsTest, AnUpdateChangesWhatTheMaskNames) {
  v1::CreateClientRequest request = NewClient(1);
  request.set_display_name("old");
  request.set_pair_quota(3);
  *request.mutable_default_open_content() = TextContent("open");
  const auto made = Call(request);
  ASSERT_THAT(made, Succeeds());
  clock().Advance(absl::Minutes(1));

  v1::UpdateClientRequest update = Update(1);
  update.mutable_client()->set_display_name("new");
  auto reply = Call(update);
  ASSERT_THAT(reply, Succeeds());
  EXPECT_EQ(reply->client().display_name(), "new");
  EXPECT_EQ(reply->client().pair_quota(), 3);
  EXPECT_NE(reply->client().etag(), made->client().etag());
  EXPECT_GT(reply->client().update_time().seconds(),
            reply->client().create_time().seconds());

  // Named and unset: the defaults apply again.
  reply = Call(Update(1, {"pair_quota", "default_open_content"}));
  ASSERT_THAT(reply, Succeeds());
  EXPECT_FALSE(reply->client().has_pair_quota());
  EXPECT_FALSE(reply->client().has_default_open_content());
  EXPECT_EQ(reply->client().display_name(), "new");

  reply = Call(Update(1, {"*"}));
  ASSERT_THAT(reply, Succeeds());
  EXPECT_EQ(reply->client().display_name(), "");

  // A quota of 0 is set, though it is the number's default.
  update = Update(1);
  update.mutable_client()->set_pair_quota(0);
  reply = Call(update);
  ASSERT_THAT(reply, Succeeds());
  EXPECT_TRUE(reply->client().has_pair_quota());

  for (const char* path : {"client_id", "pair_count", "etag", "labels.a"}) {
    EXPECT_THAT(Call(Update(1, {path})),
                HasViolationsOf(std::vector<std::string>{"update_mask"}));
  }
  EXPECT_THAT(Call(Update(1)),
              HasViolationsOf(std::vector<std::string>{"update_mask"}));
}

TEST_P(ClientsTest, AnUpdateRehearsesAndMindsTheEtag) {
  const auto made = Call(NewClient(1));
  v1::UpdateClientRequest update = Update(1);
  update.mutable_client()->set_display_name("new");
  update.mutable_client()->set_etag(made->client().etag());
  update.set_validate_only(true);
  EXPECT_EQ(Call(update)->client().display_name(), "new");
  EXPECT_EQ(Call(GetOf(1))->client().display_name(), "");
  update.set_validate_only(false);
  const auto changed = Call(update);
  ASSERT_THAT(changed, Succeeds());
  const auto stale = Call(update);
  EXPECT_THAT(stale, Fails(StatusCode::ABORTED, "ETAG_MISMATCH"));
  EXPECT_THAT(stale.failure().metadata,
              ElementsAre(Pair("etag", changed->client().etag())));
  v1::DeleteClientRequest remove = Delete(1);
  remove.set_etag(made->client().etag());
  EXPECT_THAT(Call(remove), FailsWith("ETAG_MISMATCH"));
  remove.set_etag(changed->client().etag());
  EXPECT_THAT(Call(remove), Succeeds());
}

// What comes and goes under a client is no change of it.
TEST_P(ClientsTest, PairsDoNotChangeTheEtag) {
  const std::string etag = Call(NewClient(1))->client().etag();
  Create(NewEntry(1, 1));
  EXPECT_EQ(Call(GetOf(1))->client().pair_count(), 1);
  EXPECT_EQ(Call(GetOf(1))->client().etag(), etag);
}

TEST_P(ClientsTest, ASmallClientGoesAtOnceWithAllThatIsItsOwn) {
  for (int pair = 1; pair <= 3; ++pair) Create(NewEntry(1, pair));
  ASSERT_THAT(Call(NewPair(1, 4)), Succeeds());
  v1::CreateEntryRequest hub = NewEntry(1, 5);
  *hub.mutable_open_channel() = NewEntry(1, 1).open_channel();
  Create(hub);
  Create(NewEntry(2, 1));

  v1::DeleteClientRequest request = Delete(1);
  request.set_validate_only(true);
  const auto rehearsal = Call(request);
  ASSERT_THAT(rehearsal, Succeeds());
  EXPECT_EQ(Count("clients"), 2);
  request.set_validate_only(false);
  const auto reply = Call(request);
  ASSERT_THAT(reply, Succeeds());
  EXPECT_THAT(reply.value, EqualsProto(rehearsal.value));
  EXPECT_EQ(reply->client_count(), 1);
  EXPECT_EQ(reply->channel_count(), 9);
  EXPECT_EQ(reply->channel_pair_count(), 5);
  EXPECT_EQ(reply->entry_count(), 4);
  EXPECT_FALSE(reply->purging());
  EXPECT_EQ(Count("clients"), 1);
  EXPECT_EQ(Count("channels"), 2);
  EXPECT_EQ(Count("channel_pairs"), 1);
  EXPECT_EQ(Count("entries"), 1);

  EXPECT_THAT(Call(GetOf(1)), Fails(StatusCode::NOT_FOUND, "CLIENT_NOT_FOUND"));
  EXPECT_THAT(Call(request), FailsWith("CLIENT_NOT_FOUND"));
  request.set_allow_missing(true);
  const auto missing = Call(request);
  ASSERT_THAT(missing, Succeeds());
  EXPECT_EQ(missing->client_count(), 0);
  // Its id can be used again.
  EXPECT_EQ(Create(NewEntry(1, 1)).client().pair_count(), 1);
}

TEST_P(ClientsTest, ALargeClientIsHiddenAtOnceAndPurgedThen) {
  int woken = 0;
  Serve([&](rpc::Policy& policy) { policy.wake_upkeep = [&] { ++woken; }; });
  Plant(raw(), {.client = 1, .pairs = 300});
  Plant(raw(), {.client = 2, .pairs = 2});
  v1::DeleteClientRequest request = Delete(1);
  request.set_request_id(RequestId(1));
  const auto reply = Call(request);
  ASSERT_THAT(reply, Succeeds());
  EXPECT_TRUE(reply->purging());
  EXPECT_EQ(reply->client_count(), 1);
  EXPECT_EQ(reply->channel_count(), 600);
  EXPECT_EQ(reply->channel_pair_count(), 300);
  EXPECT_EQ(reply->entry_count(), 300);
  EXPECT_EQ(woken, 1);

  // Nothing purges here yet: all of it is there, and nobody sees it.
  EXPECT_EQ(Count("entries"), 302);
  EXPECT_THAT(Call(GetOf(1)), FailsWith("CLIENT_NOT_FOUND"));
  v1::GetEntryRequest entry;
  entry.set_entry_id(EntryId(1, 5));
  EXPECT_THAT(Call(entry), FailsWith("ENTRY_NOT_FOUND"));
  v1::GetChannelRequest channel;
  channel.set_channel_id(OpenId(1, 5));
  EXPECT_THAT(Call(channel), FailsWith("CHANNEL_NOT_FOUND"));
  v1::GetChannelPairRequest pair;
  pair.set_channel_pair_id(PairId(1, 5));
  EXPECT_THAT(Call(pair), FailsWith("CHANNEL_PAIR_NOT_FOUND"));
  v1::GetEntryRequest by_addresses;
  v1::ChannelPairAddresses& addresses =
      *by_addresses.mutable_channel_pair_addresses();
  addresses.set_client_id(ClientId(1));
  addresses.mutable_open_channel()->set_platform(v1::PLATFORM_LOG);
  addresses.mutable_open_channel()->set_address(OpenId(1, 5));
  addresses.mutable_closed_channel()->set_platform(v1::PLATFORM_LOG);
  addresses.mutable_closed_channel()->set_address(ClosedId(1, 5));
  EXPECT_THAT(Call(by_addresses), FailsWith("CHANNEL_PAIR_NOT_FOUND"));
  EXPECT_EQ(Call(v1::ListEntriesRequest())->entries_size(), 2);
  EXPECT_EQ(Call(v1::ListClientsRequest())->clients_size(), 1);
  EXPECT_EQ(Call(v1::ListChannelsRequest())->channels_size(), 4);
  EXPECT_EQ(Call(v1::ListChannelPairsRequest())->items_size(), 2);
  v1::PauseEntryRequest pause;
  pause.set_entry_id(EntryId(1, 5));
  EXPECT_THAT(Call(pause), FailsWith("ENTRY_NOT_FOUND"));
  v1::DisableChannelRequest disable;
  disable.set_channel_id(OpenId(1, 5));
  EXPECT_THAT(Call(disable), FailsWith("CHANNEL_NOT_FOUND"));
  v1::DeleteChannelPairRequest remove;
  remove.set_channel_pair_id(PairId(1, 5));
  EXPECT_THAT(Call(remove), FailsWith("CHANNEL_PAIR_NOT_FOUND"));
  v1::UpdateClientRequest update = Update(1);
  update.mutable_client()->set_display_name("x");
  EXPECT_THAT(Call(update), FailsWith("CLIENT_NOT_FOUND"));
  EXPECT_THAT(Call(Delete(1)), FailsWith("CLIENT_NOT_FOUND"));

  // Its id is not free until the last row has gone.
  for (const auto& reused :
       {Call(NewEntry(1, 900)).status, Call(NewPair(1, 900)).status,
        Call(NewClient(1)).status}) {
    EXPECT_EQ(FailureOf(reused).reason, "CLIENT_BEING_DELETED");
    EXPECT_EQ(reused.error_code(), StatusCode::FAILED_PRECONDITION);
  }
  v1::CreateEntryRequest at_once = NewEntry(1, 900);
  at_once.set_request_id(RequestId(2));
  EXPECT_THAT(Call(at_once), FailsWith("CLIENT_BEING_DELETED"));

  upkeep::Upkeep upkeep(&database(), &test().log());
  upkeep.Start();
  EXPECT_TRUE(Eventually([&] { return Count("clients") == 1; }));
  upkeep.Stop();
  EXPECT_EQ(RowsOf(raw(), 1), 0);
  EXPECT_EQ(RowsOf(raw(), 2), 9);
  EXPECT_THAT(Call(NewEntry(1, 1)), Succeeds());
  const auto replay = Call(request);
  ASSERT_THAT(replay, Succeeds());
  EXPECT_TRUE(replay->replayed());
  EXPECT_EQ(replay->entry_count(), 300);
  EXPECT_THAT(Call(GetOf(1)), Succeeds());
}

TEST_P(ClientsTest, WhatIsNotThereIsNotFound) {
  v1::UpdateClientRequest update = Update(1);
  update.mutable_client()->set_display_name("x");
  EXPECT_THAT(Call(update), FailsWith("CLIENT_NOT_FOUND"));
  const auto reply = Call(GetOf(1));
  EXPECT_THAT(reply, Fails(StatusCode::NOT_FOUND, "CLIENT_NOT_FOUND"));
  EXPECT_EQ(reply.failure().resource->resource_name(), ClientId(1));
}

INSTANTIATE_TEST_SUITE_P(Backends, ClientsTest, Backends(), BackendName);

}  // namespace
}  // namespace broadcast::test
