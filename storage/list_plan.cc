#include "storage/list_plan.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/errors.h"
#include "base/limits.h"
#include "base/status_macros.h"
#include "storage/list.h"

namespace broadcast::storage {
namespace {

absl::Status PlanPageSize(int64_t page_size, ListPlan& plan) {
  if (page_size < 0) {
    return error::InvalidFields(
        {{.field = "page_size",
          .description = absl::StrCat("must be 0, for the default, or 1 to ",
                                      limits::kMaxPageSize)}});
  }
  plan.page_size = page_size == 0
                       ? limits::kDefaultPageSize
                       : std::min<int64_t>(page_size, limits::kMaxPageSize);
  return absl::OkStatus();
}

absl::Status PlanOrder(absl::string_view order_by, ListPlan& plan) {
  const std::vector<absl::string_view> words =
      absl::StrSplit(order_by, ' ', absl::SkipEmpty());
  plan.descending = words.size() == 2 && words[1] == "desc";
  if (words.empty()) {
    plan.order = &plan.listed->orders[0];
    return absl::OkStatus();
  }
  if (words.size() == 1 || plan.descending) {
    for (const ListOrder& order : plan.listed->orders) {
      if (order.name != words[0]) continue;
      plan.order = &order;
      return absl::OkStatus();
    }
  }
  return error::InvalidOrderBy(
      absl::StrCat("expected ",
                   absl::StrJoin(plan.listed->orders, " or ",
                                 [](std::string* out, const ListOrder& order) {
                                   absl::StrAppend(out, order.name);
                                 }),
                   ", with \" desc\" after it to have the latest first"));
}

// Narrows the range of the order's column to what `condition` leaves of it.
void Narrow(const ListCondition& condition, ListPlan& plan) {
  const int64_t value = condition.number;
  const auto at_least = [&](int64_t bound) {
    plan.least = std::max(plan.least.value_or(bound), bound);
  };
  const auto at_most = [&](int64_t bound) {
    plan.greatest = std::min(plan.greatest.value_or(bound), bound);
  };
  switch (condition.op) {
    case FilterOperator::kEqual:
      at_least(value);
      at_most(value);
      break;
    case FilterOperator::kLess:
      at_most(value - 1);
      break;
    case FilterOperator::kLessOrEqual:
      at_most(value);
      break;
    case FilterOperator::kGreater:
      at_least(value + 1);
      break;
    case FilterOperator::kGreaterOrEqual:
      at_least(value);
      break;
    case FilterOperator::kNotEqual:
    case FilterOperator::kPresent:
      break;
  }
}

// Needs the order.
absl::Status PlanConditions(absl::string_view filter, ListPlan& plan) {
  ASSIGN_OR_RETURN(const auto parsed, ParseFilter(filter));
  for (const FilterCondition& from : parsed) {
    ASSIGN_OR_RETURN(ListCondition condition,
                     ResolveCondition(*plan.listed, from));
    const absl::string_view name = condition.field->name;
    if (name == plan.order->name && condition.field->type == FieldType::kTime) {
      Narrow(condition, plan);
    }
    if (name == "client_id" && condition.op == FilterOperator::kEqual &&
        !plan.client_id.has_value()) {
      plan.client_id = condition.text;
    }
    plan.conditions.push_back(std::move(condition));
  }
  return absl::OkStatus();
}

absl::Status PlanStart(absl::string_view page_token, ListPlan& plan) {
  if (page_token.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(PageToken token, DecodePageToken(page_token));
  if (token.resource != plan.listed->resource) {
    return error::InvalidPageToken(
        "it belongs to a list of another resource; start again without it");
  }
  if (token.order != plan.order->column ||
      token.descending != plan.descending || token.binding != plan.binding) {
    return error::InvalidPageToken(
        "it belongs to another filter, order_by or caller, and only page_size "
        "may change between pages; start again without it");
  }
  plan.after = std::move(token.last);
  return absl::OkStatus();
}

absl::StatusOr<ListPlan> MakePlan(const Listed& listed,
                                  const ListRequest& request,
                                  const Scope& scope,
                                  std::vector<ListPlace> within = {}) {
  ListPlan plan{.listed = &listed,
                .client_id = scope.client_id(),
                .within = std::move(within)};
  RETURN_IF_ERROR(PlanPageSize(request.page_size, plan));
  RETURN_IF_ERROR(PlanOrder(request.order_by, plan));
  RETURN_IF_ERROR(PlanConditions(request.filter, plan));
  const std::string key = scope.Key();
  std::vector<absl::string_view> parts = {listed.table, plan.order->name,
                                          plan.descending ? "desc" : "",
                                          request.filter, key};
  for (const ListPlace& place : plan.within) {
    parts.emplace_back(place.column);
    parts.emplace_back(place.value);
  }
  plan.binding = BindingOf(parts);
  RETURN_IF_ERROR(PlanStart(request.page_token, plan));
  return plan;
}

}  // namespace

absl::StatusOr<ListPlan> PlanClientList(const ListRequest& request,
                                        const Scope& scope) {
  return MakePlan(ListedClients(), request, scope);
}

absl::StatusOr<ListPlan> PlanChannelList(const ListRequest& request,
                                         const Scope& scope) {
  return MakePlan(ListedChannels(), request, scope);
}

absl::StatusOr<ListPlan> PlanPairList(const ListRequest& request,
                                      const Scope& scope) {
  return MakePlan(ListedPairs(), request, scope);
}

absl::StatusOr<ListPlan> PlanEntryList(const ListRequest& request,
                                       const Scope& scope) {
  return MakePlan(ListedEntries(), request, scope);
}

absl::StatusOr<ListPlan> PlanAuditEventList(const ListRequest& request,
                                            const Scope& scope) {
  return MakePlan(ListedAuditEvents(), request, scope);
}

absl::StatusOr<ListPlan> PlanOperationList(const ListRequest& request,
                                           const Scope& scope) {
  return MakePlan(ListedOperations(), request, scope);
}

absl::StatusOr<ListPlan> PlanFeedList(const ListRequest& request,
                                      const Scope& scope) {
  return MakePlan(ListedFeeds(), request, scope);
}

absl::StatusOr<ListPlan> PlanPostList(const ListRequest& request,
                                      const Scope& scope,
                                      const std::string& feed_id) {
  return MakePlan(ListedPosts(), request, scope, {{"feed_id", feed_id}});
}

absl::StatusOr<ListPlan> PlanMessageList(const ListRequest& request,
                                         const Scope& scope,
                                         const std::string& channel_id,
                                         const std::string& feed_id) {
  // A channel has few feeds, and a feed may have many channels.
  std::vector<ListPlace> within;
  if (!channel_id.empty()) within.push_back({"channel_id", channel_id});
  if (!feed_id.empty()) within.push_back({"feed_id", feed_id});
  return MakePlan(ListedMessages(), request, scope, std::move(within));
}

}  // namespace broadcast::storage
