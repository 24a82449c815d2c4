// The SQL of one page of a list, made from its plan. Private to storage's list
// files and their tests. Pure; any thread.
#ifndef BROADCASTD_STORAGE_LIST_QUERY_H_
#define BROADCASTD_STORAGE_LIST_QUERY_H_

#include <deque>
#include <string>
#include <vector>

#include "storage/list_plan.h"
#include "storage/sql.h"

namespace broadcast::storage {

// How the rows of a page are come by. None examines more rows than a page may,
// whatever a planner takes the tables for.
enum class ListRoute {
  kKey,          // by an id: one row, or none
  kOrder,        // along the order's index; whose they are is checked for each
  kClientOrder,  // along the index over plan.client_id and the order
  kWithin,       // along the index over plan.within's first and the order
  kClientRows,  // all of plan.client_id, which are no more than a page examines
};

// A statement and what is bound to it. Refers to the plan it was made from.
struct ListQuery {
  std::string text;
  std::vector<Bind> binds;

  // Text that `binds` refer to; a deque does not move it.
  std::deque<std::string> owned;
};

// The rows of the page in any order, and one more if there is one.
ListQuery PageQuery(const ListPlan& plan, Backend backend, ListRoute route);

// Order's column and id of the last row that a page may examine, and of the
// one after it; less than two rows if there is none after it. Not for kKey
// and kClientRows, which leave none.
ListQuery LastExaminedQuery(const ListPlan& plan, Backend backend,
                            ListRoute route);

// How many rows plan.client_id has, counted no further than a page may
// examine and one more.
ListQuery ClientRowsQuery(const ListPlan& plan);

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_LIST_QUERY_H_
