// The audit trail of calls that are refused, and what is told of them.

#include "absl/strings/str_cat.h"
#include "audit_fixture.h"
#include "base/limits.h"
#include "rpc/audit.h"

namespace broadcast::test {
namespace {

using testing::SizeIs;
using testing::StartsWith;

class AuditRefusalsTest : public AuditTest {};

TEST_P(AuditRefusalsTest, RefusalsAreRecordedWithTheirReason) {
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

TEST_P(AuditRefusalsTest, MalformedRequestsAndReadsAreNotRecorded) {
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

TEST_P(AuditRefusalsTest, ManyRefusalsAreAllRecorded) {
  v1::DeleteEntryRequest remove;
  remove.set_entry_id(EntryId(1, 1));
  for (int i = 0; i < 100; ++i) {
    ASSERT_THAT(Call(remove), FailsWith("ENTRY_NOT_FOUND"));
    clock().Advance(absl::Milliseconds(50));
  }
  EXPECT_TRUE(Eventually([&] { return Count("audit_events") == 100; }));
}

// Who is refused on purpose does not fill the database.
TEST_P(AuditRefusalsTest, RefusalsBeyondTwentyASecondAreCountedOnly) {
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

TEST_P(AuditRefusalsTest, ARefusalThatIsNotRecordedIsCounted) {
  EXPECT_EQ(Dropped(), 0);
  v1::DeleteEntryRequest remove;
  remove.set_entry_id(EntryId(1, 1));
  raw().Execute("ALTER TABLE audit_events RENAME TO elsewhere");
  EXPECT_THAT(Call(remove), FailsWith("ENTRY_NOT_FOUND"));
  EXPECT_TRUE(Eventually([&] { return Dropped() == 1; }));
}

INSTANTIATE_TEST_SUITE_P(Backends, AuditRefusalsTest, Backends(), BackendName);

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
