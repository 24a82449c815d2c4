// The audit trail of calls: one event for each mutation, in its transaction.

#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "audit_fixture.h"
#include "base/limits.h"

namespace broadcast::test {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

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

}  // namespace
}  // namespace broadcast::test
