// What every function that reads or writes rows of one client does when the
// client is not in its scope: nothing.
#include "storage/scope.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/channel_pairs.h"
#include "storage/channels.h"
#include "storage/clients.h"
#include "storage/entries.h"
#include "support/registry_seed.h"
#include "support/status_matchers.h"
#include "support/test_database.h"

namespace broadcast::storage {
namespace {

using test::ClientId;
using test::ClosedId;
using test::EntryId;
using test::Must;
using test::OpenId;
using test::PairId;
using test::Plant;
using test::RowsOf;

// Client 1 has a pair and an entry. Whoever calls is client 2.
class ScopeTest : public test::DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    Plant(raw(), {.client = 1, .pairs = 1});
    rows_ = RowsOf(raw(), 1);
  }

  // What a transaction of one call to `function` ends with.
  template <typename Function>
  absl::Status Call(Function function) {
    return Write([&](Transaction& write) { return function(write, other_); });
  }

  void TearDown() override { EXPECT_EQ(RowsOf(raw(), 1), rows_); }

  const Scope other_ = Scope::OneClient(ClientId(2));
  int64_t rows_ = 0;
};

TEST_P(ScopeTest, NoRowOfAnotherClientIsInserted) {
  const Client client{.client_id = ClientId(3)};
  const Channel channel{.channel_id = OpenId(1, 9), .client_id = ClientId(1)};
  const ChannelPair pair{.channel_pair_id = PairId(1, 9),
                         .client_id = ClientId(1)};
  const Entry entry{.entry_id = EntryId(1, 9), .channel_pair = pair};
  EXPECT_TRUE(absl::IsInternal(Call([&](Transaction& write, const Scope& in) {
    return InsertClient(write, in, client).status();
  })));
  EXPECT_TRUE(absl::IsInternal(Call([&](Transaction& write, const Scope& in) {
    const Channel* const rows[] = {&channel};
    return InsertChannels(write, in, rows).status();
  })));
  EXPECT_TRUE(absl::IsInternal(Call([&](Transaction& write, const Scope& in) {
    const ChannelPair* const rows[] = {&pair};
    return InsertPairs(write, in, rows).status();
  })));
  EXPECT_TRUE(absl::IsInternal(Call([&](Transaction& write, const Scope& in) {
    const Entry* const rows[] = {&entry};
    return InsertEntries(write, in, rows);
  })));
  EXPECT_EQ(RowsOf(raw(), 3), 0);
}

TEST_P(ScopeTest, AnothersPairsAreNotCounted) {
  EXPECT_TRUE(absl::IsInternal(Call([&](Transaction& write, const Scope& in) {
    return AddPairs(write, in, ClientId(1), 5).status();
  })));
  Must(Call([&](Transaction& write, const Scope& in) {
    const auto counted = AddPairsToKnown(write, in, ClientId(1), 5);
    EXPECT_FALSE(counted->has_value());
    return counted.status();
  }));
  Must(Read([&](Transaction& read) -> absl::Status {
    ASSIGN_OR_RETURN(const auto client,
                     FindClient(read, Scope::AllClients(), ClientId(1)));
    EXPECT_EQ(client->pair_count, 1);
    return absl::OkStatus();
  }));
}

TEST_P(ScopeTest, AnothersRowsAreNotFound) {
  Must(Read([&](Transaction& read) -> absl::Status {
    ASSIGN_OR_RETURN(const auto presence,
                     ClientPresenceOf(read, other_, ClientId(1)));
    EXPECT_EQ(presence, ClientPresence::kUnknown);
    ASSIGN_OR_RETURN(
        const auto pair,
        FindPairOfChannels(read, other_, OpenId(1, 0), ClosedId(1, 0)));
    EXPECT_FALSE(pair.has_value());
    ASSIGN_OR_RETURN(const auto its,
                     FindPairOfChannels(read, Scope::OneClient(ClientId(1)),
                                        OpenId(1, 0), ClosedId(1, 0)));
    EXPECT_TRUE(its.has_value());
    return absl::OkStatus();
  }));
}

INSTANTIATE_TEST_SUITE_P(Backends, ScopeTest, test::Backends(),
                         test::BackendName);

}  // namespace
}  // namespace broadcast::storage
