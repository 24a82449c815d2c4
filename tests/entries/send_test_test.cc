#include "entries/send_test.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/firing_test.h"

namespace broadcast::entries {
namespace {

using storage::OperationKind;
using storage::Scope;
using storage::Side;
using storage::Transaction;
using test::ClientId;
using test::EntryId;
using test::HasReason;
using test::IsOk;
using test::kAll;
using test::Must;
using test::OpenId;
using testing::Contains;
using testing::Pair;

class SendTestTest : public test::FiringTest {
 protected:
  void SetUp() override {
    test::FiringTest::SetUp();
    PlantDue(1, 1, clock().Now() + absl::Hours(3));
  }

  absl::StatusOr<SentTest> Send(Side side, const std::string& address,
                                const storage::RequestKey& request = {},
                                const Scope& scope = kAll) {
    const SendTestCommand command{.entry_id = entry_,
                                  .side = side,
                                  .address = address,
                                  .operation_id = ids().Next(),
                                  .delivery_id = ids().Next()};
    return Do([&](Transaction& transaction) {
      return SendTest(transaction, scope, request, policy_, command);
    });
  }

  const std::string entry_ = EntryId(1, 0);
};

TEST_P(SendTestTest, OneSideGoesToTheAddressAndCountsNothing) {
  const storage::Entry before = EntryOf(entry_);
  const SentTest sent = Must(Send(Side::kClosed, "elsewhere"));
  EXPECT_EQ(sent.operation->kind, OperationKind::kTest);
  EXPECT_EQ(sent.operation->entry_id, entry_);
  EXPECT_EQ(sent.operation->progress.planned, 1);
  EXPECT_EQ(Count("deliveries WHERE address = 'elsewhere' AND side = 'closed' "
                  "AND content_id = '" +
                  test::ContentId(2) + "'"),
            1);
  const storage::Entry after = EntryOf(entry_);
  EXPECT_EQ(after.current_operation_id, std::nullopt);
  EXPECT_EQ(after.next_trigger_time, std::nullopt);
  EXPECT_EQ(after.manual_trigger_count, before.manual_trigger_count);
  EXPECT_EQ(after.last_outcome, before.last_outcome);
}

TEST_P(SendTestTest, ThereIsNoCooldownAndNoStateThatRefuses) {
  EXPECT_THAT(Send(Side::kOpen, "a"), IsOk());
  EXPECT_THAT(Send(Side::kOpen, "a"), IsOk());
  SetEntry(entry_, "state = 'paused'");
  SetChannel(OpenId(1, 0), "state = 'disabled'");
  EXPECT_THAT(Send(Side::kOpen, "a"), IsOk());
  EXPECT_EQ(Count("ready"), 3);
}

TEST_P(SendTestTest, TheAddressIsOneOfTheChannelsPlatform) {
  accounts_["bot"] = {.platform = storage::Platform::kTelegram};
  SetChannel(OpenId(1, 0),
             "platform = 'telegram', account = 'bot', address = '-1001'");
  EXPECT_THAT(Send(Side::kOpen, "not a chat"), HasReason("INVALID_FIELDS"));
  EXPECT_THAT(Send(Side::kOpen, ""), HasReason("INVALID_FIELDS"));
  EXPECT_THAT(Send(Side::kOpen, "@MyChat"), IsOk());
  EXPECT_EQ(Count("deliveries WHERE address = '@mychat'"), 1);
  // A chat of the client's own may be another of its channels.
  EXPECT_THAT(Send(Side::kOpen, "-1001"), IsOk());
}

TEST_P(SendTestTest, AnotherClientsChatIsNotToBeHad) {
  accounts_["bot"] = {.platform = storage::Platform::kTelegram};
  PlantDue(2, 1, clock().Now() + absl::Hours(3));
  SetChannel(OpenId(1, 0),
             "platform = 'telegram', account = 'bot', address = '-1001'");
  SetChannel(OpenId(2, 0),
             "platform = 'telegram', account = 'bot', address = '-1002'");
  const auto refused = Send(Side::kOpen, "-1002");
  EXPECT_THAT(refused, HasReason("CHANNEL_TAKEN"));
  EXPECT_EQ(Count("operations"), 0);
}

TEST_P(SendTestTest, WhatCannotBeSentIsRefused) {
  EXPECT_THAT(Send(Side::kOpen, "a", {}, Scope::OneClient(ClientId(2))),
              HasReason("ENTRY_NOT_FOUND"));
  SetEntry(entry_, "open_content_id = NULL");
  const auto missing = Send(Side::kOpen, "a");
  EXPECT_THAT(missing, HasReason("ENTRY_CONTENT_MISSING"));
  EXPECT_THAT(DetailOf(missing.status())->metadata,
              Contains(Pair("side", "open")));
  policy_.default_open_content = {.content_id = std::string(64, 'a'),
                                  .body = "{}"};
  EXPECT_THAT(Send(Side::kOpen, "a"), IsOk());
  accounts_.clear();
  EXPECT_THAT(Send(Side::kClosed, "a"), HasReason("ACCOUNT_UNAVAILABLE"));
}

TEST_P(SendTestTest, ARepetitionIsToldTheSame) {
  const auto request = Request("SendTest", "r1");
  const SentTest first = Must(Send(Side::kOpen, "a", request));
  const SentTest again = Must(Send(Side::kOpen, "a", request));
  EXPECT_TRUE(again.replayed);
  EXPECT_EQ(again.operation->operation_id, first.operation->operation_id);
  EXPECT_EQ(Count("operations"), 1);
}

INSTANTIATE_TEST_SUITE_P(Backends, SendTestTest, test::Backends(),
                         test::BackendName);

}  // namespace
}  // namespace broadcast::entries
