// UpdateEntry, PauseEntry, ResumeEntry, DeleteEntry: masks, etags, states.

#include "absl/strings/str_cat.h"
#include "rpc_fixture.h"

namespace broadcast::test {
namespace {

using grpc::StatusCode;
using testing::ElementsAre;
using testing::Pair;

const std::vector<std::string> kMask = {"update_mask"};

class ChangeEntryTest : public RpcTest {
 protected:
  void SetUp() override {
    RpcTest::SetUp();
    v1::CreateEntryRequest request = NewEntry(1, 1);
    *request.mutable_open_content() = TextContent("open");
    (*request.mutable_labels())["team"] = "ops";
    made_ = Create(request).entry();
  }

  const std::string& id() const { return made_.entry_id(); }
  const v1::Entry& made() const { return made_; }

  // Changes the entry's fields named by `paths`, or those that are set.
  v1::UpdateEntryRequest Update(const std::vector<std::string>& paths = {}) {
    v1::UpdateEntryRequest request;
    request.mutable_entry()->set_entry_id(id());
    for (const std::string& path : paths) {
      request.mutable_update_mask()->add_paths(path);
    }
    return request;
  }

  v1::PauseEntryRequest Pause(const std::string& reason = "") {
    v1::PauseEntryRequest request;
    request.set_entry_id(id());
    request.set_reason(reason);
    return request;
  }

  v1::ResumeEntryRequest Resume() {
    v1::ResumeEntryRequest request;
    request.set_entry_id(id());
    return request;
  }

  v1::DeleteEntryRequest Delete() {
    v1::DeleteEntryRequest request;
    request.set_entry_id(id());
    return request;
  }

 private:
  v1::Entry made_;
};

TEST_P(ChangeEntryTest, WithoutAMaskWhatIsSetIsChanged) {
  clock().Advance(absl::Minutes(5));
  v1::UpdateEntryRequest request = Update();
  request.mutable_entry()->mutable_interval()->set_seconds(120);
  *request.mutable_entry()->mutable_closed_content() = TextContent("closed");
  const auto reply = Call(request);
  ASSERT_THAT(reply, Succeeds());
  const v1::Entry& entry = reply->entry();
  EXPECT_EQ(entry.interval().seconds(), 120);
  EXPECT_EQ(entry.closed_content().text(), "closed");
  EXPECT_EQ(entry.open_content().text(), "open");
  EXPECT_EQ(entry.labels().at("team"), "ops");
  // A new interval counts from the next broadcast on.
  EXPECT_EQ(entry.next_send_time().seconds(),
            made().next_send_time().seconds());
  EXPECT_NE(entry.etag(), made().etag());
  EXPECT_GE(entry.update_time().seconds(),
            made().update_time().seconds() + 300);
  EXPECT_EQ(entry.create_time().seconds(), made().create_time().seconds());
  EXPECT_THAT(Get(id()), EqualsProto(entry));
}

TEST_P(ChangeEntryTest, AMaskNamesWhatIsChangedOrCleared) {
  v1::UpdateEntryRequest request = Update({"open_content", "labels"});
  request.mutable_entry()->mutable_interval()->set_seconds(120);
  const auto reply = Call(request);
  ASSERT_THAT(reply, Succeeds());
  EXPECT_FALSE(reply->entry().has_open_content());
  EXPECT_EQ(reply->entry().open_content_source(),
            v1::CONTENT_SOURCE_UNSPECIFIED);
  EXPECT_EQ(reply->entry().labels_size(), 0);
  EXPECT_EQ(reply->entry().interval().seconds(), 24 * 3600);
}

TEST_P(ChangeEntryTest, WhetherABroadcastReplacesTheOneBeforeMayChange) {
  EXPECT_FALSE(made().replace_previous());
  EXPECT_EQ(made().occurrence_count(), 0);
  v1::UpdateEntryRequest request = Update();
  request.mutable_entry()->set_replace_previous(true);
  EXPECT_TRUE(Call(request)->entry().replace_previous());
  EXPECT_TRUE(Get(id()).replace_previous());
  // Without a mask what is not set stays.
  v1::UpdateEntryRequest other = Update();
  other.mutable_entry()->mutable_interval()->set_seconds(120);
  EXPECT_TRUE(Call(other)->entry().replace_previous());
  EXPECT_FALSE(Call(Update({"replace_previous"}))->entry().replace_previous());
  v1::CreateEntryRequest create = NewEntry(3, 3);
  create.set_replace_previous(true);
  EXPECT_TRUE(Create(create).entry().replace_previous());
}

TEST_P(ChangeEntryTest, AStarNamesThemAll) {
  v1::UpdateEntryRequest request = Update({"*"});
  // Required by the mask.
  EXPECT_THAT(Call(request), HasViolationsOf(std::vector<std::string>{
                                 "entry.interval", "entry.next_send_time"}));
  request.mutable_entry()->mutable_interval()->set_seconds(61);
  request.mutable_entry()->mutable_next_send_time()->set_seconds(4000000000);
  const auto reply = Call(request);
  ASSERT_THAT(reply, Succeeds());
  EXPECT_EQ(reply->entry().next_send_time().seconds(), 4000000000);
  EXPECT_FALSE(reply->entry().has_open_content());
  EXPECT_EQ(reply->entry().labels_size(), 0);
}

TEST_P(ChangeEntryTest, AMaskOfOtherPathsIsRefused) {
  for (const char* path :
       {"state", "entry_id", "etag", "interval.seconds", "", "labels.team",
        "nothing", "entry.interval", "INTERVAL"}) {
    EXPECT_THAT(Call(Update({path})), HasViolationsOf(kMask)) << path;
  }
  // Nothing to change.
  EXPECT_THAT(Call(Update()), HasViolationsOf(kMask));
  v1::UpdateEntryRequest request = Update();
  request.mutable_update_mask();
  EXPECT_THAT(Call(request), HasViolationsOf(kMask));
  EXPECT_EQ(Get(id()).etag(), made().etag());
}

TEST_P(ChangeEntryTest, ANextSendTimeInThePastIsDueNow) {
  v1::UpdateEntryRequest request = Update({"next_send_time"});
  request.mutable_entry()->mutable_next_send_time()->set_seconds(1);
  const auto reply = Call(request);
  ASSERT_THAT(reply, Succeeds());
  EXPECT_LE(reply->entry().next_send_time().seconds(),
            reply->entry().update_time().seconds());
}

TEST_P(ChangeEntryTest, ValidateOnlyTellsTheEntryAsItWouldBe) {
  v1::UpdateEntryRequest request = Update();
  request.mutable_entry()->mutable_interval()->set_seconds(120);
  *request.mutable_entry()->mutable_open_content() = TextContent("other");
  request.set_validate_only(true);
  const int64_t rows = AllRows();
  const auto reply = Call(request);
  ASSERT_THAT(reply, Succeeds());
  EXPECT_EQ(reply->entry().interval().seconds(), 120);
  EXPECT_EQ(reply->entry().open_content().text(), "other");
  EXPECT_THAT(Get(id()), EqualsProto(made()));
  EXPECT_EQ(AllRows(), rows);
}

TEST_P(ChangeEntryTest, OnlyTheCurrentEtagPasses) {
  v1::UpdateEntryRequest request = Update();
  request.mutable_entry()->set_etag(made().etag());
  request.mutable_entry()->mutable_interval()->set_seconds(120);
  const auto changed = Call(request);
  ASSERT_THAT(changed, Succeeds());
  const std::string current = changed->entry().etag();

  const auto stale = [&](const auto& reply) {
    EXPECT_THAT(reply, Fails(StatusCode::ABORTED, "ETAG_MISMATCH"));
    EXPECT_THAT(reply.failure().metadata, ElementsAre(Pair("etag", current)));
    EXPECT_EQ(reply.failure().resource->resource_name(), id());
  };
  stale(Call(request));
  v1::PauseEntryRequest pause = Pause();
  pause.set_etag(made().etag());
  stale(Call(pause));
  v1::ResumeEntryRequest resume = Resume();
  resume.set_etag("anything");
  stale(Call(resume));
  v1::DeleteEntryRequest remove = Delete();
  remove.set_etag(made().etag());
  stale(Call(remove));

  pause.set_etag(current);
  const auto paused = Call(pause);
  ASSERT_THAT(paused, Succeeds());
  resume.set_etag(paused->entry().etag());
  const auto resumed = Call(resume);
  ASSERT_THAT(resumed, Succeeds());
  remove.set_etag(resumed->entry().etag());
  EXPECT_THAT(Call(remove), Succeeds());
}

TEST_P(ChangeEntryTest, APausedEntryKeepsItsPlaceInTime) {
  const auto paused = Call(Pause("holidays \xf0\x9f\x8f\x96"));
  ASSERT_THAT(paused, Succeeds());
  EXPECT_EQ(paused->entry().state(), v1::Entry::STATE_PAUSED);
  EXPECT_EQ(paused->entry().state_reason(), "holidays \xf0\x9f\x8f\x96");
  EXPECT_EQ(paused->entry().next_send_time().seconds(),
            made().next_send_time().seconds());
  EXPECT_THAT(Get(id()), EqualsProto(paused->entry()));

  const auto again = Call(Pause());
  EXPECT_THAT(again,
              Fails(StatusCode::FAILED_PRECONDITION, "ENTRY_NOT_ACTIVE"));
  EXPECT_THAT(again.failure().metadata,
              ElementsAre(Pair("entry_id", id()), Pair("state", "PAUSED")));

  clock().Advance(absl::Hours(60));
  const auto resumed = Call(Resume());
  ASSERT_THAT(resumed, Succeeds());
  EXPECT_EQ(resumed->entry().state(), v1::Entry::STATE_ACTIVE);
  EXPECT_EQ(resumed->entry().state_reason(), "");
  // By whole intervals, to the first that has not passed.
  EXPECT_EQ(resumed->entry().next_send_time().seconds(),
            made().next_send_time().seconds() + 72 * 3600);
  EXPECT_THAT(Call(Resume()),
              Fails(StatusCode::FAILED_PRECONDITION, "ENTRY_ALREADY_ACTIVE"));
}

TEST_P(ChangeEntryTest, ADisabledEntryIsResumedWithoutItsFailures) {
  raw().Execute(
      "UPDATE entries SET state = 'disabled', state_reason = 'too many', "
      "broadcast_count = 7, failure_count = 7, consecutive_failure_count = 5, "
      "last_outcome = 'failed', last_error = 'chat not found', "
      "last_error_time = 1000000");
  const v1::Entry disabled = Get(id());
  EXPECT_EQ(disabled.state(), v1::Entry::STATE_DISABLED);
  EXPECT_EQ(disabled.state_reason(), "too many");
  EXPECT_EQ(disabled.consecutive_failure_count(), 5);
  EXPECT_EQ(disabled.last_outcome(), v1::Entry::OUTCOME_FAILED);
  EXPECT_EQ(disabled.last_error_time().seconds(), 1);
  const auto reply = Call(Pause());
  EXPECT_THAT(reply, FailsWith("ENTRY_NOT_ACTIVE"));
  EXPECT_EQ(reply.failure().metadata.at("state"), "DISABLED");
  const auto resumed = Call(Resume());
  ASSERT_THAT(resumed, Succeeds());
  EXPECT_EQ(resumed->entry().consecutive_failure_count(), 0);
  EXPECT_EQ(resumed->entry().failure_count(), 7);
  EXPECT_EQ(resumed->entry().last_error(), "chat not found");
}

TEST_P(ChangeEntryTest, DeletingKeepsThePair) {
  v1::DeleteEntryRequest request = Delete();
  request.set_validate_only(true);
  auto reply = Call(request);
  ASSERT_THAT(reply, Succeeds());
  EXPECT_EQ(reply->entry_count(), 1);
  EXPECT_EQ(Count("entries"), 1);

  request.set_validate_only(false);
  reply = Call(request);
  ASSERT_THAT(reply, Succeeds());
  EXPECT_EQ(reply->entry_count(), 1);
  EXPECT_THAT(reply->channel_pair(), EqualsProto(made().channel_pair()));
  EXPECT_EQ(Count("entries"), 0);
  v1::GetChannelPairRequest get;
  get.set_channel_pair_id(made().channel_pair().channel_pair_id());
  const auto pair = Call(get);
  ASSERT_THAT(pair, Succeeds());
  EXPECT_FALSE(pair->has_entry());

  EXPECT_THAT(Call(request), Fails(StatusCode::NOT_FOUND, "ENTRY_NOT_FOUND"));
  request.set_allow_missing(true);
  reply = Call(request);
  ASSERT_THAT(reply, Succeeds());
  EXPECT_EQ(reply->entry_count(), 0);
  EXPECT_FALSE(reply->has_channel_pair());
}

TEST_P(ChangeEntryTest, WhatIsNotThereIsNotFound) {
  const std::string other = EntryId(9, 9);
  v1::GetEntryRequest get;
  get.set_entry_id(other);
  const auto reply = Call(get);
  EXPECT_THAT(reply, Fails(StatusCode::NOT_FOUND, "ENTRY_NOT_FOUND"));
  EXPECT_THAT(reply.failure().metadata, ElementsAre(Pair("entry_id", other)));
  EXPECT_EQ(reply.failure().resource->resource_type(), "entry");
  v1::UpdateEntryRequest update = Update({"labels"});
  update.mutable_entry()->set_entry_id(other);
  EXPECT_THAT(Call(update), FailsWith("ENTRY_NOT_FOUND"));
  v1::PauseEntryRequest pause = Pause();
  pause.set_entry_id(other);
  EXPECT_THAT(Call(pause), FailsWith("ENTRY_NOT_FOUND"));
  v1::ResumeEntryRequest resume = Resume();
  resume.set_entry_id(other);
  EXPECT_THAT(Call(resume), FailsWith("ENTRY_NOT_FOUND"));
}

INSTANTIATE_TEST_SUITE_P(Backends, ChangeEntryTest, Backends(), BackendName);

}  // namespace
}  // namespace broadcast::test
