// A database with entries whose deliveries a test makes, takes and ends, and a
// check of all that must hold of them at every moment. The test's thread.
#ifndef BROADCASTD_TESTS_STORAGE_DELIVERY_FIXTURE_H_
#define BROADCASTD_TESTS_STORAGE_DELIVERY_FIXTURE_H_

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "storage/deliveries.h"
#include "storage/lanes.h"
#include "storage/operations.h"
#include "storage/outbox.h"
#include "storage/outcomes.h"
#include "support/registry_seed.h"
#include "support/status_matchers.h"
#include "support/test_database.h"

namespace broadcast::test {

inline std::string OperationId(int number) {
  return absl::StrFormat("00000000-0000-7000-8010-%012d", number);
}
inline std::string DeliveryId(int operation, int number) {
  return absl::StrFormat("00000000-0000-7000-8011-%08d%04d", operation, number);
}
inline std::string MessageId(int number) {
  return absl::StrFormat("00000000-0000-7000-8012-%012d", number);
}

// What must hold of the outbox whenever no transaction runs; empty if it does.
inline std::string Broken(RawConnection& raw) {
  static constexpr std::pair<const char*, const char*> kRules[] = {
      {"each delivery waits, is under way or has ended",
       "SELECT count(*) FROM deliveries d WHERE "
       "(SELECT count(*) FROM ready x WHERE x.delivery_id = d.delivery_id) + "
       "(SELECT count(*) FROM inflight x WHERE x.delivery_id = d.delivery_id) "
       "+ (SELECT count(*) FROM results x WHERE x.delivery_id = d.delivery_id) "
       "<> 1"},
      {"queues count what waits",
       "SELECT count(*) FROM channel_queues q WHERE q.waiting <> "
       "(SELECT count(*) FROM ready r WHERE r.channel_id = q.channel_id)"},
      {"queues know what is under way",
       "SELECT count(*) FROM channel_queues q WHERE q.busy <> "
       "(SELECT count(*) FROM inflight i WHERE i.channel_id = q.channel_id)"},
      {"what waits has a queue",
       "SELECT count(*) FROM ready r WHERE NOT EXISTS (SELECT 1 FROM "
       "channel_queues q WHERE q.channel_id = r.channel_id)"},
      {"what is under way has a queue",
       "SELECT count(*) FROM inflight r WHERE NOT EXISTS (SELECT 1 FROM "
       "channel_queues q WHERE q.channel_id = r.channel_id)"},
      {"a free queue is due with its head",
       "SELECT count(*) FROM channel_queues q WHERE waiting > 0 AND busy = 0 "
       "AND not_before <> (SELECT CASE WHEN r.not_before > q.paused_until THEN "
       "r.not_before ELSE q.paused_until END FROM ready r "
       "WHERE r.channel_id = q.channel_id ORDER BY r.sequence LIMIT 1)"},
      {"sequences are given out",
       "SELECT count(*) FROM channel_queues q WHERE last_sequence < COALESCE("
       "(SELECT max(sequence) FROM ready r WHERE r.channel_id = q.channel_id), "
       "0)"},
      {"operations know their deliveries",
       "SELECT count(*) FROM operations o WHERE planned <> (SELECT count(*) "
       "FROM deliveries d WHERE d.operation_id = o.operation_id)"},
      {"operations count what ended",
       "SELECT count(*) FROM operations o WHERE EXISTS (SELECT 1 FROM (SELECT "
       "COALESCE(sum(CASE state WHEN 'sent' THEN 1 ELSE 0 END), 0) AS sent, "
       "COALESCE(sum(CASE state WHEN 'failed' THEN 1 ELSE 0 END), 0) AS "
       "failed, "
       "COALESCE(sum(CASE state WHEN 'unknown' THEN 1 ELSE 0 END), 0) AS "
       "unknown, "
       "COALESCE(sum(CASE state WHEN 'expired' THEN 1 ELSE 0 END), 0) AS "
       "expired, "
       "COALESCE(sum(CASE state WHEN 'cancelled' THEN 1 ELSE 0 END), 0) AS "
       "cancelled, "
       "COALESCE(sum(CASE state WHEN 'abandoned' THEN 1 ELSE 0 END), 0) AS "
       "abandoned FROM results r JOIN deliveries d ON d.delivery_id = "
       "r.delivery_id WHERE d.operation_id = o.operation_id) c WHERE "
       "c.sent <> o.sent OR c.failed <> o.failed OR c.unknown <> o.unknown OR "
       "c.expired <> o.expired OR c.cancelled <> o.cancelled OR c.abandoned <> "
       "o.abandoned)"},
      {"operations count what posts",
       "SELECT count(*) FROM operations o WHERE "
       "sends <> (SELECT count(*) FROM deliveries d WHERE d.operation_id = "
       "o.operation_id AND d.action IN ('send', 'copy')) OR "
       "sends_sent <> (SELECT count(*) FROM deliveries d JOIN results r ON "
       "r.delivery_id = d.delivery_id WHERE d.operation_id = o.operation_id "
       "AND d.action IN ('send', 'copy') AND r.state = 'sent') OR "
       "sends_unknown <> (SELECT count(*) FROM deliveries d JOIN results r ON "
       "r.delivery_id = d.delivery_id WHERE d.operation_id = o.operation_id "
       "AND d.action IN ('send', 'copy') AND r.state = 'unknown')"},
      {"operations count what was changed",
       "SELECT count(*) FROM operations o WHERE EXISTS (SELECT 1 FROM (SELECT "
       "COALESCE(sum(CASE d.action WHEN 'edit' THEN 1 ELSE 0 END), 0) AS "
       "edits, "
       "COALESCE(sum(CASE d.action WHEN 'delete' THEN 1 ELSE 0 END), 0) AS "
       "deletes, "
       "COALESCE(sum(CASE d.action WHEN 'tombstone' THEN 1 ELSE 0 END), 0) AS "
       "tombstones, "
       "COALESCE(sum(CASE d.action WHEN 'probe' THEN 1 ELSE 0 END), 0) AS "
       "probes FROM results r JOIN deliveries d ON d.delivery_id = "
       "r.delivery_id WHERE d.operation_id = o.operation_id AND r.state = "
       "'sent') c WHERE c.edits <> o.edits_sent OR c.deletes <> o.deletes_sent "
       "OR c.tombstones <> o.tombstones_sent "
       "OR c.probes <> o.probes_sent)"},
      {"operations are finished when nothing waits",
       "SELECT count(*) FROM operations WHERE CASE WHEN sent + failed + "
       "unknown + expired + cancelled + abandoned = planned THEN 'finished' "
       "ELSE 'running' END <> state AND state <> 'planning'"},
      {"a finished operation is settled",
       "SELECT count(*) FROM operations WHERE state = 'finished' AND settled = "
       "0"},
      {"a finished operation runs for no entry",
       "SELECT count(*) FROM entries e JOIN operations o ON o.operation_id = "
       "e.current_operation_id WHERE o.settled = 1"},
      {"what was posted is tracked once",
       "SELECT count(*) FROM messages m WHERE state = 'live' AND NOT EXISTS ("
       "SELECT 1 FROM results r WHERE r.platform_message_id = "
       "m.platform_message_id AND r.state = 'sent')"},
      {"what a post is to become is pending while its delivery waits",
       "SELECT count(*) FROM deliveries d WHERE d.message_id IS NOT NULL AND "
       "((SELECT count(*) FROM ready w WHERE w.delivery_id = d.delivery_id) + "
       "(SELECT count(*) FROM inflight i WHERE i.delivery_id = d.delivery_id) "
       "> 0) <> (COALESCE((SELECT m.state FROM messages m WHERE m.message_id = "
       "d.message_id), '') = 'pending')"},
      {"what may be there is an unknown delivery's, or was sent",
       "SELECT count(*) FROM messages m WHERE state = 'unknown' AND NOT EXISTS "
       "(SELECT 1 FROM deliveries d JOIN results r ON r.delivery_id = "
       "d.delivery_id WHERE d.message_id = m.message_id AND r.state IN "
       "('unknown', 'sent'))"},
  };
  for (const auto& [rule, sql] : kRules) {
    if (raw.Number(sql) != 0) return rule;
  }
  return "";
}

class DeliveryTest : public DatabaseTest {
 protected:
  static constexpr char kLane[] = "main";
  static constexpr int kPairs = 6;

  void SetUp() override {
    DatabaseTest::SetUp();
    for (int client = 1; client <= 3; ++client) {
      Plant(raw(), {.client = client, .pairs = kPairs});
    }
    PlantContents(raw(), 1, 3, 1);
    Must(Write([](storage::Transaction& write) {
      const storage::NewLane lane{.lane_id = kLane, .account = "main"};
      return storage::EnsureLanes(write, {&lane, 1});
    }));
    claim_ = TakeLane("one");
  }

  void TearDown() override { EXPECT_EQ(Broken(raw()), ""); }

  template <typename F>
  auto InWrite(F body) {
    using Answer = decltype(body(std::declval<storage::Transaction&>()));
    std::optional<Answer> answer;
    Must(Write([&](storage::Transaction& write) -> absl::Status {
      answer = body(write);
      return answer->status();
    }));
    return *std::move(*answer);
  }
  template <typename F>
  auto InRead(F body) {
    using Answer = decltype(body(std::declval<storage::Transaction&>()));
    std::optional<Answer> answer;
    Must(Read([&](storage::Transaction& read) -> absl::Status {
      answer = body(read);
      return answer->status();
    }));
    return *std::move(*answer);
  }

  storage::LaneClaim TakeLane(const std::string& owner, bool forced = true) {
    return InWrite([&](storage::Transaction& write) {
             return storage::TakeLane(write, kLane, owner, absl::Seconds(15),
                                      forced);
           })
        .value();
  }

  absl::Time now() {
    return InWrite([](storage::Transaction& write) {
      return absl::StatusOr<absl::Time>(write.now());
    });
  }

  // A delivery of operation `operation`, its `number`th.
  storage::NewDelivery Planned(int operation, int number,
                               const std::string& channel_id, int client = 1) {
    return {.delivery_id = DeliveryId(operation, number),
            .client_id = ClientId(client),
            .channel_id = channel_id,
            .lane_id = kLane,
            .content_id = ContentId(1),
            .not_before = absl::UnixEpoch(),
            .deadline = clock().Now() + absl::Hours(1)};
  }

  // A broadcast of an entry: one delivery a side.
  storage::NewOperation Broadcast(int operation, int client, int pair) {
    storage::NewOperation made;
    made.operation.operation_id = OperationId(operation);
    made.operation.client_id = ClientId(client);
    made.operation.entry_id = EntryId(client, pair);
    made.operation.kind = storage::OperationKind::kTrigger;
    made.deliveries = {Planned(operation, 1, OpenId(client, pair), client),
                       Planned(operation, 2, ClosedId(client, pair), client)};
    made.deliveries[0].side = storage::Side::kOpen;
    made.deliveries[1].side = storage::Side::kClosed;
    for (storage::NewDelivery& delivery : made.deliveries) {
      delivery.entry_id = EntryId(client, pair);
    }
    return made;
  }

  void Insert(const std::vector<storage::NewOperation>& operations) {
    Must(Write([&](storage::Transaction& write) {
      return storage::InsertOperations(write, storage::Scope::AllClients(),
                                       operations);
    }));
    for (const storage::NewOperation& made : operations) {
      if (!made.operation.entry_id.has_value()) continue;
      raw().Execute(absl::StrCat(
          "UPDATE entries SET last_outcome = 'sending', current_operation_id = "
          "'",
          made.operation.operation_id, "' WHERE entry_id = '",
          *made.operation.entry_id, "'"));
    }
  }

  storage::TakenIntents Take(const std::vector<std::string>& channel_ids) {
    return Take(channel_ids, claim_);
  }
  storage::TakenIntents Take(const std::vector<std::string>& channel_ids,
                             const storage::LaneClaim& claim) {
    return InWrite([&](storage::Transaction& write) {
      return storage::RecordIntents(
          write, {.claim = claim, .channel_ids = channel_ids});
    });
  }

  storage::WaitingPage FindWaiting(const std::string& after = "",
                                   int64_t per_client = 100,
                                   int64_t most = 100) {
    return InRead([&](storage::Transaction& read) {
      return storage::FindWaiting(read, kLane, after, per_client, most);
    });
  }

  storage::OutcomeSummary Record(
      const std::vector<storage::OutcomeRecord>& outcomes) {
    return InWrite([&](storage::Transaction& write) {
      return storage::RecordOutcomes(write, outcomes, policy_);
    });
  }

  // What a try came to, `state`, with what a sender answers then.
  storage::OutcomeRecord OutcomeOf(const storage::TakenDelivery& taken,
                                   storage::DeliveryState state) {
    storage::OutcomeRecord outcome;
    outcome.delivery_id = taken.delivery_id;
    outcome.fence = taken.fence;
    outcome.state = state;
    if (state == storage::DeliveryState::kSent) {
      outcome.http_status = 200;
      const int number = next_message_++;
      if (storage::DeliveryAction::kSend == taken.action ||
          storage::DeliveryAction::kCopy == taken.action) {
        outcome.platform_message_id = absl::StrCat(number);
        outcome.new_message_id = MessageId(number);
        outcome.follow_up_delivery_id = DeliveryId(9999, number);
      }
    } else {
      outcome.reason = absl::StrCat("reason_", ToText(state));
      outcome.detail = "what they said";
    }
    return outcome;
  }
  storage::OutcomeRecord RetryOf(const storage::TakenDelivery& taken,
                                 absl::Duration after) {
    storage::OutcomeRecord outcome =
        OutcomeOf(taken, storage::DeliveryState::kRetry);
    outcome.retry_time = now() + after;
    return outcome;
  }

  std::vector<storage::TakenDelivery> TakeBoth(int pair) {
    return Take({OpenId(1, pair), ClosedId(1, pair)}).taken;
  }

  // A broadcast of the entry, whose two sides end so.
  storage::OutcomeSummary Play(int operation, int pair,
                               storage::DeliveryState open,
                               storage::DeliveryState closed) {
    Insert({Broadcast(operation, 1, pair)});
    const auto taken = TakeBoth(pair);
    EXPECT_EQ(taken.size(), 2);
    return Record({OutcomeOf(taken[0], open), OutcomeOf(taken[1], closed)});
  }

  storage::Operation FindOperation(int operation) {
    return InRead([&](storage::Transaction& read) {
             return storage::FindOperation(read, storage::Scope::AllClients(),
                                           OperationId(operation));
           })
        .value();
  }
  storage::Delivery FindDelivery(const std::string& delivery_id) {
    return InRead([&](storage::Transaction& read) {
             return storage::FindDelivery(read, storage::Scope::AllClients(),
                                          delivery_id);
           })
        .value();
  }

  // One value of an entry's row.
  std::string OfEntry(int client, int pair, const std::string& column) {
    return raw().Text(absl::StrCat("SELECT COALESCE(CAST(", column,
                                   " AS TEXT), '-') FROM entries WHERE "
                                   "entry_id = '",
                                   EntryId(client, pair), "'"));
  }
  int64_t Events(const std::string& kind) {
    return raw().Number(
        absl::StrCat("SELECT count(*) FROM events WHERE kind = '", kind, "'"));
  }

  storage::LaneClaim claim_;
  storage::OutcomePolicy policy_;
  int next_message_ = 1;
};

}  // namespace broadcast::test

#endif  // BROADCASTD_TESTS_STORAGE_DELIVERY_FIXTURE_H_
