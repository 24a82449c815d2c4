// Whose data a caller is shown and may change: its own client's, and the
// accounts that this client may use.

#include "absl/strings/str_cat.h"
#include "admission_fixture.h"

namespace broadcast::test {
namespace {

using testing::Pair;
using testing::UnorderedElementsAre;

INSTANTIATE_TEST_SUITE_P(Backends, TenancyTest, Backends(), BackendName);

TEST_P(TenancyTest, EntriesOfOthersDoNotExist) {
  const auto before = RowsOfClientTwo();
  const std::string foreign = EntryId(2, 0), own = EntryId(1, 0);
  const char* reason = "ENTRY_NOT_FOUND";
  ExpectMissing<v1::GetEntryRequest>({}, &v1::GetEntryRequest::set_entry_id,
                                     foreign, own, reason);
  ExpectMissing<v1::PauseEntryRequest>({}, &v1::PauseEntryRequest::set_entry_id,
                                       foreign, own, reason);
  ExpectMissing<v1::ResumeEntryRequest>(
      {}, &v1::ResumeEntryRequest::set_entry_id, foreign, own, reason);
  ExpectMissing<v1::DeleteEntryRequest>(
      {}, &v1::DeleteEntryRequest::set_entry_id, foreign, own, reason);
  v1::UpdateEntryRequest update;
  update.mutable_entry()->mutable_interval()->set_seconds(3600);
  update.mutable_update_mask()->add_paths("interval");
  update.mutable_entry()->set_entry_id(foreign);
  EXPECT_THAT(Call(update), FailsWith(reason));
  update.mutable_entry()->set_entry_id(EntryId(1, 1));
  EXPECT_THAT(Call(update), Succeeds());
  // Nor do they by their addresses.
  CallAs(kAll);
  const v1::CreateEntryRequest other = NewEntry(2, 100);
  Create(other);
  v1::GetEntryRequest by_addresses;
  *by_addresses.mutable_channel_pair_addresses() = AddressesOf(other);
  EXPECT_THAT(Call(by_addresses), Succeeds());
  CallAs(1);
  EXPECT_THAT(Call(by_addresses), FailsWith("CHANNEL_PAIR_NOT_FOUND"));
  // To delete what is not there is nothing, and deletes nothing.
  v1::DeleteEntryRequest remove;
  remove.set_entry_id(foreign);
  remove.set_allow_missing(true);
  EXPECT_EQ(Call(remove)->entry_count(), 0);
  CallAs(2);
  EXPECT_EQ(Get(foreign).entry_id(), foreign);
  EXPECT_NE(before, RowsOfClientTwo());  // by what it made itself
}

TEST_P(TenancyTest, PairsOfOthersDoNotExist) {
  const auto before = RowsOfClientTwo();
  ExpectMissing<v1::GetChannelPairRequest>(
      {}, &v1::GetChannelPairRequest::set_channel_pair_id, PairId(2, 0),
      PairId(1, 0), "CHANNEL_PAIR_NOT_FOUND");
  ExpectMissing<v1::DeleteChannelPairRequest>(
      {}, &v1::DeleteChannelPairRequest::set_channel_pair_id, PairId(2, 0),
      PairId(1, 0), "CHANNEL_PAIR_NOT_FOUND");
  v1::DeleteChannelPairRequest remove;
  remove.set_channel_pair_id(PairId(2, 0));
  remove.set_allow_missing(true);
  const auto removed = Call(remove);
  EXPECT_THAT(removed, Succeeds());
  EXPECT_EQ(removed->channel_pair_count() + removed->channel_count() +
                removed->entry_count(),
            0);
  EXPECT_EQ(before, RowsOfClientTwo());
}

TEST_P(TenancyTest, ChannelsOfOthersDoNotExist) {
  const auto before = RowsOfClientTwo();
  const std::string foreign = OpenId(2, 0), own = OpenId(1, 0);
  const char* reason = "CHANNEL_NOT_FOUND";
  ExpectMissing<v1::GetChannelRequest>(
      {}, &v1::GetChannelRequest::set_channel_id, foreign, own, reason);
  ExpectMissing<v1::DisableChannelRequest>(
      {}, &v1::DisableChannelRequest::set_channel_id, foreign, own, reason);
  ExpectMissing<v1::EnableChannelRequest>(
      {}, &v1::EnableChannelRequest::set_channel_id, foreign, own, reason);
  v1::UpdateChannelRequest update;
  update.mutable_channel()->set_title("mine now");
  update.mutable_update_mask()->add_paths("title");
  update.mutable_channel()->set_channel_id(foreign);
  EXPECT_THAT(Call(update), FailsWith(reason));
  update.mutable_channel()->set_channel_id(own);
  EXPECT_THAT(Call(update), Succeeds());
  EXPECT_EQ(before, RowsOfClientTwo());
}

TEST_P(TenancyTest, OtherClientsDoNotExist) {
  const auto before = RowsOfClientTwo();
  ExpectMissing<v1::GetClientRequest>({}, &v1::GetClientRequest::set_client_id,
                                      ClientId(2), ClientId(1),
                                      "CLIENT_NOT_FOUND");
  v1::UpdateClientRequest update;
  update.mutable_client()->set_display_name("mine now");
  update.mutable_update_mask()->add_paths("display_name");
  update.mutable_client()->set_client_id(ClientId(2));
  EXPECT_THAT(Call(update), FailsWith("CLIENT_NOT_FOUND"));
  update.mutable_client()->set_client_id(ClientId(1));
  EXPECT_THAT(Call(update), Succeeds());
  // One that is there cannot be told from one that is not.
  for (const int client : {2, 7}) {
    v1::CreateClientRequest create;
    create.set_client_id(ClientId(client));
    EXPECT_THAT(Call(create), FailsWith("CLIENT_NOT_FOUND")) << client;
  }
  v1::DeleteClientRequest remove;
  remove.set_client_id(ClientId(2));
  EXPECT_THAT(Call(remove), FailsWith("CLIENT_NOT_FOUND"));
  remove.set_allow_missing(true);
  const auto removed = Call(remove);
  EXPECT_THAT(removed, Succeeds());
  EXPECT_EQ(removed->ShortDebugString(), "");
  EXPECT_EQ(before, RowsOfClientTwo());
  remove.set_client_id(ClientId(1));
  EXPECT_THAT(Call(remove), Succeeds());
  EXPECT_EQ(before, RowsOfClientTwo());
}

TEST_P(TenancyTest, NothingIsRegisteredForAnotherClient) {
  const int64_t rows = AllRows();
  for (const int client : {2, 7}) {  // one that is there, one that is not
    for (const bool validate_only : {false, true}) {
      v1::CreateEntryRequest entry = NewEntry(client, 50);
      entry.set_validate_only(validate_only);
      EXPECT_THAT(Call(entry), FailsWith("CLIENT_NOT_FOUND")) << client;
      v1::CreateChannelPairRequest pair = NewPair(client, 50);
      pair.set_validate_only(validate_only);
      EXPECT_THAT(Call(pair), FailsWith("CLIENT_NOT_FOUND")) << client;
      v1::BatchCreateEntriesRequest batch;
      *batch.add_requests() = NewEntry(1, 50);
      *batch.add_requests() = NewEntry(client, 50);
      batch.set_validate_only(validate_only);
      const auto reply = Call(batch);
      EXPECT_THAT(reply, FailsWith("CLIENT_NOT_FOUND")) << client;
      EXPECT_THAT(reply.failure().metadata,
                  testing::Contains(Pair("request_index", "1")));
    }
    // The way of a request id is another one on PostgreSQL.
    v1::CreateEntryRequest once = NewEntry(client, 51);
    once.set_request_id(RequestId(client));
    EXPECT_THAT(Call(once), FailsWith("CLIENT_NOT_FOUND")) << client;
  }
  EXPECT_EQ(AllRows(), rows);
  EXPECT_THAT(Call(NewEntry(1, 52)), Succeeds());
}

TEST_P(TenancyTest, AdministrationEndsAtTheClientToo) {
  const auto before = RowsOfClientTwo();
  v1::CheckIntegrityRequest check;
  EXPECT_EQ(Call(check)->client_count(), 1);
  EXPECT_EQ(Call(check)->entry_count(), 3);
  check.set_client_id(ClientId(2));
  EXPECT_THAT(Call(check), FailsWith("CLIENT_NOT_FOUND"));

  CallAs(kAll);
  ASSERT_THAT(Call(NewPair(2, 60)), Succeeds());
  CallAs(1);
  v1::BackfillEntriesRequest backfill;
  backfill.mutable_all();
  EXPECT_EQ(Call(backfill)->found_count(), 0);
  backfill.set_client_id(ClientId(2));
  EXPECT_THAT(Call(backfill), FailsWith("CLIENT_NOT_FOUND"));
  CallAs(2);
  EXPECT_EQ(Call(backfill)->created_count(), 1);
}

TEST_P(TenancyTest, ListsShowOnesOwn) {
  const auto entries = Call(v1::ListEntriesRequest());
  EXPECT_EQ(entries->entries_size(), 3);
  for (const v1::Entry& entry : entries->entries()) {
    EXPECT_EQ(entry.client_id(), ClientId(1));
  }
  EXPECT_EQ(Call(v1::ListChannelPairsRequest())->items_size(), 3);
  EXPECT_EQ(Call(v1::ListChannelsRequest())->channels_size(), 6);
  const auto clients = Call(v1::ListClientsRequest());
  ASSERT_EQ(clients->clients_size(), 1);
  EXPECT_EQ(clients->clients(0).client_id(), ClientId(1));
  CallAs(kAll);
  EXPECT_EQ(Call(v1::ListEntriesRequest())->entries_size(), 6);
  EXPECT_EQ(Call(v1::ListClientsRequest())->clients_size(), 2);
}

TEST_P(TenancyTest, AFilterThatNamesAnotherFindsNothing) {
  const std::string of_two = absl::StrCat("client_id = ", ClientId(2));
  v1::ListEntriesRequest entries;
  v1::ListChannelPairsRequest pairs;
  v1::ListChannelsRequest channels;
  entries.set_filter(of_two);
  pairs.set_filter(of_two);
  channels.set_filter(of_two);
  const auto entries_reply = Call(entries);
  EXPECT_THAT(entries_reply, Succeeds());
  EXPECT_EQ(entries_reply->entries_size(), 0);
  EXPECT_EQ(entries_reply->next_page_token(), "");
  EXPECT_EQ(Call(pairs)->items_size(), 0);
  EXPECT_EQ(Call(channels)->channels_size(), 0);
  CallAs(2);
  EXPECT_EQ(Call(entries)->entries_size(), 3);
  EXPECT_EQ(Call(pairs)->items_size(), 3);
  EXPECT_EQ(Call(channels)->channels_size(), 6);
}

TEST_P(TenancyTest, APageTokenIsOfItsCallerAlone) {
  const auto expect_bound = [&](auto request) {
    request.set_page_size(1);
    std::map<int, std::string> tokens;
    for (const int client : {kAll, 1, 2}) {
      CallAs(client);
      const auto reply = Call(request);
      EXPECT_THAT(reply, Succeeds());
      tokens[client] = reply->next_page_token();
    }
    for (const int client : {kAll, 1, 2}) {
      CallAs(client);
      for (const auto& [owner, token] : tokens) {
        if (token.empty()) continue;  // of the only client that one sees
        request.set_page_token(token);
        if (owner == client) {
          EXPECT_THAT(Call(request), Succeeds());
        } else {
          EXPECT_THAT(Call(request), FailsWith("INVALID_PAGE_TOKEN"))
              << owner << "'s for " << client;
        }
      }
    }
  };
  expect_bound(v1::ListEntriesRequest());
  expect_bound(v1::ListChannelPairsRequest());
  expect_bound(v1::ListChannelsRequest());
  expect_bound(v1::ListClientsRequest());
  expect_bound(v1::ListAccountsRequest());
}

TEST_P(TenancyTest, ARequestIdIsOfItsClient) {
  for (const int client : {1, 2}) {
    CallAs(client);
    v1::CreateEntryRequest request = NewEntry(client, 70);
    request.set_request_id(RequestId(1));
    const auto made = Call(request);
    ASSERT_THAT(made, Succeeds());
    EXPECT_FALSE(made->replayed());
    EXPECT_EQ(made->entry().client_id(), ClientId(client));
    EXPECT_TRUE(Call(request)->replayed());
  }
  // Who sees all clients has request ids apart from theirs.
  CallAs(kAll);
  v1::CreateEntryRequest request = NewEntry(1, 71);
  request.set_request_id(RequestId(1));
  const auto made = Call(request);
  ASSERT_THAT(made, Succeeds());
  EXPECT_FALSE(made->replayed());
  // The same of one entry: nobody's answer is told to another.
  request = NewEntry(1, 72);
  request.set_request_id(RequestId(2));
  ASSERT_THAT(Call(request), Succeeds());
  CallAs(1);
  EXPECT_THAT(Call(request), FailsWith("CHANNEL_PAIR_EXISTS"));
  CallAs(2);
  EXPECT_THAT(Call(request), FailsWith("CLIENT_NOT_FOUND"));
}

class AccountsTest : public AdmissionTest {
 protected:
  using AdmissionTest::Configure;
  void Configure(rpc::Policy& policy) override {
    policy.accounts = {
        {"log", {storage::Platform::kLog}},
        {"of-one", {storage::Platform::kLog, {ClientId(1)}}},
        {"of-both", {storage::Platform::kLog, {ClientId(1), ClientId(2)}}}};
  }

  std::vector<std::string> Accounts() {
    std::vector<std::string> names;
    const auto reply = Call(v1::ListAccountsRequest());
    EXPECT_THAT(reply, Succeeds());
    for (const v1::Account& account : reply->accounts()) {
      names.push_back(account.name());
    }
    return names;
  }

  static v1::CreateEntryRequest Entry(int client, int pair,
                                      const std::string& account) {
    v1::CreateEntryRequest request = NewEntry(client, pair);
    request.mutable_open_channel()->set_account(account);
    return request;
  }
};

INSTANTIATE_TEST_SUITE_P(Backends, AccountsTest, Backends(), BackendName);

TEST_P(AccountsTest, AListHasWhatTheClientMayUse) {
  CallAs(1);
  EXPECT_THAT(Accounts(), UnorderedElementsAre("log", "of-one", "of-both"));
  CallAs(2);
  EXPECT_THAT(Accounts(), UnorderedElementsAre("log", "of-both"));
  CallAs(3);
  EXPECT_THAT(Accounts(), UnorderedElementsAre("log"));
  CallAs(kAll);
  EXPECT_THAT(Accounts(), UnorderedElementsAre("log", "of-one", "of-both"));
  CallAs(1, "channels:write");
  EXPECT_THAT(Call(v1::ListAccountsRequest()), FailsWith("SCOPE_MISSING"));
}

TEST_P(AccountsTest, AnEntryIsRegisteredWithWhatItsClientMayUse) {
  CallAs(1);
  EXPECT_THAT(Call(Entry(1, 1, "of-one")), Succeeds());
  for (const int caller : {2, kAll}) {
    CallAs(caller);
    const auto others = Call(Entry(2, 1, "of-one"));
    EXPECT_THAT(others, FailsWith("CHANNEL_ACCOUNT_UNKNOWN")) << caller;
    const auto nobodys = Call(Entry(2, 1, "no-one"));
    EXPECT_THAT(nobodys, FailsWith("CHANNEL_ACCOUNT_UNKNOWN")) << caller;
    // Not to be told apart but by the name that was asked for.
    EXPECT_EQ(others.failure().detail_bytes, nobodys.failure().detail_bytes);
  }
  EXPECT_THAT(Call(Entry(2, 1, "of-both")), Succeeds());
  // A caller for all clients uses an account for a client that may.
  EXPECT_THAT(Call(Entry(1, 2, "of-one")), Succeeds());
}

// Whatever account it names, so that nobody can try out which there are.
TEST_P(AccountsTest, AccountsOfOthersAreNotTriedOutInTheirName) {
  CallAs(2);
  for (const char* account : {"of-one", "of-both", "log", "no-one"}) {
    EXPECT_THAT(Call(Entry(1, 1, account)), FailsWith("CLIENT_NOT_FOUND"))
        << account;
    v1::CreateChannelPairRequest pair = NewPair(1, 1);
    pair.mutable_open_channel()->set_account(account);
    EXPECT_THAT(Call(pair), FailsWith("CLIENT_NOT_FOUND")) << account;
    v1::BatchCreateEntriesRequest batch;
    *batch.add_requests() = Entry(1, 1, account);
    EXPECT_THAT(Call(batch), FailsWith("CLIENT_NOT_FOUND")) << account;
  }
}

TEST_P(AccountsTest, AChannelMovesToWhatItsClientMayUse) {
  CallAs(2);
  const auto made = Call(Entry(2, 1, "log"));
  ASSERT_THAT(made, Succeeds());
  v1::UpdateChannelRequest update;
  update.mutable_channel()->set_channel_id(
      made->channel_pair().open_channel().channel_id());
  update.mutable_update_mask()->add_paths("account");
  for (const int caller : {2, kAll}) {
    CallAs(caller);
    for (const char* account : {"of-one", "no-one"}) {
      update.mutable_channel()->set_account(account);
      EXPECT_THAT(Call(update), FailsWith("CHANNEL_ACCOUNT_UNKNOWN"))
          << account << " for " << caller;
    }
  }
  CallAs(2);
  update.mutable_channel()->set_account("of-both");
  EXPECT_THAT(Call(update), Succeeds());
}

}  // namespace
}  // namespace broadcast::test
