// ChannelService: pairs that are imported and deleted, channels that change.

#include "absl/strings/str_cat.h"
#include "rpc_fixture.h"

namespace broadcast::test {
namespace {

using grpc::StatusCode;
using testing::ElementsAre;
using testing::Pair;

class ChannelsTest : public RpcTest {
 protected:
  static v1::GetChannelPairRequest PairOf(const std::string& id) {
    v1::GetChannelPairRequest request;
    request.set_channel_pair_id(id);
    return request;
  }

  static v1::GetChannelRequest ChannelOf(const std::string& id) {
    v1::GetChannelRequest request;
    request.set_channel_id(id);
    return request;
  }

  static v1::DeleteChannelPairRequest Delete(const std::string& id) {
    v1::DeleteChannelPairRequest request;
    request.set_channel_pair_id(id);
    return request;
  }

  static v1::UpdateChannelRequest Update(
      const std::string& id, const std::vector<std::string>& paths = {}) {
    v1::UpdateChannelRequest request;
    request.mutable_channel()->set_channel_id(id);
    for (const std::string& path : paths) {
      request.mutable_update_mask()->add_paths(path);
    }
    return request;
  }
};

TEST_P(ChannelsTest, AnImportedPairReadsNotConfigured) {
  const auto made = Call(NewPair(1, 1));
  ASSERT_THAT(made, Succeeds());
  EXPECT_EQ(made->client().pair_count(), 1);
  EXPECT_EQ(made->channel_pair().channel_pair_id().size(), 36);
  EXPECT_EQ(made->channel_pair().open_channel().address(), "open-1-1");
  const auto read = Call(PairOf(made->channel_pair().channel_pair_id()));
  ASSERT_THAT(read, Succeeds());
  EXPECT_THAT(read->channel_pair(), EqualsProto(made->channel_pair()));
  EXPECT_FALSE(read->has_entry());
  EXPECT_EQ(Count("entries"), 0);

  const auto again = Call(NewPair(1, 1));
  EXPECT_THAT(again, FailsWith("CHANNEL_PAIR_EXISTS"));
  EXPECT_THAT(again.failure().metadata,
              ElementsAre(Pair("channel_pair_id",
                               made->channel_pair().channel_pair_id())));

  const v1::Entry entry = Create(NewEntry(1, 1)).entry();
  EXPECT_THAT(Call(PairOf(made->channel_pair().channel_pair_id()))->entry(),
              EqualsProto(entry));
  EXPECT_EQ(Call(NewPair(1, 1)).failure().metadata.at("entry_id"),
            entry.entry_id());
}

TEST_P(ChannelsTest, AnImportIsRefusedAsARegistrationIs) {
  v1::CreateEntryRequest taken = NewEntry(2, 1);
  *taken.mutable_open_channel() = TelegramChannel("-1");
  Create(taken);
  v1::CreateChannelPairRequest request = NewPair(1, 1);
  *request.mutable_closed_channel() = TelegramChannel("-1");
  const auto reply = Call(request);
  EXPECT_THAT(reply, FailsWith("CHANNEL_TAKEN"));
  EXPECT_THAT(reply.failure().metadata,
              ElementsAre(Pair("field", "closed_channel")));
  request = NewPair(1, 1);
  request.mutable_open_channel()->set_account("nobody");
  EXPECT_THAT(Call(request), FailsWith("CHANNEL_ACCOUNT_UNKNOWN"));
  *request.mutable_open_channel() = request.closed_channel();
  EXPECT_THAT(Call(request),
              HasViolationsOf(std::vector<std::string>{"closed_channel"}));
  EXPECT_EQ(Count("clients"), 1);
}

TEST_P(ChannelsTest, ValidateOnlyImportsNothingAndTellsNoIds) {
  v1::CreateChannelPairRequest request = NewPair(1, 1);
  request.set_validate_only(true);
  const auto reply = Call(request);
  ASSERT_THAT(reply, Succeeds());
  EXPECT_EQ(reply->client().pair_count(), 1);
  EXPECT_EQ(reply->channel_pair().channel_pair_id(), "");
  EXPECT_EQ(reply->channel_pair().open_channel().channel_id(), "");
  EXPECT_EQ(AllRows(), 0);
}

TEST_P(ChannelsTest, DeletingAPairTakesItsEntryAndTheChannelsThatNoneUses) {
  const v1::CreateEntryResponse first = Create(NewEntry(1, 1));
  v1::CreateEntryRequest hub = NewEntry(1, 2);
  *hub.mutable_open_channel() = NewEntry(1, 1).open_channel();
  const v1::CreateEntryResponse second = Create(hub);

  v1::DeleteChannelPairRequest request =
      Delete(first.channel_pair().channel_pair_id());
  request.set_validate_only(true);
  const auto rehearsal = Call(request);
  ASSERT_THAT(rehearsal, Succeeds());
  EXPECT_EQ(Count("channel_pairs"), 2);
  request.set_validate_only(false);
  auto reply = Call(request);
  ASSERT_THAT(reply, Succeeds());
  EXPECT_THAT(reply.value, EqualsProto(rehearsal.value));
  EXPECT_EQ(reply->channel_pair_count(), 1);
  EXPECT_EQ(reply->channel_count(), 1);
  EXPECT_EQ(reply->entry_count(), 1);
  EXPECT_EQ(Count("channels"), 2);
  EXPECT_EQ(raw().Number("SELECT pair_count FROM clients"), 1);

  reply = Call(Delete(second.channel_pair().channel_pair_id()));
  EXPECT_EQ(reply->channel_count(), 2);
  EXPECT_EQ(Count("channels"), 0);
  EXPECT_EQ(Count("clients"), 1);

  EXPECT_THAT(Call(request),
              Fails(StatusCode::NOT_FOUND, "CHANNEL_PAIR_NOT_FOUND"));
  request.set_allow_missing(true);
  reply = Call(request);
  ASSERT_THAT(reply, Succeeds());
  EXPECT_EQ(reply->channel_pair_count() + reply->channel_count() +
                reply->entry_count(),
            0);
}

TEST_P(ChannelsTest, DeletingAPairThatIsNotConfigured) {
  const auto made = Call(NewPair(1, 1));
  const auto reply = Call(Delete(made->channel_pair().channel_pair_id()));
  EXPECT_EQ(reply->channel_pair_count(), 1);
  EXPECT_EQ(reply->channel_count(), 2);
  EXPECT_EQ(reply->entry_count(), 0);
}

TEST_P(ChannelsTest, TitleAndAccountChangeForAllPairs) {
  const v1::Channel made = Create(NewEntry(1, 1)).channel_pair().open_channel();
  clock().Advance(absl::Minutes(1));
  v1::UpdateChannelRequest request = Update(made.channel_id());
  request.mutable_channel()->set_title("New \xe2\x9c\x93");
  request.mutable_channel()->set_etag(made.etag());
  request.set_validate_only(true);
  EXPECT_EQ(Call(request)->channel().title(), "New \xe2\x9c\x93");
  EXPECT_EQ(Call(ChannelOf(made.channel_id()))->channel().title(), "");
  request.set_validate_only(false);
  auto reply = Call(request);
  ASSERT_THAT(reply, Succeeds());
  EXPECT_EQ(reply->channel().title(), "New \xe2\x9c\x93");
  EXPECT_EQ(reply->channel().account(), "log");
  EXPECT_NE(reply->channel().etag(), made.etag());
  EXPECT_GT(reply->channel().update_time().seconds(),
            made.update_time().seconds());
  const auto stale = Call(request);
  EXPECT_THAT(stale, Fails(StatusCode::ABORTED, "ETAG_MISMATCH"));
  EXPECT_EQ(stale.failure().metadata.at("etag"), reply->channel().etag());

  request = Update(made.channel_id(), {"account"});
  request.mutable_channel()->set_account("other-log");
  reply = Call(request);
  ASSERT_THAT(reply, Succeeds());
  EXPECT_EQ(reply->channel().account(), "other-log");
  EXPECT_EQ(reply->channel().title(), "New \xe2\x9c\x93");

  request.mutable_channel()->set_account("bot");
  const auto unknown = Call(request);
  EXPECT_THAT(unknown, FailsWith("CHANNEL_ACCOUNT_UNKNOWN"));
  EXPECT_EQ(unknown.failure().metadata.at("field"), "channel.account");
  request.mutable_channel()->set_account("");
  EXPECT_THAT(Call(request),
              HasViolationsOf(std::vector<std::string>{"channel.account"}));
  EXPECT_EQ(Call(Update(made.channel_id(), {"title"}))->channel().title(), "");
  for (const char* path : {"address", "state", "platform", "title.x"}) {
    EXPECT_THAT(Call(Update(made.channel_id(), {path})),
                HasViolationsOf(std::vector<std::string>{"update_mask"}));
  }
  EXPECT_THAT(Call(Update(made.channel_id())),
              HasViolationsOf(std::vector<std::string>{"update_mask"}));
}

TEST_P(ChannelsTest, AChannelIsDisabledAndEnabled) {
  const v1::CreateEntryResponse made = Create(NewEntry(1, 1));
  const v1::Channel& channel = made.channel_pair().open_channel();
  v1::DisableChannelRequest disable;
  disable.set_channel_id(channel.channel_id());
  disable.set_reason("left the group");
  v1::EnableChannelRequest enable;
  enable.set_channel_id(channel.channel_id());
  EXPECT_THAT(Call(enable),
              Fails(StatusCode::FAILED_PRECONDITION, "CHANNEL_ALREADY_ACTIVE"));
  const auto disabled = Call(disable);
  ASSERT_THAT(disabled, Succeeds());
  EXPECT_EQ(disabled->channel().state(), v1::Channel::STATE_DISABLED);
  EXPECT_EQ(disabled->channel().state_reason(), "left the group");
  // The entries of its pairs keep their state.
  const v1::Entry entry = Get(made.entry().entry_id());
  EXPECT_EQ(entry.state(), v1::Entry::STATE_ACTIVE);
  EXPECT_EQ(entry.etag(), made.entry().etag());
  EXPECT_EQ(entry.channel_pair().open_channel().state(),
            v1::Channel::STATE_DISABLED);
  const auto again = Call(disable);
  EXPECT_THAT(again,
              Fails(StatusCode::FAILED_PRECONDITION, "CHANNEL_NOT_ACTIVE"));
  EXPECT_EQ(again.failure().metadata.at("state"), "DISABLED");
  enable.set_etag(channel.etag());
  EXPECT_THAT(Call(enable), FailsWith("ETAG_MISMATCH"));
  enable.set_etag(disabled->channel().etag());
  const auto enabled = Call(enable);
  ASSERT_THAT(enabled, Succeeds());
  EXPECT_EQ(enabled->channel().state(), v1::Channel::STATE_ACTIVE);
  EXPECT_EQ(enabled->channel().state_reason(), "");
  disable.set_etag(channel.etag());
  EXPECT_THAT(Call(disable), FailsWith("ETAG_MISMATCH"));
}

TEST_P(ChannelsTest, WhatIsNotThereIsNotFound) {
  const std::string other = OpenId(9, 9);
  const auto reply = Call(ChannelOf(other));
  EXPECT_THAT(reply, Fails(StatusCode::NOT_FOUND, "CHANNEL_NOT_FOUND"));
  EXPECT_THAT(reply.failure().metadata, ElementsAre(Pair("channel_id", other)));
  const auto pair = Call(PairOf(other));
  EXPECT_THAT(pair, Fails(StatusCode::NOT_FOUND, "CHANNEL_PAIR_NOT_FOUND"));
  EXPECT_THAT(pair.failure().metadata,
              ElementsAre(Pair("channel_pair_id", other)));
  v1::UpdateChannelRequest update = Update(other, {"title"});
  EXPECT_THAT(Call(update), FailsWith("CHANNEL_NOT_FOUND"));
  v1::EnableChannelRequest enable;
  enable.set_channel_id(other);
  EXPECT_THAT(Call(enable), FailsWith("CHANNEL_NOT_FOUND"));
  v1::DisableChannelRequest disable;
  disable.set_channel_id(other);
  EXPECT_THAT(Call(disable), FailsWith("CHANNEL_NOT_FOUND"));
}

INSTANTIATE_TEST_SUITE_P(Backends, ChannelsTest, Backends(), BackendName);

}  // namespace
}  // namespace broadcast::test
