#include "storage/list_query.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/limits.h"

namespace broadcast::storage {
namespace {

using Conditions = std::vector<std::string>;

constexpr int64_t kExamined = limits::kMaxRowsExaminedPerPage;

absl::string_view Symbol(FilterOperator op) {
  switch (op) {
    case FilterOperator::kEqual:
      return " = ";
    case FilterOperator::kNotEqual:
      return " <> ";
    case FilterOperator::kLess:
      return " < ";
    case FilterOperator::kLessOrEqual:
      return " <= ";
    case FilterOperator::kGreater:
      return " > ";
    case FilterOperator::kGreaterOrEqual:
      return " >= ";
    case FilterOperator::kPresent:
      break;
  }
  return " IS NOT NULL";
}

std::string Where(const Conditions& conditions) {
  if (conditions.empty()) return " ";
  return absl::StrCat(" WHERE ", absl::StrJoin(conditions, " AND "), " ");
}

// A label's value. The one place where the backends differ in JSON.
std::string LabelSql(const ListCondition& condition, Backend backend,
                     const std::string& name, ListQuery& query) {
  if (backend == Backend::kPostgres) {
    query.binds.emplace_back(name, condition.key);
    return absl::StrCat("(", condition.field->sql, "::jsonb ->> :", name,
                        "::text)");
  }
  // A key holds no quotes.
  query.binds.emplace_back(name, query.owned.emplace_back(absl::StrCat(
                                     "$.\"", condition.key, "\"")));
  return absl::StrCat("json_extract(", condition.field->sql, ", :", name, ")");
}

std::string ConditionSql(const ListCondition& condition, Backend backend,
                         size_t number, ListQuery& query) {
  const std::string& key = query.owned.emplace_back(absl::StrCat("k", number));
  const std::string sql = condition.field->type == FieldType::kLabel
                              ? LabelSql(condition, backend, key, query)
                              : std::string(condition.field->sql);
  if (condition.field->type == FieldType::kTruth) {
    if (condition.op == FilterOperator::kPresent) return "TRUE";
    const bool wanted =
        (condition.number != 0) == (condition.op == FilterOperator::kEqual);
    return absl::StrCat(sql, wanted ? " IS NOT NULL" : " IS NULL");
  }
  const absl::string_view symbol = Symbol(condition.op);
  if (condition.op == FilterOperator::kPresent) {
    return absl::StrCat(sql, symbol);
  }
  const std::string& name = query.owned.emplace_back(absl::StrCat("v", number));
  if (condition.field->type == FieldType::kTime) {
    query.binds.emplace_back(name, condition.number);
  } else {
    query.binds.emplace_back(name, condition.text);
  }
  return absl::StrCat(sql, symbol, ":", name);
}

// Columns of an index and the parameters that they are compared with.
using Place = std::vector<std::pair<absl::string_view, absl::string_view>>;

// "(create_time, entry_id) > (:after, :after_id)".
std::string Compare(const Place& place, absl::string_view symbol) {
  const auto column = [](std::string* out, const auto& part) {
    absl::StrAppend(out, part.first);
  };
  const auto parameter = [](std::string* out, const auto& part) {
    absl::StrAppend(out, ":", part.second);
  };
  return absl::StrCat("(", absl::StrJoin(place, ", ", column), ")", symbol, "(",
                      absl::StrJoin(place, ", ", parameter), ")");
}

// Where the page starts and where the plan ends it, each as one comparison
// with the index, which begins with the columns of `client`: so it is entered
// where the page starts, however far from the first.
void AddRange(const ListPlan& plan, const Place& client, Conditions& conditions,
              ListQuery& query) {
  const auto add = [&](bool lower, const std::optional<int64_t>& bound,
                       absl::string_view name) {
    const bool start = lower != plan.descending;
    Place place = client;
    bool inclusive = true;
    if (start && plan.after.has_value()) {
      if (plan.order->column != OrderColumn::kId) {
        place.emplace_back(plan.order->name, "after");
        query.binds.emplace_back("after", plan.after->value);
      }
      place.emplace_back(plan.listed->id, "after_id");
      query.binds.emplace_back("after_id", plan.after->id);
      inclusive = false;
    } else if (bound.has_value()) {
      place.emplace_back(plan.order->name, name);
      query.binds.emplace_back(name, *bound);
    }
    if (place.empty()) return;
    conditions.push_back(Compare(place, lower ? (inclusive ? " >= " : " > ")
                                              : (inclusive ? " <= " : " < ")));
  };
  add(true, plan.least, "least");
  add(false, plan.greatest, "greatest");
}

void AddKeys(const ListPlan& plan, Conditions& conditions, ListQuery& query) {
  for (size_t i = 0; i < plan.conditions.size(); ++i) {
    const ListCondition& condition = plan.conditions[i];
    if (!condition.IsKey()) continue;
    const std::string& name = query.owned.emplace_back(absl::StrCat("u", i));
    conditions.push_back(absl::StrCat(condition.field->name, " = :", name));
    query.binds.emplace_back(name, condition.text);
  }
}

std::string OrderBy(const ListPlan& plan, const Place& client) {
  std::vector<std::string> columns;
  const auto add = [&](absl::string_view column) {
    columns.push_back(absl::StrCat(column, plan.descending ? " DESC" : ""));
  };
  for (const auto& [column, parameter] : client) add(column);
  if (plan.order->column != OrderColumn::kId) add(plan.order->name);
  add(plan.listed->id);
  return absl::StrCat("ORDER BY ", absl::StrJoin(columns, ", "), " ");
}

// What follows FROM: the rows that a page may examine, in their order.
std::string Window(const ListPlan& plan, Backend backend, ListRoute route,
                   ListQuery& query) {
  std::string table(plan.listed->table);
  Conditions conditions;
  Place client;
  const bool one_client = route != ListRoute::kOrder &&
                          route != ListRoute::kWithin &&
                          plan.client_id.has_value();
  if (one_client) query.binds.emplace_back("client_id", *plan.client_id);
  if (route == ListRoute::kClientOrder && backend == Backend::kPostgres) {
    // Told that client_id is one value, PostgreSQL might walk the index over
    // the order alone, past any number of other clients' rows.
    client = {{"client_id", "client_id"}};
  } else if (route == ListRoute::kWithin) {
    const ListPlace& place = plan.within.front();
    query.binds.emplace_back("within0", place.value);
    if (backend == Backend::kPostgres) {
      client = {{place.column, "within0"}};  // likewise
    } else {
      conditions.push_back(absl::StrCat(place.column, " = :within0"));
    }
  } else if (route == ListRoute::kClientRows && !plan.order->by_client) {
    // Likewise; and the limit, which cuts nothing, keeps a planner from
    // looking into the subquery.
    table =
        absl::StrCat("(SELECT * FROM ", table,
                     " WHERE client_id = :client_id LIMIT :examined) ", table);
  } else if (one_client) {
    conditions.emplace_back("client_id = :client_id");
  }
  if (route == ListRoute::kKey) AddKeys(plan, conditions, query);
  AddRange(plan, client, conditions, query);
  return absl::StrCat(table, Where(conditions), OrderBy(plan, client));
}

}  // namespace

ListQuery PageQuery(const ListPlan& plan, Backend backend, ListRoute route) {
  ListQuery query;
  Conditions conditions = {std::string(plan.listed->visible)};
  const bool any_client =
      route == ListRoute::kOrder || route == ListRoute::kWithin;
  if (any_client && plan.client_id.has_value()) {
    conditions.emplace_back("w.client_id = :client_id");
    query.binds.emplace_back("client_id", *plan.client_id);
  }
  for (size_t i = route == ListRoute::kWithin ? 1 : 0; i < plan.within.size();
       ++i) {
    const std::string& name =
        query.owned.emplace_back(absl::StrCat("within", i));
    conditions.push_back(
        absl::StrCat("w.", plan.within[i].column, " = :", name));
    query.binds.emplace_back(name, plan.within[i].value);
  }
  for (size_t i = 0; i < plan.conditions.size(); ++i) {
    conditions.push_back(ConditionSql(plan.conditions[i], backend, i, query));
  }
  // Three steps, each reading no more of the one inside than it needs: at most
  // kExamined rows by index; of them the first that match; and only for those
  // the joins. Both databases hand the rows of a subquery on in its order.
  query.text =
      absl::StrCat(plan.listed->columns, "FROM (SELECT * FROM (SELECT * FROM ",
                   Window(plan, backend, route, query), "LIMIT :examined) w",
                   Where(conditions), "LIMIT :wanted) ", plan.listed->joins);
  query.binds.emplace_back("examined", kExamined);
  query.binds.emplace_back("wanted", plan.page_size + 1);
  return query;
}

ListQuery LastExaminedQuery(const ListPlan& plan, Backend backend,
                            ListRoute route) {
  ListQuery query;
  const bool by_id = plan.order->column == OrderColumn::kId;
  query.text = absl::StrCat(
      "SELECT ", by_id ? "0" : plan.order->name, ", ", plan.listed->id,
      " FROM ", Window(plan, backend, route, query), "LIMIT 2 OFFSET :skipped");
  query.binds.emplace_back("skipped", kExamined - 1);
  return query;
}

ListQuery ClientRowsQuery(const ListPlan& plan) {
  ListQuery query;
  query.text =
      absl::StrCat("SELECT count(*) FROM (SELECT 1 FROM ", plan.listed->table,
                   " WHERE client_id = :client_id LIMIT :most) n");
  query.binds.emplace_back("client_id", *plan.client_id);
  query.binds.emplace_back("most", kExamined + 1);
  return query;
}

}  // namespace broadcast::storage
