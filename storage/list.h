// Lists of clients, channels, channel pairs, entries, audit events, operations,
// feeds, posts and messages: filtered, ordered, a page at a time. A list is
// planned first, which finds every bad input without the database; the plan is
// then run, in the same or another thread.
//
// A page costs the same wherever it stands in the list. It examines at most
// limits::kMaxRowsExaminedPerPage rows, so that it may be short or empty
// although more follow, which `next_page_token` tells. Rows that come or go
// between two pages make no other row appear twice or not at all.
#ifndef BROADCASTD_STORAGE_LIST_H_
#define BROADCASTD_STORAGE_LIST_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/delivery_records.h"
#include "storage/feed_records.h"
#include "storage/list_plan.h"
#include "storage/records.h"
#include "storage/scope.h"
#include "storage/transaction.h"

namespace broadcast::storage {

// As a List RPC is asked.
struct ListRequest {
  int64_t page_size = 0;
  std::string page_token;
  std::string filter;
  std::string order_by;
};

// Pure; any thread. Return INVALID_ARGUMENT: INVALID_FIELDS (page_size),
// INVALID_FILTER, INVALID_ORDER_BY, INVALID_PAGE_TOKEN (also for the token of
// another resource, filter, order or scope).
absl::StatusOr<ListPlan> PlanClientList(const ListRequest& request,
                                        const Scope& scope);
absl::StatusOr<ListPlan> PlanChannelList(const ListRequest& request,
                                         const Scope& scope);
absl::StatusOr<ListPlan> PlanPairList(const ListRequest& request,
                                      const Scope& scope);
absl::StatusOr<ListPlan> PlanEntryList(const ListRequest& request,
                                       const Scope& scope);
absl::StatusOr<ListPlan> PlanAuditEventList(const ListRequest& request,
                                            const Scope& scope);
absl::StatusOr<ListPlan> PlanOperationList(const ListRequest& request,
                                           const Scope& scope);
absl::StatusOr<ListPlan> PlanFeedList(const ListRequest& request,
                                      const Scope& scope);
// Of one feed. None of one that is deleted.
absl::StatusOr<ListPlan> PlanPostList(const ListRequest& request,
                                      const Scope& scope,
                                      const std::string& feed_id);
// Of one channel and one feed, or of all (empty).
absl::StatusOr<ListPlan> PlanMessageList(const ListRequest& request,
                                         const Scope& scope,
                                         const std::string& channel_id,
                                         const std::string& feed_id);

template <typename R>
struct Page {
  std::vector<R> rows;
  std::string next_page_token;  // empty at the end
};

// Run a plan of their resource, within one snapshot (ReadKind::kScan). What is
// of a client that is being deleted is not listed, but for its audit events.
// Errors of the database come as sql_error.h makes them.
absl::StatusOr<Page<Client>> ListClients(Transaction& transaction,
                                         const ListPlan& plan);
absl::StatusOr<Page<Channel>> ListChannels(Transaction& transaction,
                                           const ListPlan& plan);
absl::StatusOr<Page<PairWithEntry>> ListPairs(Transaction& transaction,
                                              const ListPlan& plan);
absl::StatusOr<Page<Entry>> ListEntries(Transaction& transaction,
                                        const ListPlan& plan);
absl::StatusOr<Page<AuditEvent>> ListAuditEvents(Transaction& transaction,
                                                 const ListPlan& plan);
absl::StatusOr<Page<Operation>> ListOperations(Transaction& transaction,
                                               const ListPlan& plan);
absl::StatusOr<Page<Feed>> ListFeeds(Transaction& transaction,
                                     const ListPlan& plan);
absl::StatusOr<Page<Post>> ListPosts(Transaction& transaction,
                                     const ListPlan& plan);
absl::StatusOr<Page<Message>> ListMessages(Transaction& transaction,
                                           const ListPlan& plan);

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_LIST_H_
