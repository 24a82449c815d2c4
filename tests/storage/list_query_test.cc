// How the databases run lists: by index, in its order, wherever a page starts.
#include "storage/list_query.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "list_fixture.h"

namespace broadcast::storage {
namespace {

using test::Must;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// The tables are small: without these PostgreSQL would read them whole. What
// is left if an index cannot serve the order is a sort.
constexpr Sql kNoSeqScan{"SET LOCAL enable_seqscan = off"};
constexpr Sql kNoBitmapScan{"SET LOCAL enable_bitmapscan = off"};
constexpr Sql kNoSort{"SET LOCAL enable_sort = off"};
constexpr Sql kNoPartSort{"SET LOCAL enable_incremental_sort = off"};

struct Case {
  std::string name;
  ListPlan plan;
};

class ListQueryTest : public ListFixture {
 protected:
  std::string Explain(const ListQuery& query) {
    std::vector<std::string> lines;
    Must(Read([&](Transaction& transaction) -> absl::Status {
      if (!sqlite()) {
        for (const Sql* sql :
             {&kNoSeqScan, &kNoBitmapScan, &kNoSort, &kNoPartSort}) {
          RETURN_IF_ERROR(transaction.Execute(*sql).status());
        }
        return transaction.QueryText<std::tuple<std::string>>(
            absl::StrCat("EXPLAIN ", query.text), query.binds, [&](auto row) {
              lines.push_back(std::get<0>(row));
              return absl::OkStatus();
            });
      }
      using Step = std::tuple<int64_t, int64_t, int64_t, std::string>;
      return transaction.QueryText<Step>(
          absl::StrCat("EXPLAIN QUERY PLAN ", query.text), query.binds,
          [&](Step row) {
            lines.push_back(std::get<3>(row));
            return absl::OkStatus();
          });
    }));
    return absl::StrJoin(lines, "\n");
  }

  // No table is read whole, nothing is sorted. An index that is scanned for
  // its order is cut by LIMIT.
  auto IsByIndex(const Listed& listed) {
    if (!sqlite()) return ByIndexOnPostgres();
    return ByIndexOnSqlite(listed);
  }

  testing::Matcher<std::string> ByIndexOnPostgres() {
    return AllOf(Not(HasSubstr("Seq Scan")), Not(HasSubstr("Sort")),
                 Not(HasSubstr("Hash")), HasSubstr("Index"));
  }

  testing::Matcher<std::string> ByIndexOnSqlite(const Listed& listed) {
    return testing::Truly([table = std::string(listed.table)](
                              const std::string& plan) {
      for (absl::string_view line : absl::StrSplit(plan, '\n')) {
        if (absl::StrContains(line, "TEMP B-TREE") ||
            absl::StrContains(line, "AUTOMATIC")) {
          return false;
        }
        const bool scan = absl::StartsWith(line, "SCAN ");
        // The page itself, by its alias, and the order's index.
        const bool of_page = absl::StrContains(line, "SCAN (subquery") ||
                             line.size() == std::string("SCAN w").size();
        const bool of_index = absl::StartsWith(
            line, absl::StrCat("SCAN ", table, " USING INDEX ", table, "_by_"));
        const bool of_covering = absl::StartsWith(
            line, absl::StrCat("SCAN ", table, " USING COVERING INDEX ", table,
                               "_by_"));
        // The primary key of this one begins with its order.
        const bool of_key = line == "SCAN audit_events";
        if (scan && !of_page && !of_index && !of_covering && !of_key) {
          return false;
        }
      }
      return true;
    });
  }

  // Every order of every resource, first page and later page.
  static std::vector<Case> Cases(const Scope& scope,
                                 const std::string& filter) {
    std::vector<Case> cases;
    for (const auto& plan_list :
         {PlanClientList, PlanChannelList, PlanPairList, PlanEntryList,
          PlanAuditEventList, PlanOperationList, PlanFeedList}) {
      const Listed& listed = *Must(plan_list({}, scope)).listed;
      for (const ListOrder& order : listed.orders) {
        for (const char* direction : {"", " desc"}) {
          const std::string order_by = absl::StrCat(order.name, direction);
          ListPlan plan =
              Must(plan_list({.filter = filter, .order_by = order_by}, scope));
          cases.push_back({absl::StrCat(listed.table, " ", order_by), plan});
          plan.after = PageKey{1'780'000'000'000'000,
                               "0197c0de-0000-7000-8000-000000000000"};
          cases.push_back(
              {absl::StrCat(listed.table, " ", order_by, ", later"), plan});
        }
      }
    }
    return cases;
  }

  void SetUp() override {
    ListFixture::SetUp();
    const World world = WorldMaker(20).Make(40);
    Insert(world);
    client_id_ = world.entries.front().client_id();
  }

  void CheckByIndex(const Case& test, ListRoute route) {
    const auto by_index = IsByIndex(*test.plan.listed);
    EXPECT_THAT(Explain(PageQuery(test.plan, backend(), route)), by_index)
        << test.name;
    EXPECT_THAT(Explain(LastExaminedQuery(test.plan, backend(), route)),
                by_index)
        << test.name;
  }

  std::string client_id_;
};

INSTANTIATE_TEST_SUITE_P(Backends, ListQueryTest, test::Backends(),
                         test::BackendName);

TEST_P(ListQueryTest, EveryOrderIsServedByItsIndex) {
  for (const Case& test : Cases(Scope::AllClients(), "create_time:*")) {
    CheckByIndex(test, ListRoute::kOrder);
  }
}

TEST_P(ListQueryTest, ARangeOfTheOrderIsServedByItsIndex) {
  for (const Case& test : Cases(Scope::OneClient(client_id_),
                                "create_time >= \"2026-01-01T00:00:00Z\" AND "
                                "create_time < \"2027-01-01T00:00:00Z\"")) {
    CheckByIndex(test, ListRoute::kOrder);
    if (test.plan.order->by_client) {
      CheckByIndex(test, ListRoute::kClientOrder);
    }
  }
}

TEST_P(ListQueryTest, AClientsRowsAreServedByItsIndex) {
  for (const Case& test : Cases(Scope::OneClient(client_id_), "")) {
    if (test.plan.order->by_client) {
      CheckByIndex(test, ListRoute::kClientOrder);
      EXPECT_THAT(
          Explain(PageQuery(test.plan, backend(), ListRoute::kClientRows)),
          IsByIndex(*test.plan.listed))
          << test.name;
    }
    // As a client of very many rows is listed.
    CheckByIndex(test, ListRoute::kOrder);
    EXPECT_THAT(Explain(ClientRowsQuery(test.plan)),
                IsByIndex(*test.plan.listed));
  }
}

TEST_P(ListQueryTest, WhatIsListedWithinAPlaceIsServedByItsIndex) {
  const std::string id = "0197c0de-0000-7000-8000-000000000000";
  for (const Scope& scope :
       {Scope::AllClients(), Scope::OneClient(client_id_)}) {
    for (const char* direction : {"", " desc"}) {
      const ListRequest posts{.order_by =
                                  absl::StrCat("create_time", direction)};
      const ListRequest messages{.order_by =
                                     absl::StrCat("message_id", direction)};
      for (ListPlan plan : {Must(PlanPostList(posts, scope, id)),
                            Must(PlanMessageList(messages, scope, id, "")),
                            Must(PlanMessageList(messages, scope, "", id)),
                            Must(PlanMessageList(messages, scope, id, id))}) {
        const std::string name = absl::StrCat(plan.listed->table, direction,
                                              " ", plan.within.front().column);
        CheckByIndex({name, plan}, ListRoute::kWithin);
        plan.after = PageKey{1'780'000'000'000'000, id};
        CheckByIndex({name + ", later", plan}, ListRoute::kWithin);
      }
      ListPlan plan = Must(PlanMessageList(messages, scope, "", ""));
      plan.after = PageKey{0, id};
      CheckByIndex({"messages", plan}, ListRoute::kOrder);
      if (plan.client_id.has_value()) {
        CheckByIndex({"messages of a client", plan}, ListRoute::kClientOrder);
      }
    }
  }
}

// Where no index holds a client's rows in the order, they alone are sorted.
TEST_P(ListQueryTest, OnlyAClientsRowsAreSorted) {
  for (const Case& test : Cases(Scope::OneClient(client_id_), "")) {
    if (test.plan.order->by_client) continue;
    if (test.plan.listed->resource == Resource::kClient) continue;
    const std::string plan =
        Explain(PageQuery(test.plan, backend(), ListRoute::kClientRows));
    EXPECT_THAT(plan,
                HasSubstr(absl::StrCat(test.plan.listed->table, "_by_client")))
        << test.name;
    EXPECT_THAT(plan, Not(HasSubstr("Seq Scan")));
  }
}

TEST_P(ListQueryTest, AnIdIsLookedUp) {
  if (!sqlite()) GTEST_SKIP() << "PostgreSQL goes by the size of the table";
  const std::string id = "0197c0de-0000-7000-8000-000000000000";
  for (const char* field : {"entry_id", "channel_pair_id"}) {
    const ListPlan plan = Must(PlanEntryList(
        {.filter = absl::StrCat(field, " = ", id)}, Scope::AllClients()));
    const std::string text =
        Explain(PageQuery(plan, backend(), ListRoute::kKey));
    EXPECT_THAT(text, HasSubstr(absl::StrCat("(", field, "=?")));
  }
}

}  // namespace
}  // namespace broadcast::storage
