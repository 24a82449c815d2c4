#include "storage/integrity.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "base/status_macros.h"
#include "storage/delivery_integrity.h"
#include "storage/message_integrity.h"

namespace broadcast::storage {
namespace {

struct ClientFacts {
  std::string client_id;
  int64_t hidden = 0;
  int64_t pair_count = 0;
  int64_t pairs = 0;
  int64_t channels = 0;
  int64_t has_entry = 0;
};

struct EntryFacts {
  WalkCursor place;
  int64_t hidden = 0;
  int64_t misplaced = 0;
  int64_t miscounted = 0;
  int64_t misled = 0;
};

}  // namespace

template <>
struct Columns<ClientFacts> {
  template <typename V>
  static void Visit(V& v, ClientFacts& client) {
    v(client.client_id);
    v(client.hidden);
    v(client.pair_count);
    v(client.pairs);
    v(client.channels);
    v(client.has_entry);
  }
};

template <>
struct Columns<EntryFacts> {
  template <typename V>
  static void Visit(V& v, EntryFacts& entry) {
    v(entry.place.client_id);
    v(entry.place.create_time);
    v(entry.place.id);
    v(entry.hidden);
    v(entry.misplaced);
    v(entry.miscounted);
    v(entry.misled);
  }
};

namespace {

// The limits are written out, because PostgreSQL plans for the rows it knows
// of. Of clients fewer are taken at a time: all that they have is counted.
static_assert(limits::kMaxRowsExaminedPerPage == 1000);
constexpr int64_t kClientsAtOnce = 200;

// Ranges of one key, and the first of an order: asked for equality, PostgreSQL
// would read whole tables for clients without rows if its statistics say that
// few clients have them all.
constexpr Sql kClients{R"sql(
    SELECT c.client_id,
      CASE WHEN c.delete_time IS NULL THEN 0 ELSE 1 END,
      c.pair_count,
      CASE WHEN c.delete_time IS NULL THEN
        (SELECT count(*) FROM channel_pairs p
         WHERE p.client_id >= c.client_id AND p.client_id <= c.client_id)
      ELSE 0 END,
      CASE WHEN c.delete_time IS NULL THEN
        (SELECT count(*) FROM channels t
         WHERE t.client_id >= c.client_id AND t.client_id <= c.client_id)
      ELSE 0 END,
      CASE WHEN c.client_id =
        (SELECT e.client_id FROM entries e WHERE e.client_id >= c.client_id
         ORDER BY e.client_id LIMIT 1)
      THEN 1 ELSE 0 END
    FROM clients c
    WHERE c.client_id >= :client_id AND c.client_id <= :last_client_id
      AND (c.client_id > :client_id OR :inclusive = 1)
    ORDER BY c.client_id LIMIT 200)sql"};

constexpr Sql kEntries{R"sql(
    SELECT e.client_id, e.create_time, e.entry_id,
      CASE WHEN (SELECT c.delete_time FROM clients c
                 WHERE c.client_id = e.client_id) IS NULL THEN 0 ELSE 1 END,
      CASE WHEN p.client_id = e.client_id AND po.client_id = e.client_id
        AND pc.client_id = e.client_id THEN 0 ELSE 1 END,
      CASE WHEN e.broadcast_count
          = e.success_count + e.partial_count + e.failure_count
        AND e.consecutive_failure_count <= e.failure_count
      THEN 0 ELSE 1 END,
      CASE WHEN e.current_operation_id IS NULL
        THEN CASE WHEN e.last_outcome = 'sending' THEN 1 ELSE 0 END
        ELSE CASE WHEN o.entry_id = e.entry_id AND o.state <> 'finished'
          THEN 0 ELSE 1 END
      END
    FROM entries e
    LEFT JOIN channel_pairs p ON p.channel_pair_id = e.channel_pair_id
    LEFT JOIN channels po ON po.channel_id = p.open_channel_id
    LEFT JOIN channels pc ON pc.channel_id = p.closed_channel_id
    LEFT JOIN operations o ON o.operation_id = e.current_operation_id
    WHERE (e.client_id, e.create_time, e.entry_id)
        > (:client_id, :create_time, :id)
      AND e.client_id <= :last_client_id
    ORDER BY e.client_id, e.create_time, e.entry_id LIMIT 1000)sql"};

}  // namespace

// One step of one check.
class IntegrityWalk {
 public:
  IntegrityWalk(Transaction& transaction, const Scope& scope,
                IntegrityCheck check)
      : transaction_(transaction), scope_(scope), check_(std::move(check)) {}

  absl::StatusOr<IntegrityCheck> Step() {
    if (check_.stage_ == Stage::kStart) {
      report().check_time = transaction_.now();
      Enter(Stage::kClients);
    }
    switch (check_.stage_) {
      case Stage::kStart:
      case Stage::kClients:
        RETURN_IF_ERROR(Clients());
        break;
      case Stage::kPairs:
        RETURN_IF_ERROR(Pairs());
        break;
      case Stage::kEntries:
        RETURN_IF_ERROR(Entries());
        break;
      case Stage::kOperations:
        RETURN_IF_ERROR(Operations());
        break;
      case Stage::kQueues:
        RETURN_IF_ERROR(Queues());
        break;
      case Stage::kMessages:
        RETURN_IF_ERROR(Messages());
        break;
      case Stage::kDone:
        break;
    }
    return std::move(check_);
  }

 private:
  using Stage = IntegrityCheck::Stage;

  absl::Status Clients() {
    const WalkCursor from = check_.cursor_;
    const std::string last = LastClient(scope_);
    int64_t rows = 0;
    RETURN_IF_ERROR(transaction_.Query<ClientFacts>(
        kClients,
        {{"client_id", from.client_id},
         {"last_client_id", last},
         {"inclusive", from.create_time == WalkCursor::kBeforeAll ? 1 : 0}},
        [&](const ClientFacts& client) {
          ++rows;
          check_.cursor_ = {.client_id = client.client_id, .create_time = 0};
          if (client.hidden == 0) Judge(client);
          return absl::OkStatus();
        }));
    if (rows < kClientsAtOnce) Enter(Stage::kPairs);
    return absl::OkStatus();
  }

  void Judge(const ClientFacts& client) {
    ++report().clients;
    report().channels += client.channels;
    if (client.channels > 0 && client.has_entry == 0) {
      Found(FindingKind::kClientWithoutEntry, client.client_id);
    }
    if (client.pair_count != client.pairs) {
      Found(FindingKind::kClientCounterMismatch, client.client_id);
    }
  }

  absl::Status Pairs() {
    ASSIGN_OR_RETURN(const std::vector<WalkedPair> pairs,
                     WalkPairs(transaction_, scope_, check_.cursor_));
    for (const WalkedPair& pair : pairs) {
      if (pair.hidden) continue;
      ++report().channel_pairs;
      if (!pair.has_entry) {
        Found(FindingKind::kPairWithoutEntry, pair.place.id);
      }
    }
    if (!pairs.empty()) check_.cursor_ = pairs.back().place;
    if (pairs.size() < limits::kMaxRowsExaminedPerPage) Enter(Stage::kEntries);
    return absl::OkStatus();
  }

  absl::Status Entries() {
    const WalkCursor from = check_.cursor_;
    const std::string last = LastClient(scope_);
    int64_t rows = 0;
    RETURN_IF_ERROR(
        transaction_.Query<EntryFacts>(kEntries,
                                       {{"client_id", from.client_id},
                                        {"create_time", from.create_time},
                                        {"id", from.id},
                                        {"last_client_id", last}},
                                       [&](const EntryFacts& entry) {
                                         ++rows;
                                         check_.cursor_ = entry.place;
                                         if (entry.hidden == 0) Judge(entry);
                                         return absl::OkStatus();
                                       }));
    if (rows < limits::kMaxRowsExaminedPerPage) Enter(Stage::kOperations);
    return absl::OkStatus();
  }

  void Judge(const EntryFacts& entry) {
    ++report().entries;
    if (entry.misplaced != 0) {
      Found(FindingKind::kEntryWithoutPair, entry.place.id);
    }
    if (entry.miscounted != 0) {
      Found(FindingKind::kEntryCounterMismatch, entry.place.id);
    }
    if (entry.misled != 0) {
      Found(FindingKind::kEntryOperationMismatch, entry.place.id);
    }
  }

  absl::Status Operations() {
    ASSIGN_OR_RETURN(const std::vector<WalkedOperation> operations,
                     WalkOperations(transaction_, scope_, check_.cursor_));
    for (const WalkedOperation& operation : operations) {
      if (!operation.hidden) RETURN_IF_ERROR(Judge(operation));
    }
    if (!operations.empty()) check_.cursor_ = operations.back().place;
    if (operations.size() < kOperationsAtOnce) Enter(Stage::kQueues);
    return absl::OkStatus();
  }

  absl::Status Judge(const WalkedOperation& operation) {
    const std::string& id = operation.place.id;
    ++report().operations;
    report().deliveries += operation.deliveries;
    if (operation.miscounted) {
      Found(FindingKind::kOperationCounterMismatch, id);
    }
    if (operation.astray > 0) {
      ASSIGN_OR_RETURN(const auto deliveries, FindAstray(transaction_, id));
      for (const std::string& delivery_id : deliveries) {
        Found(FindingKind::kDeliveryStateMismatch, delivery_id);
      }
    }
    if (operation.unqueued > 0) {
      ASSIGN_OR_RETURN(const auto channels, FindUnqueued(transaction_, id));
      for (const std::string& channel_id : channels) {
        Found(FindingKind::kChannelQueueMismatch, channel_id);
      }
    }
    return absl::OkStatus();
  }

  absl::Status Queues() {
    ASSIGN_OR_RETURN(const std::vector<WalkedQueue> queues,
                     WalkQueues(transaction_, check_.cursor_.id));
    for (const WalkedQueue& queue : queues) {
      if (!queue.wrong || queue.hidden) continue;
      if (!scope_.Contains(queue.client_id)) continue;
      Found(FindingKind::kChannelQueueMismatch, queue.channel_id);
    }
    if (!queues.empty()) check_.cursor_.id = queues.back().channel_id;
    if (queues.size() < limits::kMaxRowsExaminedPerPage) {
      Enter(Stage::kMessages);
    }
    return absl::OkStatus();
  }

  absl::Status Messages() {
    ASSIGN_OR_RETURN(const std::vector<WalkedMessage> messages,
                     WalkMessages(transaction_, scope_,
                                  check_.cursor_.client_id, check_.cursor_.id));
    for (const WalkedMessage& message : messages) {
      if (!message.wrong || message.hidden) continue;
      Found(FindingKind::kMessageStateMismatch, message.message_id);
    }
    if (!messages.empty()) {
      check_.cursor_.client_id = messages.back().client_id;
      check_.cursor_.id = messages.back().message_id;
    }
    if (messages.size() < limits::kMaxRowsExaminedPerPage) Enter(Stage::kDone);
    return absl::OkStatus();
  }

  // The walk is by client, the samples are the first by their own id.
  void Found(FindingKind kind, const std::string& id) {
    IntegrityFinding& finding = report()[kind];
    ++finding.count;
    finding.sample_ids.insert(id);
    if (finding.sample_ids.size() > limits::kMaxSampleIds) {
      finding.sample_ids.erase(std::prev(finding.sample_ids.end()));
    }
  }

  void Enter(Stage stage) {
    check_.stage_ = stage;
    check_.cursor_ = WalkCursor::At(scope_);
  }

  IntegrityReport& report() { return check_.report_; }

  Transaction& transaction_;
  const Scope& scope_;
  IntegrityCheck check_;
};

bool IntegrityReport::clean() const {
  return std::all_of(
      findings.begin(), findings.end(),
      [](const IntegrityFinding& finding) { return finding.count == 0; });
}

absl::StatusOr<IntegrityCheck> IntegrityStep(Transaction& transaction,
                                             const Scope& scope,
                                             IntegrityCheck check) {
  return IntegrityWalk(transaction, scope, std::move(check)).Step();
}

}  // namespace broadcast::storage
