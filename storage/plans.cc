#include "storage/plans.h"

#include <tuple>
#include <utility>

namespace broadcast::storage {

template <>
struct Columns<Plan> {
  template <typename V>
  static void Visit(V& v, Plan& plan) {
    v(plan.operation_id);
    v(plan.channel_id);
    v(plan.client_id);
    v(plan.kind);
    v(plan.feed_id);
    v(plan.target_channel_id);
    v(plan.mode);
    v(plan.phase);
    v(plan.cursor_feed);
    v(plan.cursor_post);
    v(plan.as_of);
    v(plan.delete_old);
    v(plan.done);
    v(plan.next_time);
    v(plan.counts.open_posts);
    v(plan.counts.tracked);
    v(plan.counts.missing);
    v(plan.counts.orphaned);
    v(plan.counts.changed);
    v(plan.counts.undeletable);
    v(plan.counts.unknown);
    v(plan.counts.kept);
    v(plan.counts.tombstones);
    v(plan.create_time);
  }
};

template <>
struct Columns<UnfinishedPlan> {
  template <typename V>
  static void Visit(V& v, UnfinishedPlan& plan) {
    v(plan.channel_id);
    v(plan.operation_id);
  }
};

namespace {

const InsertInto kInsert(
    "plans", {{"operation_id", "uuid"}, {"channel_id", "uuid"},
              {"client_id", "uuid"},    {"kind", "text"},
              {"feed_id", "uuid"},      {"target_channel_id", "uuid"},
              {"mode", "text"},         {"phase", "text"},
              {"cursor_feed", "text"},  {"cursor_post", "text"},
              {"as_of", "bigint"},      {"delete_old", "bigint"},
              {"done", "bigint"},       {"next_time", "bigint"},
              {"open_posts", "bigint"}, {"tracked", "bigint"},
              {"missing", "bigint"},    {"orphaned", "bigint"},
              {"changed", "bigint"},    {"undeletable", "bigint"},
              {"unknown", "bigint"},    {"kept", "bigint"},
              {"tombstones", "bigint"}, {"create_time", "bigint"}});

#define SELECT_PLAN                                                       \
  "SELECT p.operation_id, p.channel_id, p.client_id, p.kind, p.feed_id, " \
  "p.target_channel_id, p.mode, p.phase, p.cursor_feed, p.cursor_post, "  \
  "p.as_of, p.delete_old, p.done, p.next_time, p.open_posts, p.tracked, " \
  "p.missing, p.orphaned, p.changed, p.undeletable, p.unknown, p.kept, "  \
  "p.tombstones, p.create_time FROM plans p "
#define WAITS                                                  \
  "WHERE p.done = 0 AND (SELECT c.delete_time FROM clients c " \
  "WHERE c.client_id = p.client_id) IS NULL "
#define IN_ORDER " ORDER BY p.next_time, p.operation_id, p.channel_id LIMIT 1"
#define SELECT_DUE SELECT_PLAN WAITS "AND p.next_time <= :now" IN_ORDER
constexpr Sql kLock{SELECT_DUE, SELECT_DUE " FOR UPDATE OF p SKIP LOCKED"};
#undef SELECT_DUE
constexpr Sql kNextTime{"SELECT p.next_time FROM plans p " WAITS IN_ORDER};
#undef IN_ORDER
#undef WAITS
constexpr Sql kRead{SELECT_PLAN
                    "WHERE p.operation_id = :operation_id "
                    "AND p.client_id = COALESCE(:scope, p.client_id) "
                    "ORDER BY p.channel_id"};
#undef SELECT_PLAN

constexpr Sql kStore{R"sql(
    UPDATE plans SET phase = :phase, cursor_feed = :cursor_feed,
      cursor_post = :cursor_post, done = :done, next_time = :next_time,
      open_posts = :open_posts, tracked = :tracked, missing = :missing,
      orphaned = :orphaned, changed = :changed, undeletable = :undeletable,
      unknown = :unknown, kept = :kept, tombstones = :tombstones
    WHERE operation_id = :operation_id AND channel_id = :channel_id)sql"};

constexpr Sql kCountWaiting{R"sql(
    SELECT count(*) FROM plans
    WHERE operation_id = :operation_id AND done = 0)sql"};

// Looked up from the channels, so that what is finished for long costs little.
#define UNFINISHED(column)                                             \
  "FROM plans p JOIN operations o ON o.operation_id = p.operation_id " \
  "WHERE p.kind IN ('sync', 'migrate') AND o.state <> 'finished' AND " \
  "p." column
const RowsSql kUnfinished(
    {{"channel_id", "uuid"}},
    "SELECT p.channel_id, p.operation_id " UNFINISHED("channel_id")
    " = :channel_id UNION SELECT p.target_channel_id, p.operation_id "
    UNFINISHED("target_channel_id") " = :channel_id",
    "SELECT p.channel_id, p.operation_id " UNFINISHED("channel_id")
    " = ANY(:channel_id::uuid[]) "
    "UNION SELECT p.target_channel_id, p.operation_id "
    UNFINISHED("target_channel_id") " = ANY(:channel_id::uuid[])");
#undef UNFINISHED

}  // namespace

absl::Status InsertPlans(Transaction& transaction, const Scope& scope,
                         absl::Span<const Plan> plans) {
  const absl::Time now = transaction.now();
  std::vector<ValueRow> rows;
  rows.reserve(plans.size());
  for (const Plan& plan : plans) {
    RETURN_IF_ERROR(scope.Admit(plan.client_id));
    const PlanCounts& counts = plan.counts;
    rows.push_back(
        {plan.operation_id, plan.channel_id,    plan.client_id,
         ToText(plan.kind), plan.feed_id,       plan.target_channel_id,
         ToText(plan.mode), plan.phase,         plan.cursor_feed,
         plan.cursor_post,  plan.as_of,         plan.delete_old ? 1 : 0,
         plan.done ? 1 : 0, plan.next_time,     counts.open_posts,
         counts.tracked,    counts.missing,     counts.orphaned,
         counts.changed,    counts.undeletable, counts.unknown,
         counts.kept,       counts.tombstones,  now});
  }
  return transaction.InsertRows(kInsert, rows).status();
}

absl::StatusOr<std::optional<Plan>> LockPlan(Transaction& transaction) {
  return transaction.QueryOne<Plan>(kLock, {{"now", transaction.now()}});
}

absl::Status StorePlan(Transaction& transaction, const Plan& plan) {
  const PlanCounts& counts = plan.counts;
  return transaction
      .Execute(kStore, {{"phase", plan.phase},
                        {"cursor_feed", plan.cursor_feed},
                        {"cursor_post", plan.cursor_post},
                        {"done", plan.done ? 1 : 0},
                        {"next_time", plan.next_time},
                        {"open_posts", counts.open_posts},
                        {"tracked", counts.tracked},
                        {"missing", counts.missing},
                        {"orphaned", counts.orphaned},
                        {"changed", counts.changed},
                        {"undeletable", counts.undeletable},
                        {"unknown", counts.unknown},
                        {"kept", counts.kept},
                        {"tombstones", counts.tombstones},
                        {"operation_id", plan.operation_id},
                        {"channel_id", plan.channel_id}})
      .status();
}

absl::StatusOr<std::optional<absl::Time>> NextPlanTime(
    Transaction& transaction) {
  ASSIGN_OR_RETURN(const auto next,
                   transaction.QueryOne<std::tuple<absl::Time>>(kNextTime, {}));
  if (!next.has_value()) return std::optional<absl::Time>();
  return std::optional<absl::Time>(std::get<0>(*next));
}

absl::StatusOr<std::vector<Plan>> ReadPlans(Transaction& transaction,
                                            const Scope& scope,
                                            const std::string& operation_id) {
  std::vector<Plan> plans;
  RETURN_IF_ERROR(transaction.Query<Plan>(
      kRead, {{"operation_id", operation_id}, {"scope", scope.client_id()}},
      [&](Plan plan) {
        plans.push_back(std::move(plan));
        return absl::OkStatus();
      }));
  return plans;
}

absl::StatusOr<int64_t> CountWaitingPlans(Transaction& transaction,
                                          const std::string& operation_id) {
  ASSIGN_OR_RETURN(const auto count,
                   transaction.QueryOne<std::tuple<int64_t>>(
                       kCountWaiting, {{"operation_id", operation_id}}));
  return std::get<0>(*count);
}

absl::StatusOr<std::vector<UnfinishedPlan>> UnfinishedPlans(
    Transaction& transaction, const std::vector<std::string>& channel_ids) {
  std::vector<ValueRow> rows;
  rows.reserve(channel_ids.size());
  for (const std::string& id : channel_ids) rows.push_back({id});
  std::vector<UnfinishedPlan> plans;
  RETURN_IF_ERROR(transaction.QueryRows<UnfinishedPlan>(
      kUnfinished, rows, {}, [&](UnfinishedPlan plan) {
        plans.push_back(std::move(plan));
        return absl::OkStatus();
      }));
  return plans;
}

}  // namespace broadcast::storage
