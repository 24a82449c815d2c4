// Every mutation with a request id: the first effect, and no other.

#include <thread>

#include "absl/strings/str_cat.h"
#include "rpc_fixture.h"

namespace broadcast::test {
namespace {

using grpc::StatusCode;
using testing::ElementsAre;
using testing::Pair;

class IdempotencyTest : public RpcTest {
 protected:
  // Makes `request` under an id, again, with a `change`, and again a day
  // later. Answers the first reply and the first repeat.
  template <typename Request>
  auto ExpectOnce(Request request, std::function<void(Request&)> change) {
    request.set_request_id(RequestId(++number_));
    const auto first = Call(request);
    EXPECT_THAT(first, Succeeds());
    EXPECT_FALSE(first->replayed());
    const int64_t rows = AllRows();
    const auto second = Call(request);
    EXPECT_THAT(second, Succeeds());
    EXPECT_TRUE(second->replayed());
    EXPECT_EQ(AllRows(), rows);

    Request other = request;
    change(other);
    const auto reused = Call(other);
    EXPECT_THAT(reused,
                Fails(StatusCode::INVALID_ARGUMENT, "REQUEST_ID_REUSED"));
    EXPECT_THAT(reused.failure().metadata,
                ElementsAre(Pair("request_id", request.request_id())));
    EXPECT_THAT(reused.failure().fields(), ElementsAre("request_id"));
    EXPECT_EQ(AllRows(), rows);

    clock().Advance(absl::Hours(23));
    const auto late = Call(request);
    EXPECT_THAT(late, Succeeds());
    EXPECT_TRUE(late->replayed());
    return std::pair(first.value, second.value);
  }

  // The day is over: the id of the last ExpectOnce is free.
  void LetExpire() { clock().Advance(absl::Hours(2)); }

 private:
  int number_ = 0;
};

TEST_P(IdempotencyTest, CreateEntry) {
  v1::CreateEntryRequest request = NewEntry(1, 1);
  const auto [first, second] = ExpectOnce<v1::CreateEntryRequest>(
      request, [](auto& other) { other.mutable_interval()->set_seconds(60); });
  EXPECT_THAT(second.entry(), EqualsProto(first.entry()));
  EXPECT_THAT(second.channel_pair(), EqualsProto(first.channel_pair()));
  EXPECT_THAT(second.client(), EqualsProto(first.client()));
  EXPECT_EQ(Count("entries"), 1);
  LetExpire();
  // As new: the pair exists by now.
  request.set_request_id(RequestId(1));
  EXPECT_THAT(Call(request), FailsWith("CHANNEL_PAIR_EXISTS"));
  request = NewEntry(1, 2);
  request.set_request_id(RequestId(1));
  EXPECT_FALSE(Create(request).replayed());
}

TEST_P(IdempotencyTest, AReplayTellsTheResourcesAsTheyAreNow) {
  v1::CreateEntryRequest request = NewEntry(1, 1);
  request.set_request_id(RequestId(1));
  const v1::Entry made = Create(request).entry();
  v1::PauseEntryRequest pause;
  pause.set_entry_id(made.entry_id());
  ASSERT_THAT(Call(pause), Succeeds());
  const v1::CreateEntryResponse again = Create(request);
  EXPECT_TRUE(again.replayed());
  EXPECT_EQ(again.entry().entry_id(), made.entry_id());
  EXPECT_EQ(again.entry().state(), v1::Entry::STATE_PAUSED);

  // Deleted since, and even if something new stands in its place.
  v1::DeleteEntryRequest remove;
  remove.set_entry_id(made.entry_id());
  ASSERT_THAT(Call(remove), Succeeds());
  v1::CreateEntryResponse gone = Create(request);
  EXPECT_TRUE(gone.replayed());
  EXPECT_FALSE(gone.has_entry());
  EXPECT_EQ(Count("entries"), 0);
  const v1::Entry second = Create(NewEntry(1, 1)).entry();
  gone = Create(request);
  EXPECT_TRUE(gone.replayed());
  EXPECT_FALSE(gone.has_entry());
  EXPECT_EQ(Get(second.entry_id()).entry_id(), second.entry_id());
}

TEST_P(IdempotencyTest, AFailedCallDoesNotUseItsIdUp) {
  v1::CreateEntryRequest request = NewEntry(1, 1);
  request.set_request_id(RequestId(1));
  request.mutable_open_channel()->set_account("nobody");
  EXPECT_THAT(Call(request), FailsWith("CHANNEL_ACCOUNT_UNKNOWN"));
  Create(NewEntry(1, 2));
  request = NewEntry(1, 2);
  request.set_request_id(RequestId(1));
  EXPECT_THAT(Call(request), FailsWith("CHANNEL_PAIR_EXISTS"));
  EXPECT_EQ(Count("request_ids"), 0);
  request = NewEntry(1, 1);
  request.set_request_id(RequestId(1));
  EXPECT_FALSE(Create(request).replayed());
}

TEST_P(IdempotencyTest, AnIdIsBoundToItsMethod) {
  v1::CreateEntryRequest entry = NewEntry(1, 1);
  entry.set_request_id("same");
  Create(entry);
  v1::CreateChannelPairRequest pair = NewPair(1, 2);
  pair.set_request_id("same");
  const auto reply = Call(pair);
  ASSERT_THAT(reply, Succeeds());
  EXPECT_FALSE(reply->replayed());
}

TEST_P(IdempotencyTest, BatchCreateEntries) {
  v1::BatchCreateEntriesRequest request;
  for (int i = 0; i < 5; ++i) *request.add_requests() = NewEntry(1, i);
  const auto [first, second] = ExpectOnce<v1::BatchCreateEntriesRequest>(
      request, [](auto& other) { other.mutable_requests()->RemoveLast(); });
  ASSERT_EQ(second.entries_size(), 5);
  for (int i = 0; i < 5; ++i) {
    EXPECT_THAT(second.entries(i), EqualsProto(first.entries(i)));
  }
  v1::DeleteEntryRequest remove;
  remove.set_entry_id(first.entries(1).entry_id());
  ASSERT_THAT(Call(remove), Succeeds());
  request.set_request_id(RequestId(1));
  EXPECT_EQ(Call(request)->entries_size(), 4);
}

TEST_P(IdempotencyTest, ChangesOfAnEntry) {
  const v1::Entry made = Create(NewEntry(1, 1)).entry();
  v1::UpdateEntryRequest update;
  update.mutable_entry()->set_entry_id(made.entry_id());
  update.mutable_entry()->set_etag(made.etag());
  update.mutable_entry()->mutable_interval()->set_seconds(120);
  // Its etag is no longer current when it is repeated: that is no error.
  const auto [updated, again] =
      ExpectOnce<v1::UpdateEntryRequest>(update, [](auto& other) {
        other.mutable_entry()->mutable_interval()->set_seconds(121);
      });
  EXPECT_THAT(again.entry(), EqualsProto(updated.entry()));
  LetExpire();
  update.set_request_id(RequestId(1));
  EXPECT_THAT(Call(update), FailsWith("ETAG_MISMATCH"));

  v1::PauseEntryRequest pause;
  pause.set_entry_id(made.entry_id());
  const auto [paused, paused_again] = ExpectOnce<v1::PauseEntryRequest>(
      pause, [](auto& other) { other.set_reason("other"); });
  EXPECT_EQ(paused_again.entry().etag(), paused.entry().etag());
  v1::ResumeEntryRequest resume;
  resume.set_entry_id(made.entry_id());
  const auto [resumed, resumed_again] = ExpectOnce<v1::ResumeEntryRequest>(
      resume, [](auto& other) { other.set_etag("other"); });
  EXPECT_EQ(resumed_again.entry().etag(), resumed.entry().etag());
  v1::DeleteEntryRequest remove;
  remove.set_entry_id(made.entry_id());
  const auto [removed, removed_again] = ExpectOnce<v1::DeleteEntryRequest>(
      remove, [](auto& other) { other.set_allow_missing(true); });
  EXPECT_EQ(removed_again.entry_count(), 1);
  EXPECT_THAT(removed_again.channel_pair(),
              EqualsProto(removed.channel_pair()));
  LetExpire();
  remove.set_request_id(RequestId(4));
  EXPECT_THAT(Call(remove), FailsWith("ENTRY_NOT_FOUND"));
}

TEST_P(IdempotencyTest, Clients) {
  v1::CreateClientRequest create;
  create.set_client_id(ClientId(1));
  ExpectOnce<v1::CreateClientRequest>(
      create, [](auto& other) { other.set_display_name("other"); });
  v1::UpdateClientRequest update;
  update.mutable_client()->set_client_id(ClientId(1));
  update.mutable_client()->set_display_name("new");
  const auto [updated, again] = ExpectOnce<v1::UpdateClientRequest>(
      update,
      [](auto& other) { other.mutable_client()->set_display_name("x"); });
  EXPECT_EQ(again.client().etag(), updated.client().etag());
  Create(NewEntry(1, 1));
  v1::DeleteClientRequest remove;
  remove.set_client_id(ClientId(1));
  const auto [removed, removed_again] = ExpectOnce<v1::DeleteClientRequest>(
      remove, [](auto& other) { other.set_allow_missing(true); });
  EXPECT_EQ(removed_again.client_count(), 1);
  EXPECT_EQ(removed_again.channel_count(), 2);
  EXPECT_EQ(removed_again.channel_pair_count(), 1);
  EXPECT_EQ(removed_again.entry_count(), 1);
}

TEST_P(IdempotencyTest, AClientThatHasGoneSinceIsUnsetInTheReplay) {
  v1::CreateClientRequest create;
  create.set_client_id(ClientId(1));
  create.set_request_id(RequestId(1));
  ASSERT_THAT(Call(create), Succeeds());
  v1::DeleteClientRequest remove;
  remove.set_client_id(ClientId(1));
  ASSERT_THAT(Call(remove), Succeeds());
  const auto gone = Call(create);
  ASSERT_THAT(gone, Succeeds());
  EXPECT_TRUE(gone->replayed());
  EXPECT_FALSE(gone->has_client());
  EXPECT_EQ(Count("clients"), 0);
}

TEST_P(IdempotencyTest, ChannelsAndPairs) {
  const auto [made, again] = ExpectOnce<v1::CreateChannelPairRequest>(
      NewPair(1, 1),
      [](auto& other) { other.mutable_open_channel()->set_title("x"); });
  EXPECT_THAT(again.channel_pair(), EqualsProto(made.channel_pair()));
  EXPECT_EQ(again.client().client_id(), ClientId(1));
  const std::string id = made.channel_pair().open_channel().channel_id();
  v1::UpdateChannelRequest update;
  update.mutable_channel()->set_channel_id(id);
  update.mutable_channel()->set_title("new");
  const auto [updated, updated_again] = ExpectOnce<v1::UpdateChannelRequest>(
      update, [](auto& other) { other.mutable_channel()->set_title("x"); });
  EXPECT_EQ(updated_again.channel().etag(), updated.channel().etag());
  v1::DisableChannelRequest disable;
  disable.set_channel_id(id);
  ExpectOnce<v1::DisableChannelRequest>(
      disable, [](auto& other) { other.set_reason("x"); });
  v1::EnableChannelRequest enable;
  enable.set_channel_id(id);
  ExpectOnce<v1::EnableChannelRequest>(
      enable, [](auto& other) { other.set_etag("x"); });
  v1::DeleteChannelPairRequest remove;
  remove.set_channel_pair_id(made.channel_pair().channel_pair_id());
  const auto [removed, removed_again] =
      ExpectOnce<v1::DeleteChannelPairRequest>(
          remove, [](auto& other) { other.set_allow_missing(true); });
  EXPECT_EQ(removed_again.channel_pair_count(), 1);
  EXPECT_EQ(removed_again.channel_count(), 2);
  EXPECT_EQ(removed_again.entry_count(), removed.entry_count());
}

TEST_P(IdempotencyTest, BackfillEntries) {
  Plant(raw(), {.client = 1, .pairs = 3, .entries = false});
  v1::BackfillEntriesRequest request;
  request.mutable_all();
  const auto [first, second] = ExpectOnce<v1::BackfillEntriesRequest>(
      request, [](auto& other) { other.set_client_id(ClientId(1)); });
  EXPECT_EQ(second.created_count(), 3);
  EXPECT_EQ(second.found_count(), 3);
  EXPECT_THAT(second.entry_ids(), testing::ElementsAreArray(first.entry_ids()));
}

TEST_P(IdempotencyTest, DuplicatesAtOnceHaveOneEffect) {
  constexpr int kCallers = 12;
  for (int round = 0; round < 5; ++round) {
    v1::CreateEntryRequest request = NewEntry(1, round);
    request.set_request_id(RequestId(round));
    std::vector<Reply<v1::CreateEntryResponse>> replies(kCallers);
    std::vector<std::thread> callers;
    for (auto& reply : replies) {
      callers.emplace_back([&] { reply = Call(request); });
    }
    for (std::thread& caller : callers) caller.join();
    int made = 0;
    for (const auto& reply : replies) {
      ASSERT_THAT(reply, Succeeds());
      EXPECT_EQ(reply->entry().entry_id(), replies[0]->entry().entry_id());
      made += reply->replayed() ? 0 : 1;
    }
    EXPECT_EQ(made, 1);
    EXPECT_EQ(Count("entries"), round + 1);
  }
  EXPECT_EQ(raw().Number("SELECT pair_count FROM clients"), 5);
}

TEST_P(IdempotencyTest, TheSamePairAtOnceUnderDifferentIdsIsMadeOnce) {
  constexpr int kCallers = 12;
  std::vector<Reply<v1::CreateEntryResponse>> replies(kCallers);
  std::vector<std::thread> callers;
  for (int i = 0; i < kCallers; ++i) {
    callers.emplace_back([&, i] {
      v1::CreateEntryRequest request = NewEntry(1, 1);
      if (i % 2 == 0) request.set_request_id(RequestId(i));
      replies[i] = Call(request);
    });
  }
  for (std::thread& caller : callers) caller.join();
  int made = 0;
  for (const auto& reply : replies) {
    made += reply.ok() ? 1 : 0;
    if (!reply.ok()) {
      EXPECT_THAT(reply, FailsWith("CHANNEL_PAIR_EXISTS"));
    }
  }
  EXPECT_EQ(made, 1);
  EXPECT_EQ(Count("entries"), 1);
  EXPECT_EQ(raw().Number("SELECT pair_count FROM clients"), 1);
}

TEST_P(IdempotencyTest, CallersAtOnceNeverPassTheQuota) {
  constexpr int kCallers = 16;
  std::vector<Reply<v1::CreateEntryResponse>> replies(kCallers);
  std::vector<std::thread> callers;
  for (int i = 0; i < kCallers; ++i) {
    callers.emplace_back([&, i] {
      v1::CreateEntryRequest request = NewEntry(1, i);
      request.set_request_id(RequestId(i));
      replies[i] = Call(request);
    });
  }
  for (std::thread& caller : callers) caller.join();
  int made = 0;
  for (const auto& reply : replies) {
    made += reply.ok() ? 1 : 0;
    if (!reply.ok()) {
      EXPECT_THAT(reply, FailsWith("CHANNEL_PAIR_LIMIT"));
    }
  }
  EXPECT_EQ(made, 10);
  EXPECT_EQ(Count("channel_pairs"), 10);
  EXPECT_EQ(raw().Number("SELECT pair_count FROM clients"), 10);
}

INSTANTIATE_TEST_SUITE_P(Backends, IdempotencyTest, Backends(), BackendName);

}  // namespace
}  // namespace broadcast::test
