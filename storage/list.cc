#include "storage/list.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/errors.h"
#include "base/limits.h"
#include "base/status_macros.h"
#include "storage/columns.h"
#include "storage/feed_columns.h"
#include "storage/list_query.h"
#include "storage/operation_columns.h"

namespace broadcast::storage {

namespace {

PageKey KeyOf(const Client& client, OrderColumn) {
  return {absl::ToUnixMicros(client.create_time), client.client_id};
}

PageKey KeyOf(const Channel& channel, OrderColumn) {
  return {absl::ToUnixMicros(channel.create_time), channel.channel_id};
}

PageKey KeyOf(const PairWithEntry& pair, OrderColumn) {
  return {absl::ToUnixMicros(pair.channel_pair.create_time),
          pair.channel_pair.channel_pair_id};
}

PageKey KeyOf(const Entry& entry, OrderColumn column) {
  const bool by_send_time = column == OrderColumn::kNextSendTime;
  return {absl::ToUnixMicros(by_send_time ? entry.next_send_time
                                          : entry.create_time),
          entry.entry_id};
}

PageKey KeyOf(const AuditEvent& event, OrderColumn) {
  return {absl::ToUnixMicros(event.create_time), event.audit_event_id};
}

PageKey KeyOf(const Operation& operation, OrderColumn) {
  return {absl::ToUnixMicros(operation.create_time), operation.operation_id};
}

PageKey KeyOf(const Feed& feed, OrderColumn) {
  return {absl::ToUnixMicros(feed.create_time), feed.feed_id};
}

PageKey KeyOf(const Post& post, OrderColumn) {
  return {absl::ToUnixMicros(post.create_time), post.post_id};
}

PageKey KeyOf(const Message& message, OrderColumn) {
  return {0, message.message_id};
}

std::string TokenAfter(const ListPlan& plan, PageKey last) {
  return EncodePageToken({.resource = plan.listed->resource,
                          .order = plan.order->column,
                          .descending = plan.descending,
                          .binding = plan.binding,
                          .last = std::move(last)});
}

// How many rows plan.client_id has, or more than a page may examine.
absl::StatusOr<int64_t> CountClientRows(Transaction& transaction,
                                        const ListPlan& plan) {
  using Found = std::tuple<int64_t>;
  const ListQuery query = ClientRowsQuery(plan);
  int64_t rows = 0;
  RETURN_IF_ERROR(
      transaction.QueryText<Found>(query.text, query.binds, [&](Found row) {
        rows = std::get<0>(row);
        return absl::OkStatus();
      }));
  return rows;
}

bool FindsOneRow(const ListPlan& plan) {
  const bool one_client =
      plan.listed->resource == Resource::kClient && plan.client_id.has_value();
  return one_client ||
         std::any_of(plan.conditions.begin(), plan.conditions.end(),
                     [](const ListCondition& c) { return c.IsKey(); });
}

absl::StatusOr<ListRoute> RouteOf(Transaction& transaction,
                                  const ListPlan& plan) {
  if (FindsOneRow(plan)) return ListRoute::kKey;
  if (!plan.within.empty()) return ListRoute::kWithin;
  if (!plan.client_id.has_value()) return ListRoute::kOrder;
  const ListRoute many =
      plan.order->by_client ? ListRoute::kClientOrder : ListRoute::kOrder;
  // PostgreSQL finds few rows best if it knows that they are few.
  const bool same = transaction.backend() == Backend::kSqlite &&
                    many == ListRoute::kClientOrder;
  if (same) return many;
  ASSIGN_OR_RETURN(const int64_t rows, CountClientRows(transaction, plan));
  return rows <= limits::kMaxRowsExaminedPerPage ? ListRoute::kClientRows
                                                 : many;
}

// The last row that the page examined; nothing if no row follows it.
absl::StatusOr<std::optional<PageKey>> LastExamined(Transaction& transaction,
                                                    const ListPlan& plan,
                                                    ListRoute route) {
  using Found = std::tuple<int64_t, std::string>;
  if (route == ListRoute::kKey || route == ListRoute::kClientRows) {
    return std::optional<PageKey>();
  }
  const ListQuery query = LastExaminedQuery(plan, transaction.backend(), route);
  std::vector<PageKey> keys;
  RETURN_IF_ERROR(
      transaction.QueryText<Found>(query.text, query.binds, [&](Found row) {
        keys.push_back({std::get<0>(row), std::move(std::get<1>(row))});
        return absl::OkStatus();
      }));
  if (keys.size() < 2) return std::optional<PageKey>();
  return std::optional<PageKey>(std::move(keys[0]));
}

// The joins of a page's rows may have changed their order.
template <typename R>
void Sort(const ListPlan& plan, std::vector<R>& rows) {
  const auto before = [&](const R& a, const R& b) {
    const PageKey x = KeyOf(a, plan.order->column);
    const PageKey y = KeyOf(b, plan.order->column);
    return plan.descending ? y < x : x < y;
  };
  if (std::is_sorted(rows.begin(), rows.end(), before)) return;
  std::sort(rows.begin(), rows.end(), before);
}

template <typename R>
absl::StatusOr<Page<R>> List(Transaction& transaction, const Listed& listed,
                             const ListPlan& plan) {
  if (plan.listed != &listed) return error::Internal();
  ASSIGN_OR_RETURN(const ListRoute route, RouteOf(transaction, plan));
  const ListQuery query = PageQuery(plan, transaction.backend(), route);
  Page<R> page;
  RETURN_IF_ERROR(transaction.QueryText<R>(query.text, query.binds, [&](R row) {
    page.rows.push_back(std::move(row));
    return absl::OkStatus();
  }));
  Sort(plan, page.rows);
  if (static_cast<int64_t>(page.rows.size()) > plan.page_size) {
    page.rows.pop_back();
    page.next_page_token =
        TokenAfter(plan, KeyOf(page.rows.back(), plan.order->column));
    return page;
  }
  ASSIGN_OR_RETURN(auto last, LastExamined(transaction, plan, route));
  if (last.has_value()) {
    page.next_page_token = TokenAfter(plan, *std::move(last));
  }
  return page;
}

}  // namespace

absl::StatusOr<Page<Client>> ListClients(Transaction& transaction,
                                         const ListPlan& plan) {
  return List<Client>(transaction, ListedClients(), plan);
}

absl::StatusOr<Page<Channel>> ListChannels(Transaction& transaction,
                                           const ListPlan& plan) {
  return List<Channel>(transaction, ListedChannels(), plan);
}

absl::StatusOr<Page<PairWithEntry>> ListPairs(Transaction& transaction,
                                              const ListPlan& plan) {
  return List<PairWithEntry>(transaction, ListedPairs(), plan);
}

absl::StatusOr<Page<Entry>> ListEntries(Transaction& transaction,
                                        const ListPlan& plan) {
  return List<Entry>(transaction, ListedEntries(), plan);
}

absl::StatusOr<Page<AuditEvent>> ListAuditEvents(Transaction& transaction,
                                                 const ListPlan& plan) {
  return List<AuditEvent>(transaction, ListedAuditEvents(), plan);
}

absl::StatusOr<Page<Operation>> ListOperations(Transaction& transaction,
                                               const ListPlan& plan) {
  return List<Operation>(transaction, ListedOperations(), plan);
}

absl::StatusOr<Page<Feed>> ListFeeds(Transaction& transaction,
                                     const ListPlan& plan) {
  return List<Feed>(transaction, ListedFeeds(), plan);
}

absl::StatusOr<Page<Post>> ListPosts(Transaction& transaction,
                                     const ListPlan& plan) {
  return List<Post>(transaction, ListedPosts(), plan);
}

absl::StatusOr<Page<Message>> ListMessages(Transaction& transaction,
                                           const ListPlan& plan) {
  return List<Message>(transaction, ListedMessages(), plan);
}

}  // namespace broadcast::storage
