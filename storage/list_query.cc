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
  query.binds.emplace_back(
      name, query.owned.emplace_back(absl::StrCat("$.\"", condition.key,
                                                  "\"")));
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
  const std::string& name =
      query.owned.emplace_back(absl::StrCat("v", number));
  if (condition.field->type == FieldType::kTime) {
    query.binds.emplace_back(name, condition.number);
  } else {
    query.binds.emplace_back(name, condition.text);
  }
  return absl::StrCat(sql, symbol, ":", name);
}

// Where the page starts and where the conditions end it. Only the start can be
// the row after another page: one bound at each end, so that an index is
// entered where the page starts, however far from the first.
void AddRange(const ListPlan& plan, Conditions& conditions, ListQuery& query) {
  const absl::string_view column = plan.order->name;
  const bool down = plan.descending;
  if (plan.after.has_value()) {
    conditions.push_back(absl::StrCat("(", column, ", ", plan.listed->id, ")",
                                      down ? " < " : " > ",
                                      "(:after, :after_id)"));
    query.binds.emplace_back("after", plan.after->value);
    query.binds.emplace_back("after_id", plan.after->id);
  }
  const auto add = [&](bool start, const std::optional<int64_t>& bound,
                       absl::string_view symbol, absl::string_view name) {
    if (!bound.has_value() || (start && plan.after.has_value())) return;
    conditions.push_back(absl::StrCat(column, symbol, ":", name));
    query.binds.emplace_back(name, *bound);
  };
  add(!down, plan.least, " >= ", "least");
  add(down, plan.greatest, " <= ", "greatest");
}

// What follows FROM: the rows that a page may examine, all found by an index,
// in their order.
std::string Window(const ListPlan& plan, ListRoute route, ListQuery& query) {
  Conditions conditions;
  if (route == ListRoute::kClient) {
    conditions.emplace_back("client_id = :client_id");
    query.binds.emplace_back("client_id", *plan.client_id);
  }
  for (size_t i = 0; i < plan.conditions.size(); ++i) {
    const ListCondition& condition = plan.conditions[i];
    if (!condition.field->unique || condition.op != FilterOperator::kEqual) {
      continue;
    }
    const std::string& name = query.owned.emplace_back(absl::StrCat("u", i));
    conditions.push_back(absl::StrCat(condition.field->name, " = :", name));
    query.binds.emplace_back(name, condition.text);
  }
  AddRange(plan, conditions, query);
  const absl::string_view direction = plan.descending ? " DESC" : "";
  return absl::StrCat(plan.listed->table, Where(conditions), "ORDER BY ",
                      plan.order->name, direction, ", ", plan.listed->id,
                      direction, " ");
}

}  // namespace

ListQuery PageQuery(const ListPlan& plan, Backend backend, ListRoute route) {
  ListQuery query;
  Conditions conditions = {std::string(plan.listed->visible)};
  if (route == ListRoute::kOrder && plan.client_id.has_value()) {
    conditions.emplace_back("w.client_id = :client_id");
    query.binds.emplace_back("client_id", *plan.client_id);
  }
  for (size_t i = 0; i < plan.conditions.size(); ++i) {
    conditions.push_back(ConditionSql(plan.conditions[i], backend, i, query));
  }
  // Three steps, each reading no more of the one inside than it needs: at most
  // kExamined rows by index; of them the first that match; and only for those
  // the joins. Both databases hand the rows of a subquery on in its order.
  query.text = absl::StrCat(
      plan.listed->columns, "FROM (SELECT * FROM (SELECT * FROM ",
      Window(plan, route, query), "LIMIT :examined) w", Where(conditions),
      "LIMIT :wanted) ", plan.listed->joins);
  query.binds.emplace_back("examined", kExamined);
  query.binds.emplace_back("wanted", plan.page_size + 1);
  return query;
}

ListQuery LastExaminedQuery(const ListPlan& plan, ListRoute route) {
  ListQuery query;
  query.text = absl::StrCat("SELECT ", plan.order->name, ", ", plan.listed->id,
                            " FROM ", Window(plan, route, query),
                            "LIMIT 2 OFFSET :skipped");
  query.binds.emplace_back("skipped", kExamined - 1);
  return query;
}

ListQuery ClientRowsQuery(const ListPlan& plan) {
  ListQuery query;
  query.text = absl::StrCat("SELECT count(*) FROM (SELECT 1 FROM ",
                            plan.listed->table,
                            " WHERE client_id = :client_id LIMIT :most) n");
  query.binds.emplace_back("client_id", *plan.client_id);
  query.binds.emplace_back("most", kExamined + 1);
  return query;
}

}  // namespace broadcast::storage
