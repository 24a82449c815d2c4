// What the integrity check finds among operations, deliveries and queues.
#include "storage/delivery_integrity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "storage/integrity.h"
#include "support/delivery_seed.h"
#include "support/status_matchers.h"
#include "support/test_database.h"

namespace broadcast::storage {
namespace {

using test::ClientId;
using test::DeliveryId;
using test::EntryId;
using test::Must;
using test::OpenId;
using test::OperationId;

class DeliveryIntegrityTest : public test::DatabaseTest {
 protected:
  // Two clients with two pairs. Of the first: operation 1 is through, 2 runs
  // and is the first entry's, with delivery 3 under way and 4 waiting.
  void SetUp() override {
    DatabaseTest::SetUp();
    test::Plant(raw(), {.client = 1, .pairs = 2});
    test::Plant(raw(), {.client = 2, .pairs = 2});
    test::PlantContent(raw());
    test::PlantOperation(
        raw(),
        {.number = 1, .planned = 2, .sent = 1, .unknown = 1, .finish_time = 9});
    test::PlantOperation(raw(), {.number = 2, .planned = 2});
    for (const int delivery : {1, 2}) test::PlantDelivery(raw(), delivery, 1);
    for (const int delivery : {3, 4}) test::PlantDelivery(raw(), delivery, 2);
    test::PlantResult(raw(), 1, "sent", 9);
    test::PlantResult(raw(), 2, "unknown", 9);
    test::PlantInflight(raw(), 3);
    test::PlantReady(raw(), 4);
    test::PlantQueue(raw(), 1, 0, 1, 1);
    test::PlantQueue(raw(), 2, 0, 0, 0);
    SetEntry(absl::StrCat("last_outcome = 'sending', current_operation_id = '",
                          OperationId(2), "'"));
  }

  void SetEntry(const std::string& assignments) {
    raw().Execute(absl::StrCat("UPDATE entries SET ", assignments,
                               " WHERE entry_id = '", EntryId(1, 0), "'"));
  }

  IntegrityReport Check(const Scope& scope = Scope::AllClients()) {
    IntegrityCheck check;
    while (!check.done()) {
      Must(Read([&](Transaction& read) -> absl::Status {
        ASSIGN_OR_RETURN(check, IntegrityStep(read, scope, check));
        return absl::OkStatus();
      }));
    }
    return check.report();
  }

  // The only findings are of `kind`, and are `ids`.
  void ExpectOnly(FindingKind kind, const std::set<std::string>& ids) {
    IntegrityReport report = Check();
    EXPECT_EQ(report[kind].count, static_cast<int64_t>(ids.size()));
    EXPECT_EQ(report[kind].sample_ids, ids);
    report[kind] = {};
    EXPECT_TRUE(report.clean());
    EXPECT_TRUE(Check(Scope::OneClient(ClientId(2))).clean());
    raw().Execute("UPDATE clients SET delete_time = 1");
    EXPECT_TRUE(Check().clean());
  }
};

TEST_P(DeliveryIntegrityTest, WhatAddsUpIsClean) {
  const IntegrityReport report = Check();
  EXPECT_TRUE(report.clean());
  EXPECT_EQ(report.operations, 2);
  EXPECT_EQ(report.deliveries, 4);
}

TEST_P(DeliveryIntegrityTest, DeliveriesThatWentLeaveCountsBehind) {
  raw().Execute(absl::StrCat("DELETE FROM deliveries WHERE delivery_id = '",
                             DeliveryId(1), "'"));
  EXPECT_TRUE(Check().clean());
}

TEST_P(DeliveryIntegrityTest, CountsThatDisagreeWithResultsAreFound) {
  raw().Execute(absl::StrCat("UPDATE operations SET sent = 2, unknown = 0 ",
                             "WHERE operation_id = '", OperationId(1), "'"));
  ExpectOnly(FindingKind::kOperationCounterMismatch, {OperationId(1)});
}

TEST_P(DeliveryIntegrityTest, AnOperationThatForgetsWhatWaitsIsFound) {
  raw().Execute(absl::StrCat("UPDATE operations SET planned = 3 ",
                             "WHERE operation_id = '", OperationId(2), "'"));
  ExpectOnly(FindingKind::kOperationCounterMismatch, {OperationId(2)});
}

TEST_P(DeliveryIntegrityTest, AnOperationThatIsThroughButRunsIsFound) {
  test::PlantOperation(raw(), {.number = 3});
  ExpectOnly(FindingKind::kOperationCounterMismatch, {OperationId(3)});
}

TEST_P(DeliveryIntegrityTest, ADeliveryThatIsNowhereIsFound) {
  raw().Execute("DELETE FROM results WHERE state = 'unknown'");
  IntegrityReport report = Check();
  EXPECT_EQ(report[FindingKind::kDeliveryStateMismatch].sample_ids,
            std::set{DeliveryId(2)});
  EXPECT_EQ(report[FindingKind::kOperationCounterMismatch].sample_ids,
            std::set{OperationId(1)});
}

TEST_P(DeliveryIntegrityTest, ADeliveryThatIsInTwoPlacesIsFound) {
  test::PlantInflight(raw(), 4);
  IntegrityReport report = Check();
  EXPECT_EQ(report[FindingKind::kDeliveryStateMismatch].sample_ids,
            std::set{DeliveryId(4)});
  EXPECT_EQ(report[FindingKind::kOperationCounterMismatch].count, 1);
}

TEST_P(DeliveryIntegrityTest, AQueueThatDisagreesWithWhatWaitsIsFound) {
  raw().Execute("UPDATE channel_queues SET waiting = 2 WHERE waiting = 1");
  ExpectOnly(FindingKind::kChannelQueueMismatch, {OpenId(1, 0)});
}

TEST_P(DeliveryIntegrityTest, AQueueThatDisagreesWithWhatIsUnderWayIsFound) {
  raw().Execute("UPDATE channel_queues SET busy = 0");
  ExpectOnly(FindingKind::kChannelQueueMismatch, {OpenId(1, 0)});
}

TEST_P(DeliveryIntegrityTest, WhatWaitsWithoutAQueueIsFound) {
  raw().Execute("DELETE FROM channel_queues");
  ExpectOnly(FindingKind::kChannelQueueMismatch, {OpenId(1, 0)});
}

TEST_P(DeliveryIntegrityTest, AnEntryOfAFinishedOperationIsFound) {
  SetEntry(absl::StrCat("current_operation_id = '", OperationId(1), "'"));
  ExpectOnly(FindingKind::kEntryOperationMismatch, {EntryId(1, 0)});
}

TEST_P(DeliveryIntegrityTest, AnEntryOfAMissingOperationIsFound) {
  SetEntry(absl::StrCat("current_operation_id = '", OperationId(7), "'"));
  ExpectOnly(FindingKind::kEntryOperationMismatch, {EntryId(1, 0)});
}

TEST_P(DeliveryIntegrityTest, AnEntryThatSendsNothingItSaysIsFound) {
  SetEntry("current_operation_id = NULL");
  ExpectOnly(FindingKind::kEntryOperationMismatch, {EntryId(1, 0)});
}

TEST_P(DeliveryIntegrityTest, ManyOperationsAreExaminedInSteps) {
  for (int i = 10; i < 10 + 2 * kOperationsAtOnce; ++i) {
    test::PlantOperation(
        raw(),
        {.number = i, .pair = 1, .create_time = i / 7, .finish_time = 9});
  }
  test::PlantOperation(raw(), {.number = 5, .client = 2, .pair = 1});
  IntegrityReport report = Check();
  EXPECT_EQ(report.operations, 2 * kOperationsAtOnce + 3);
  EXPECT_EQ(report[FindingKind::kOperationCounterMismatch].sample_ids,
            std::set{OperationId(5)});
  EXPECT_EQ(Check(Scope::OneClient(ClientId(2))).operations, 1);
}

class MessageIntegrityTest : public DeliveryIntegrityTest {
 protected:
  // A feed with a post, whose message waits with delivery 4.
  void SetUp() override {
    DeliveryIntegrityTest::SetUp();
    raw().Execute(absl::StrCat(
        "INSERT INTO feeds (feed_id, client_id, name, display_name, state, "
        "labels, revision, create_time, update_time) VALUES ('",
        kFeed, "','", ClientId(1), "','f','','open','{}',1,1,1)"));
    raw().Execute(absl::StrCat(
        "INSERT INTO posts (post_id, feed_id, client_id, external_id, "
        "content_id, state, close_reason, labels, revision, create_time, "
        "update_time) VALUES ('",
        kPost, "','", kFeed, "','", ClientId(1), "','p','", test::ContentId(1),
        "','open','','{}',1,1,1)"));
    test::PlantMessage(raw(), 1);
    SetMessage(absl::StrCat("state = 'pending', platform_message_id = NULL, ",
                            "feed_id = '", kFeed, "', post_id = '", kPost,
                            "'"));
    raw().Execute(absl::StrCat("UPDATE deliveries SET message_id = '",
                               test::MessageId(1), "', post_id = '", kPost,
                               "' WHERE delivery_id = '", DeliveryId(4), "'"));
  }

  void SetMessage(const std::string& assignments) {
    raw().Execute(absl::StrCat("UPDATE messages SET ", assignments,
                               " WHERE message_id = '", test::MessageId(1),
                               "'"));
  }

  static constexpr char kFeed[] = "00000000-0000-7000-8020-000000000001";
  static constexpr char kPost[] = "00000000-0000-7000-8021-000000000001";
};

TEST_P(MessageIntegrityTest, AMessageThatWaitsWithItsDeliveryIsClean) {
  EXPECT_TRUE(Check().clean());
}

TEST_P(MessageIntegrityTest, APendingMessageWhoseDeliveryDoesNotWaitIsFound) {
  raw().Execute("UPDATE deliveries SET message_id = NULL, post_id = NULL");
  ExpectOnly(FindingKind::kMessageStateMismatch, {test::MessageId(1)});
}

TEST_P(MessageIntegrityTest, AMessageThatIsThereBeforeItIsSentIsFound) {
  SetMessage("state = 'unknown'");
  ExpectOnly(FindingKind::kMessageStateMismatch, {test::MessageId(1)});
}

TEST_P(MessageIntegrityTest, AMessageOfAnotherFeedThanItsPostIsFound) {
  SetMessage("feed_id = '00000000-0000-7000-8020-000000000002'");
  ExpectOnly(FindingKind::kMessageStateMismatch, {test::MessageId(1)});
}

INSTANTIATE_TEST_SUITE_P(Backends, MessageIntegrityTest, test::Backends(),
                         test::BackendName);

INSTANTIATE_TEST_SUITE_P(Backends, DeliveryIntegrityTest, test::Backends(),
                         test::BackendName);

}  // namespace
}  // namespace broadcast::storage
