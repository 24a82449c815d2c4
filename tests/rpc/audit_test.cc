// The audit trail of calls: one event for each mutation, in its transaction,
// and one for each that is refused.

#include "rpc/audit.h"

#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/limits.h"
#include "rpc_fixture.h"

namespace broadcast::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;
using testing::StartsWith;
using testing::UnorderedElementsAre;

using Ids = std::map<std::string, std::string>;

class AuditTest : public RpcTest {
 protected:
  // Refusals that were counted and not recorded.
  double Dropped() {
    double count = 0;
    for (const auto& family : test().registry().Collect()) {
      if (family.name != "broadcastd_audit_refusals_dropped_total") continue;
      count = family.metric.at(0).counter.value;
    }
    return count;
  }

  std::vector<v1::AuditEvent> Events(const std::string& filter = "") {
    std::vector<v1::AuditEvent> events;
    v1::ListAuditEventsRequest request;
    request.set_filter(filter);
    do {
      const auto reply = Call(request);
      EXPECT_THAT(reply, Succeeds());
      events.insert(events.end(), reply->audit_events().begin(),
                    reply->audit_events().end());
      request.set_page_token(reply->next_page_token());
    } while (!request.page_token().empty());
    return events;
  }

  // The only event of `method`, of which `client` and `ids` are touched.
  v1::AuditEvent ExpectMade(const std::string& method, const std::string& event,
                            int client, const Ids& ids, int rows) {
    const auto found = Events("method = " + method);
    EXPECT_THAT(found, SizeIs(1)) << method;
    if (found.empty()) return {};
    const v1::AuditEvent& made = found[0];
    EXPECT_EQ(made.event(), event);
    EXPECT_EQ(made.outcome(), "OK");
    EXPECT_EQ(made.principal(), "local");
    EXPECT_THAT(made.peer(), StartsWith("ipv4:127.0.0.1:"));
    EXPECT_EQ(made.client_id(), ClientId(client)) << method;
    EXPECT_EQ(IdsOf(made), ids) << method;
    EXPECT_EQ(made.row_count(), rows) << method;
    return made;
  }

  // The only event of `method`, once it is recorded.
  v1::AuditEvent ExpectRefused(const std::string& method,
                               const std::string& outcome) {
    const std::string filter =
        absl::StrCat("method = ", method, " AND outcome", " = ", outcome);
    EXPECT_TRUE(Eventually([&] { return !Events(filter).empty(); }))
        << method << " " << outcome;
    const auto found = Events(filter);
    EXPECT_THAT(found, SizeIs(1)) << method << " " << outcome;
    return found.empty() ? v1::AuditEvent() : found[0];
  }

  // What the resources of an event say; lists joined.
  static Ids IdsOf(const v1::AuditEvent& event) {
    Ids ids;
    for (const auto& [name, value] : event.resources().fields()) {
      std::vector<std::string> words;
      for (const auto& one : value.list_value().values()) {
        words.push_back(one.string_value());
      }
      ids[name] = value.has_list_value() ? absl::StrJoin(words, ",")
                                         : value.string_value();
    }
    return ids;
  }

  static Ids PairIdsOf(const v1::ChannelPair& pair) {
    return {{"channel_pair_id", pair.channel_pair_id()},
            {"open_channel_id", pair.open_channel().channel_id()},
            {"closed_channel_id", pair.closed_channel().channel_id()}};
  }

  static Ids EntryIdsOf(const v1::Entry& entry) {
    Ids ids = PairIdsOf(entry.channel_pair());
    ids["entry_id"] = entry.entry_id();
    return ids;
  }
};

TEST_P(AuditTest, ARegistrationIsOneEvent) {
  const v1::Entry entry = Create(NewEntry(1, 1)).entry();
  const v1::AuditEvent made = ExpectMade("CreateEntry", "entry.created", 1,
                                         EntryIdsOf(entry), /*rows=*/1);
  EXPECT_EQ(made.request_id(), "");
  EXPECT_EQ(made.create_time().seconds(), entry.create_time().seconds());
  EXPECT_EQ(made.create_time().nanos(), entry.create_time().nanos());
  EXPECT_NE(made.audit_event_id(), entry.entry_id());
}

// On PostgreSQL this is one statement, unless something is there already.
TEST_P(AuditTest, ARegistrationWithARequestIdIsOneEventToo) {
  v1::CreateEntryRequest request = NewEntry(1, 1);
  request.set_request_id(RequestId(1));
  const v1::Entry entry = Create(request).entry();
  const v1::AuditEvent made = ExpectMade("CreateEntry", "entry.created", 1,
                                         EntryIdsOf(entry), /*rows=*/1);
  EXPECT_EQ(made.request_id(), RequestId(1));
  EXPECT_EQ(made.create_time().seconds(), entry.create_time().seconds());
  EXPECT_EQ(made.create_time().nanos(), entry.create_time().nanos());

  // One of the channels is known: a whole transaction, other ids.
  v1::CreateEntryRequest other = NewEntry(1, 2);
  *other.mutable_open_channel() = request.open_channel();
  other.set_request_id(RequestId(2));
  const v1::Entry second = Create(other).entry();
  EXPECT_EQ(second.channel_pair().open_channel().channel_id(),
            entry.channel_pair().open_channel().channel_id());
  const auto events = Events("request_id = " + RequestId(2));
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_EQ(IdsOf(events[0]), EntryIdsOf(second));
}

TEST_P(AuditTest, ABatchIsOneEventWithAllItsEntries) {
  v1::BatchCreateEntriesRequest request;
  for (int pair = 0; pair < 5; ++pair) {
    *request.add_requests() = NewEntry(1, pair);
  }
  auto reply = Call(request);
  ASSERT_THAT(reply, Succeeds());
  std::vector<std::string> ids;
  for (const auto& entry : reply->entries()) ids.push_back(entry.entry_id());
  ExpectMade("BatchCreateEntries", "entries.created", 1,
             {{"entry_ids", absl::StrJoin(ids, ",")}}, /*rows=*/5);

  // Of several clients it is none's, but it names them.
  request.clear_requests();
  *request.add_requests() = NewEntry(2, 0);
  *request.add_requests() = NewEntry(3, 0);
  reply = Call(request);
  ASSERT_THAT(reply, Succeeds());
  const v1::AuditEvent both = Events("method = BatchCreateEntries").back();
  EXPECT_EQ(both.client_id(), "");
  EXPECT_EQ(IdsOf(both)["client_ids"],
            absl::StrCat(ClientId(2), ",", ClientId(3)));
}

TEST_P(AuditTest, EveryChangeOfAnEntryIsOneEvent) {
  const v1::Entry entry = Create(NewEntry(1, 1)).entry();
  const Ids ids = EntryIdsOf(entry);
  v1::UpdateEntryRequest update;
  update.mutable_entry()->set_entry_id(entry.entry_id());
  update.mutable_entry()->mutable_interval()->set_seconds(3600);
  ASSERT_THAT(Call(update), Succeeds());
  ExpectMade("UpdateEntry", "entry.updated", 1, ids, 1);
  v1::PauseEntryRequest pause;
  pause.set_entry_id(entry.entry_id());
  ASSERT_THAT(Call(pause), Succeeds());
  ExpectMade("PauseEntry", "entry.paused", 1, ids, 1);
  v1::ResumeEntryRequest resume;
  resume.set_entry_id(entry.entry_id());
  ASSERT_THAT(Call(resume), Succeeds());
  ExpectMade("ResumeEntry", "entry.resumed", 1, ids, 1);
  v1::DeleteEntryRequest remove;
  remove.set_entry_id(entry.entry_id());
  ASSERT_THAT(Call(remove), Succeeds());
  ExpectMade("DeleteEntry", "entry.deleted", 1, ids, 1);
  EXPECT_EQ(Count("audit_events"), 5);
}

TEST_P(AuditTest, EveryChangeOfAChannelOrAPairIsOneEvent) {
  const auto created = Call(NewPair(1, 1));
  ASSERT_THAT(created, Succeeds());
  const v1::ChannelPair& pair = created->channel_pair();
  ExpectMade("CreateChannelPair", "channel_pair.created", 1, PairIdsOf(pair),
             1);
  const std::string& channel_id = pair.open_channel().channel_id();
  const Ids ids = {{"channel_id", channel_id}};
  v1::UpdateChannelRequest update;
  update.mutable_channel()->set_channel_id(channel_id);
  update.mutable_channel()->set_title("News");
  ASSERT_THAT(Call(update), Succeeds());
  ExpectMade("UpdateChannel", "channel.updated", 1, ids, 1);
  v1::DisableChannelRequest disable;
  disable.set_channel_id(channel_id);
  ASSERT_THAT(Call(disable), Succeeds());
  ExpectMade("DisableChannel", "channel.disabled", 1, ids, 1);
  v1::EnableChannelRequest enable;
  enable.set_channel_id(channel_id);
  ASSERT_THAT(Call(enable), Succeeds());
  ExpectMade("EnableChannel", "channel.enabled", 1, ids, 1);
  v1::DeleteChannelPairRequest remove;
  remove.set_channel_pair_id(pair.channel_pair_id());
  ASSERT_THAT(Call(remove), Succeeds());
  ExpectMade("DeleteChannelPair", "channel_pair.deleted", 1, PairIdsOf(pair),
             3);
  EXPECT_EQ(Count("audit_events"), 5);
}

TEST_P(AuditTest, EveryChangeOfAClientIsOneEventThatOutlivesIt) {
  v1::CreateClientRequest create;
  create.set_client_id(ClientId(1));
  ASSERT_THAT(Call(create), Succeeds());
  ExpectMade("CreateClient", "client.created", 1, {}, 1);
  v1::UpdateClientRequest update;
  update.mutable_client()->set_client_id(ClientId(1));
  update.mutable_client()->set_display_name("One");
  ASSERT_THAT(Call(update), Succeeds());
  ExpectMade("UpdateClient", "client.updated", 1, {}, 1);
  const v1::Entry first = Create(NewEntry(1, 1)).entry();
  const v1::Entry second = Create(NewEntry(1, 2)).entry();
  const auto imported = Call(NewPair(1, 3));
  ASSERT_THAT(imported, Succeeds());
  v1::DeleteClientRequest remove;
  remove.set_client_id(ClientId(1));
  ASSERT_THAT(Call(remove), Succeeds());
  const auto events = Events("method = DeleteClient");
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_EQ(events[0].client_id(), ClientId(1));
  EXPECT_EQ(events[0].row_count(), 1 + 6 + 3 + 2);
  EXPECT_EQ(
      IdsOf(events[0]),
      (Ids{
          {"entry_ids", absl::StrCat(first.entry_id(), ",", second.entry_id())},
          {"channel_pair_ids", imported->channel_pair().channel_pair_id()}}));
  EXPECT_THAT(Events("client_id = " + ClientId(1)), SizeIs(6));
}

TEST_P(AuditTest, ABackfillIsOneEventAStep) {
  for (int client = 1; client <= 2; ++client) {
    Plant(raw(), {.client = client, .pairs = 120, .entries = false});
  }
  v1::BackfillEntriesRequest request;
  request.mutable_all();
  request.set_request_id(RequestId(1));
  const auto reply = Call(request);
  ASSERT_THAT(reply, Succeeds());
  ASSERT_EQ(reply->created_count(), 240);
  const auto events = Events("event = \"entries.backfilled\"");
  ASSERT_THAT(events, SizeIs(2));
  EXPECT_EQ(events[0].row_count(), limits::kChunkRows);
  EXPECT_EQ(events[0].client_id(), "");
  EXPECT_EQ(events[1].row_count(), 240 - limits::kChunkRows);
  EXPECT_EQ(events[1].client_id(), ClientId(2));
  std::vector<std::string> ids;
  for (const v1::AuditEvent& event : events) {
    EXPECT_EQ(event.method(), "BackfillEntries");
    EXPECT_EQ(event.request_id(), RequestId(1));
    ids.push_back(IdsOf(event)["entry_ids"]);
  }
  EXPECT_EQ(absl::StrJoin(ids, ","), absl::StrJoin(reply->entry_ids(), ","));

  // Neither a replay nor a call with nothing to do is one.
  ASSERT_THAT(Call(request), Succeeds());
  request.clear_request_id();
  ASSERT_THAT(Call(request), Succeeds());
  request.set_validate_only(true);
  ASSERT_THAT(Call(request), Succeeds());
  EXPECT_EQ(Count("audit_events"), 2);
}

TEST_P(AuditTest, ARehearsalIsNone) {
  v1::CreateEntryRequest request = NewEntry(1, 1);
  request.set_validate_only(true);
  ASSERT_THAT(Call(request), Succeeds());
  const std::string entry_id = Create(NewEntry(1, 1)).entry().entry_id();
  EXPECT_THAT(Call(request), FailsWith("CHANNEL_PAIR_EXISTS"));
  v1::DeleteEntryRequest remove;
  remove.set_entry_id(entry_id);
  ASSERT_THAT(Call(remove), Succeeds());
  // Refusals are written in the order of the calls.
  ASSERT_THAT(Call(remove), FailsWith("ENTRY_NOT_FOUND"));
  ExpectRefused("DeleteEntry", "ENTRY_NOT_FOUND");
  EXPECT_EQ(Count("audit_events"), 3);
}

TEST_P(AuditTest, AReplayIsNone) {
  v1::CreateEntryRequest create = NewEntry(1, 1);
  create.set_request_id(RequestId(1));
  const std::string entry_id = Create(create).entry().entry_id();
  EXPECT_TRUE(Create(create).replayed());
  v1::PauseEntryRequest pause;
  pause.set_entry_id(entry_id);
  pause.set_request_id(RequestId(2));
  ASSERT_THAT(Call(pause), Succeeds());
  EXPECT_TRUE(Call(pause)->replayed());
  v1::DeleteClientRequest remove;
  remove.set_client_id(ClientId(1));
  remove.set_request_id(RequestId(3));
  ASSERT_THAT(Call(remove), Succeeds());
  EXPECT_TRUE(Call(remove)->replayed());
  EXPECT_EQ(Count("audit_events"), 3);
}

TEST_P(AuditTest, ADeletionOfNothingChangesNoRow) {
  v1::DeleteClientRequest remove;
  remove.set_client_id(ClientId(1));
  remove.set_allow_missing(true);
  ASSERT_THAT(Call(remove), Succeeds());
  ExpectMade("DeleteClient", "client.deleted", 1, {}, 0);
}

// The event and the change are one transaction: without room for the one, the
// other is undone.
TEST_P(AuditTest, WhatCannotBeRecordedIsNotDone) {
  raw().Execute("ALTER TABLE audit_events RENAME TO elsewhere");
  EXPECT_FALSE(Call(NewEntry(1, 1)).ok());
  v1::CreateEntryRequest request = NewEntry(1, 2);
  request.set_request_id(RequestId(1));
  EXPECT_FALSE(Call(request).ok());
  EXPECT_EQ(AllRows(), 0);
  raw().Execute("ALTER TABLE elsewhere RENAME TO audit_events");
  EXPECT_THAT(Call(request), Succeeds());
  EXPECT_EQ(Count("audit_events"), 1);
}

TEST_P(AuditTest, RefusalsAreRecordedWithTheirReason) {
  v1::CreateClientRequest client;
  client.set_client_id(ClientId(1));
  client.set_pair_quota(1);
  ASSERT_THAT(Call(client), Succeeds());
  const v1::Entry entry = Create(NewEntry(1, 1)).entry();
  const std::string& pair_id = entry.channel_pair().channel_pair_id();

  v1::CreateEntryRequest again = NewEntry(1, 1);
  again.set_request_id(RequestId(1));
  EXPECT_THAT(Call(again), FailsWith("CHANNEL_PAIR_EXISTS"));
  const v1::AuditEvent exists =
      ExpectRefused("CreateEntry", "CHANNEL_PAIR_EXISTS");
  EXPECT_EQ(exists.event(), "entry.created");
  EXPECT_EQ(exists.principal(), "local");
  EXPECT_THAT(exists.peer(), StartsWith("ipv4:127.0.0.1:"));
  EXPECT_EQ(exists.client_id(), ClientId(1));
  EXPECT_EQ(exists.request_id(), RequestId(1));
  EXPECT_EQ(exists.row_count(), 0);
  EXPECT_EQ(IdsOf(exists), (Ids{{"channel_pair_id", pair_id},
                                {"entry_id", entry.entry_id()}}));

  EXPECT_THAT(Call(NewEntry(1, 2)), FailsWith("CHANNEL_PAIR_LIMIT"));
  EXPECT_EQ(ExpectRefused("CreateEntry", "CHANNEL_PAIR_LIMIT").client_id(),
            ClientId(1));

  v1::CreateEntryRequest unknown = NewEntry(1, 3);
  unknown.mutable_open_channel()->set_account("nobody");
  EXPECT_THAT(Call(unknown), FailsWith("CHANNEL_ACCOUNT_UNKNOWN"));
  EXPECT_EQ(ExpectRefused("CreateEntry", "CHANNEL_ACCOUNT_UNKNOWN").client_id(),
            ClientId(1));

  v1::UpdateEntryRequest update;
  update.mutable_entry()->set_entry_id(entry.entry_id());
  update.mutable_entry()->set_etag("\"9\"");
  update.mutable_entry()->mutable_interval()->set_seconds(3600);
  EXPECT_THAT(Call(update), FailsWith("ETAG_MISMATCH"));
  EXPECT_EQ(IdsOf(ExpectRefused("UpdateEntry", "ETAG_MISMATCH")),
            (Ids{{"entry_id", entry.entry_id()}}));

  v1::UpdateClientRequest missing;
  missing.mutable_client()->set_client_id(ClientId(9));
  missing.mutable_client()->set_display_name("x");
  EXPECT_THAT(Call(missing), FailsWith("CLIENT_NOT_FOUND"));
  EXPECT_EQ(ExpectRefused("UpdateClient", "CLIENT_NOT_FOUND").client_id(),
            ClientId(9));

  v1::BackfillEntriesRequest backfill;
  backfill.set_client_id(ClientId(8));
  EXPECT_THAT(Call(backfill), FailsWith("CLIENT_NOT_FOUND"));
  EXPECT_EQ(ExpectRefused("BackfillEntries", "CLIENT_NOT_FOUND").client_id(),
            ClientId(8));
  EXPECT_EQ(Count("audit_events"), 8);
}

TEST_P(AuditTest, MalformedRequestsAndReadsAreNotRecorded) {
  v1::CreateEntryRequest malformed = NewEntry(1, 1);
  malformed.set_client_id("x");
  EXPECT_THAT(Call(malformed), FailsWith("INVALID_FIELDS"));
  v1::GetEntryRequest get;
  get.set_entry_id(EntryId(1, 1));
  EXPECT_THAT(Call(get), FailsWith("ENTRY_NOT_FOUND"));
  v1::DeleteEntryRequest remove;
  remove.set_entry_id(EntryId(1, 1));
  ASSERT_THAT(Call(remove), FailsWith("ENTRY_NOT_FOUND"));
  ExpectRefused("DeleteEntry", "ENTRY_NOT_FOUND");
  EXPECT_EQ(Count("audit_events"), 1);
}

TEST_P(AuditTest, ManyRefusalsAreAllRecorded) {
  v1::DeleteEntryRequest remove;
  remove.set_entry_id(EntryId(1, 1));
  for (int i = 0; i < 100; ++i) {
    ASSERT_THAT(Call(remove), FailsWith("ENTRY_NOT_FOUND"));
    clock().Advance(absl::Milliseconds(50));
  }
  EXPECT_TRUE(Eventually([&] { return Count("audit_events") == 100; }));
}

// Who is refused on purpose does not fill the database.
TEST_P(AuditTest, RefusalsBeyondTwentyASecondAreCountedOnly) {
  v1::DeleteEntryRequest remove;
  remove.set_entry_id(EntryId(1, 1));
  for (int i = 0; i < 30; ++i) {
    ASSERT_THAT(Call(remove), FailsWith("ENTRY_NOT_FOUND"));
  }
  // Real time passes too, and lets another one through each 50 ms.
  EXPECT_TRUE(
      Eventually([&] { return Count("audit_events") + Dropped() == 30; }));
  EXPECT_GE(Count("audit_events"), 20);
  EXPECT_GT(Dropped(), 0);
}

TEST_P(AuditTest, ARefusalThatIsNotRecordedIsCounted) {
  EXPECT_EQ(Dropped(), 0);
  v1::DeleteEntryRequest remove;
  remove.set_entry_id(EntryId(1, 1));
  raw().Execute("ALTER TABLE audit_events RENAME TO elsewhere");
  EXPECT_THAT(Call(remove), FailsWith("ENTRY_NOT_FOUND"));
  EXPECT_TRUE(Eventually([&] { return Dropped() == 1; }));
}

TEST_P(AuditTest, TheListIsPagedFilteredAndOrdered) {
  for (int pair = 0; pair < 5; ++pair) {
    Create(NewEntry(1, pair));
    clock().Advance(absl::Minutes(1));
  }
  v1::ListAuditEventsRequest request;
  request.set_page_size(2);
  request.set_order_by("create_time desc");
  request.set_filter("outcome = OK AND client_id = " + ClientId(1));
  std::vector<std::string> ids;
  std::vector<int> sizes;
  do {
    const auto reply = Call(request);
    ASSERT_THAT(reply, Succeeds());
    sizes.push_back(reply->audit_events_size());
    for (const auto& event : reply->audit_events()) {
      ids.push_back(event.audit_event_id());
    }
    request.set_page_token(reply->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(sizes, ElementsAre(2, 2, 1));
  EXPECT_TRUE(std::is_sorted(ids.rbegin(), ids.rend()));
  EXPECT_THAT(std::set<std::string>(ids.begin(), ids.end()), SizeIs(5));
  request.set_filter("nothing = 1");
  EXPECT_THAT(Call(request), FailsWith("INVALID_FILTER"));
}

INSTANTIATE_TEST_SUITE_P(Backends, AuditTest, Backends(), BackendName);

TEST(RecordableTest, ControlCharactersAndWhatIsNoTextStayOut) {
  EXPECT_EQ(rpc::Recordable("ops"), "ops");
  EXPECT_EQ(rpc::Recordable(absl::string_view("a\0b\n\x7f\xff\xc3(é", 10)),
            "ab(é");
  EXPECT_THAT(rpc::Recordable(std::string(1000, 'x')),
              SizeIs(limits::kMaxPrincipalLength));
}

TEST(IsRefusalTest, ItIsTheCallersOwnMistake) {
  EXPECT_TRUE(rpc::IsRefusal(error::EntryNotFound("x")));
  EXPECT_TRUE(rpc::IsRefusal(error::ChannelPairLimit("x", 1)));
  EXPECT_TRUE(rpc::IsRefusal(error::EtagMismatch("entry", "x", "")));
  EXPECT_TRUE(rpc::IsRefusal(MakeError(absl::StatusCode::kPermissionDenied, "",
                                       {.reason = "SCOPE_MISSING"})));
  EXPECT_FALSE(rpc::IsRefusal(absl::OkStatus()));
  EXPECT_FALSE(rpc::IsRefusal(absl::AbortedError("of another's making")));
  EXPECT_FALSE(rpc::IsRefusal(error::InvalidFields({})));
  EXPECT_FALSE(rpc::IsRefusal(error::QueueFull()));
  EXPECT_FALSE(rpc::IsRefusal(error::StorageFull()));
  EXPECT_FALSE(rpc::IsRefusal(error::Internal()));
  EXPECT_FALSE(rpc::IsRefusal(
      MakeError(absl::StatusCode::kResourceExhausted, "",
                {.reason = "RATE_LIMITED", .retry_after = absl::Seconds(1)})));
}

TEST(WithReportedTest, ACallerOfOneClientIsNamedWhateverTheyDelete) {
  const rpc::ReportedIds missing{.client_id = ClientId(2)};
  const auto reported = absl::MakeSpan(&missing, 1);
  EXPECT_EQ(rpc::WithReported({.client_id = ClientId(1)}, reported).client_id,
            ClientId(1));
  EXPECT_EQ(rpc::WithReported({}, reported).client_id, ClientId(2));
}

TEST(WithRefusalTest, ACallerOfOneClientIsNamedWhateverTheyAskFor) {
  const storage::AuditEvent bound =
      rpc::WithRefusal({.client_id = ClientId(1)},
                       error::ClientNotFound(ClientId(2)), ClientId(2));
  EXPECT_EQ(bound.client_id, ClientId(1));
  EXPECT_EQ(bound.outcome, "CLIENT_NOT_FOUND");
  const storage::AuditEvent free =
      rpc::WithRefusal({}, error::EntryNotFound(EntryId(1, 1)), "not an id");
  EXPECT_EQ(free.client_id, std::nullopt);
  EXPECT_EQ(free.resources,
            absl::StrCat("{\"entry_id\":\"", EntryId(1, 1), "\"}"));
}

}  // namespace
}  // namespace broadcast::test
