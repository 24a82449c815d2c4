// Who may call what, and whose data that shows: tokens, scopes, tenancy, pace.

#include "rpc/admission.h"

#include <google/protobuf/descriptor.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "admission_fixture.h"
#include "auth/mint_token.h"
#include "base/scope_names.h"
#include "broadcast/v1/authorization.pb.h"
#include "support/status_matchers.h"

namespace broadcast::test {
namespace {

using google::protobuf::MethodDescriptor;
using testing::AllOf;
using testing::ElementsAre;
using testing::Gt;
using testing::HasSubstr;
using testing::Le;
using testing::Optional;
using testing::Pair;
using testing::SizeIs;
using testing::UnorderedElementsAre;

std::vector<const MethodDescriptor*> AllMethods() {
  std::vector<const MethodDescriptor*> methods;
  for (const char* service : {v1::BroadcastService::service_full_name(),
                              v1::ClientService::service_full_name(),
                              v1::ChannelService::service_full_name(),
                              v1::AdminService::service_full_name(),
                              v1::OperationService::service_full_name(),
                              v1::EventService::service_full_name()}) {
    const auto* descriptor =
        google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
            service);
    for (int i = 0; i < descriptor->method_count(); ++i) {
      methods.push_back(descriptor->method(i));
    }
  }
  return methods;
}

std::string RequiredScope(const MethodDescriptor* method) {
  return method->options().GetExtension(v1::required_scope);
}

INSTANTIATE_TEST_SUITE_P(Backends, AdmissionTest, Backends(), BackendName);

TEST_P(AdmissionTest, EveryMethodSaysWhoMayCallIt) {
  for (const MethodDescriptor* method : AllMethods()) {
    const std::string scope = RequiredScope(method);
    EXPECT_TRUE(scope == "any" || IsScopeName(scope)) << method->full_name();
    EXPECT_TRUE(
        rpc::RequiredScopeOf({.service = method->service()->full_name().c_str(),
                              .method = method->name().c_str(),
                              .event = nullptr})
            .has_value())
        << method->full_name();
    const bool reads = absl::StartsWith(method->name(), "Get") ||
                       absl::StartsWith(method->name(), "List") ||
                       absl::StartsWith(method->name(), "Watch") ||
                       absl::StartsWith(method->name(), "Check");
    if (!reads) {
      EXPECT_TRUE(scope == "admin" || absl::StartsWith(scope, "broadcast:") ||
                  absl::EndsWith(scope, ":write"))
          << method->full_name();
    }
  }
  EXPECT_THAT(AllMethods(), SizeIs(Gt(20U)));
}

TEST_P(AdmissionTest, AServerWithAMethodThatDoesNotSayIsNotStarted) {
  EXPECT_THAT(calls().CheckMethods(), IsOk());
  const rpc::RpcName forgotten = {.service = "broadcast.v1.AdminService",
                                  .method = "Forgotten",
                                  .event = nullptr};
  EXPECT_FALSE(calls().MethodOf(forgotten).required.has_value());
  EXPECT_THAT(calls().CheckMethods(),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("broadcast.v1.AdminService.Forgotten")));
  EXPECT_THAT(
      rpc::GrpcServer::Start({.registry = &test().registry()}, &calls()),
      StatusIs(absl::StatusCode::kFailedPrecondition,
               HasSubstr("required_scope")));
  // Of a package without the option, however well it is known.
  EXPECT_FALSE(rpc::RequiredScopeOf({.service = "grpc.health.v1.Health",
                                     .method = "Check",
                                     .event = nullptr})
                   .has_value());
}

TEST_P(AdmissionTest, WithoutATokenNothingIsTold) {
  for (const MethodDescriptor* method : AllMethods()) {
    const Failure failure = CallEmpty(method);
    EXPECT_EQ(failure.code, grpc::StatusCode::UNAUTHENTICATED)
        << method->full_name();
    EXPECT_EQ(failure.reason, "TOKEN_MISSING") << method->full_name();
  }
}

TEST_P(AdmissionTest, WithABadTokenNothingIsTold) {
  for (const MethodDescriptor* method : AllMethods()) {
    CallWith("no.good.token");
    const Failure failure = CallEmpty(method);
    EXPECT_EQ(failure.code, grpc::StatusCode::UNAUTHENTICATED)
        << method->full_name();
    EXPECT_EQ(failure.reason, "TOKEN_INVALID") << method->full_name();
    EXPECT_THAT(failure.metadata, ElementsAre(Pair("problem", "malformed")));
  }
  CallAs(1);
  EXPECT_THAT(Call(v1::GetServerInfoRequest()), Succeeds());
  clock().Advance(absl::Hours(2));
  EXPECT_THAT(Call(v1::GetServerInfoRequest()).failure().metadata,
              ElementsAre(Pair("problem", "expired")));
}

TEST_P(AdmissionTest, OneTokenIsSentOnce) {
  CallAs(1);
  SendMetadata("authorization", "Bearer of.another.token");
  EXPECT_THAT(Call(v1::GetServerInfoRequest()).failure().metadata,
              ElementsAre(Pair("problem", "malformed")));
  CallWith("of.another.token");
  SendMetadata("authorization", "");
  EXPECT_THAT(Call(v1::GetServerInfoRequest()), FailsWith("TOKEN_INVALID"));
}

TEST_P(AdmissionTest, EveryMethodAsksForItsScopeAndForNoOther) {
  for (const MethodDescriptor* method : AllMethods()) {
    const std::string scope = RequiredScope(method);
    if (scope == "any") {
      CallAs(kAll, "");
      EXPECT_EQ(CallEmpty(method).code, grpc::StatusCode::OK);
      continue;
    }
    CallAs(kAll, ScopesExcept(scope));
    const Failure failure = CallEmpty(method);
    EXPECT_EQ(failure.code, grpc::StatusCode::PERMISSION_DENIED)
        << method->full_name();
    EXPECT_EQ(failure.reason, "SCOPE_MISSING") << method->full_name();
    EXPECT_THAT(failure.metadata, ElementsAre(Pair("scope", scope)));
    CallAs(kAll, scope);
    const grpc::StatusCode code = CallEmpty(method).code;
    EXPECT_TRUE(code == grpc::StatusCode::OK ||
                code == grpc::StatusCode::INVALID_ARGUMENT)
        << method->full_name() << " answers " << code;
  }
}

TEST_P(AdmissionTest, WhoLacksTheScopeLearnsNothingOfWhatIsThere) {
  Plant(raw(), {.client = 1, .pairs = 1});
  CallAs(1, ScopesExcept("entries:read"));
  v1::GetEntryRequest request;
  request.set_entry_id(EntryId(1, 0));
  const Failure there = Call(request).failure();
  request.set_entry_id(EntryId(1, 5));
  const Failure missing = Call(request).failure();
  request.set_entry_id("no id at all");
  const Failure malformed = Call(request).failure();
  EXPECT_EQ(there.reason, "SCOPE_MISSING");
  for (const Failure& other : {missing, malformed}) {
    EXPECT_EQ(there.reason, other.reason);
    EXPECT_EQ(there.message, other.message);
    EXPECT_EQ(there.metadata, other.metadata);
    EXPECT_EQ(there.detail_bytes, other.detail_bytes);
  }
  CallAs(1, ScopesExcept("entries:write"));
  v1::DeleteEntryRequest remove;
  remove.set_entry_id(EntryId(1, 0));
  EXPECT_THAT(Call(remove), FailsWith("SCOPE_MISSING"));
  remove.set_entry_id(EntryId(1, 5));
  EXPECT_THAT(Call(remove), FailsWith("SCOPE_MISSING"));
  EXPECT_EQ(Count("entries"), 1);
}

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

class PaceTest : public AdmissionTest {};

INSTANTIATE_TEST_SUITE_P(Backends, PaceTest,
                         testing::Values(storage::Backend::kSqlite),
                         BackendName);

TEST_P(PaceTest, APrincipalIsSlowedDown) {
  Limit({.principal_rate = 1});
  CallAs("a", 1);
  const auto limited = CallUntilLimited();
  ASSERT_THAT(limited, FailsWith("RATE_LIMITED"));
  EXPECT_THAT(
      limited.failure().metadata,
      UnorderedElementsAre(Pair("of", "principal"), Pair("limit", "1")));
  EXPECT_THAT(limited.failure().retry_after,
              Optional(AllOf(Gt(absl::ZeroDuration()), Le(absl::Seconds(1)))));
  // Others are not: neither another of the client, nor its namesake.
  CallAs("b", 1);
  EXPECT_THAT(Call(v1::GetServerInfoRequest()), Succeeds());
  CallAs("a", 2);
  EXPECT_THAT(Call(v1::GetServerInfoRequest()), Succeeds());
  CallAs("a", kAll);
  EXPECT_THAT(Call(v1::GetServerInfoRequest()), Succeeds());
  // Nor is it, after what it was told to wait.
  clock().AdvanceSteady(*limited.failure().retry_after);
  CallAs("a", 1);
  EXPECT_THAT(Call(v1::GetServerInfoRequest()), Succeeds());
}

TEST_P(PaceTest, AnotherTokenIsNoOtherPrincipal) {
  Limit({.principal_rate = 1});
  CallAs("a", 1);
  ASSERT_THAT(CallUntilLimited(), FailsWith("RATE_LIMITED"));
  CallAs("a", 1, "entries:read");
  EXPECT_THAT(CallUntilLimited(2), FailsWith("RATE_LIMITED"));
}

TEST_P(PaceTest, ARefusedCallCounts) {
  Limit({.principal_rate = 1});
  CallAs("a", 1, "");
  Reply<v1::ListEntriesResponse> reply;
  for (int i = 0; i < 200; ++i) {
    reply = Call(v1::ListEntriesRequest());
    if (reply.failure().reason != "SCOPE_MISSING") break;
  }
  EXPECT_THAT(reply, FailsWith("RATE_LIMITED"));
}

TEST_P(PaceTest, AnAddressIsSlowedDownWhoeverCallsFromIt) {
  Limit({.address_rate = 2});
  CallAs("a", 1);
  EXPECT_THAT(Call(v1::GetServerInfoRequest()), Succeeds());
  Reply<v1::GetServerInfoResponse> reply;
  for (int i = 0; i < 200; ++i) {
    CallWith(absl::StrCat("guess.number.", i));
    reply = Call(v1::GetServerInfoRequest());
    if (reply.failure().reason != "TOKEN_INVALID") break;
  }
  ASSERT_THAT(reply, FailsWith("RATE_LIMITED"));
  EXPECT_THAT(reply.failure().metadata,
              UnorderedElementsAre(Pair("of", "address"), Pair("limit", "2")));
  // Who is not known counts twenty times.
  ASSERT_THAT(reply.failure().retry_after,
              Optional(AllOf(Gt(absl::Seconds(5)), Le(absl::Seconds(11)))));
  clock().AdvanceSteady(*reply.failure().retry_after);
  CallAs("a", 1);
  EXPECT_THAT(Call(v1::GetServerInfoRequest()), Succeeds());
}

TEST_P(PaceTest, ZeroIsNoLimit) {
  Limit({.principal_rate = 0, .address_rate = 0});
  CallAs("a", 1);
  EXPECT_THAT(CallUntilLimited(), Succeeds());
}

TEST(AddressOfTest, AnAddressHasNoPort) {
  EXPECT_EQ(rpc::AddressOf("ipv4:127.0.0.1:5000"), "ipv4:127.0.0.1");
  EXPECT_EQ(rpc::AddressOf("ipv4:1.2.3.4:5"), "ipv4:1.2.3.4");
  EXPECT_EQ(rpc::AddressOf("unix:/run/broadcastd.sock"), "unix:");
  EXPECT_EQ(rpc::AddressOf("unix:"), "unix:");
  EXPECT_EQ(rpc::AddressOf("unknown"), "unix:");
}

// Whoever has one IPv6 address has all of its network.
TEST(AddressOfTest, AnIpv6CallerIsItsNetwork) {
  const std::string network = "ipv6:2001:db8:1:2::";
  for (const char* peer :
       {"ipv6:%5B2001:db8:1:2::7%5D:5000", "ipv6:[2001:db8:1:2:a:b:c:d]:1",
        "ipv6:%5B2001:db8:1:2::7%25eth0%5D:5000"}) {
    EXPECT_EQ(rpc::AddressOf(peer), network) << peer;
  }
  EXPECT_NE(rpc::AddressOf("ipv6:[2001:db8:1:3::7]:1"), network);
}

}  // namespace
}  // namespace broadcast::test
