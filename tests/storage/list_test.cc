// What lists answer, against the same rows in memory.
#include "storage/list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/limits.h"
#include "list_fixture.h"
#include "list_kinds.h"

namespace broadcast::storage {
namespace {

using test::HasReason;
using test::Must;
using testing::ElementsAreArray;
using testing::IsEmpty;
using testing::SizeIs;

class ListTest : public ListFixture {
 protected:
  template <typename R>
  absl::StatusOr<Page<R>> ListPage(const ListRequest& request,
                                   const Scope& scope) {
    ASSIGN_OR_RETURN(const ListPlan plan, Kind<R>::kPlan(request, scope));
    absl::StatusOr<Page<R>> page;
    RETURN_IF_ERROR(Read([&](Transaction& transaction) {
      page = Kind<R>::kList(transaction, plan);
      return page.status();
    }));
    return page;
  }

  // All pages after another.
  template <typename R>
  std::vector<R> ListAll(ListRequest request, const Scope& scope,
                         int* pages = nullptr) {
    std::vector<R> rows;
    do {
      Page<R> page = Must(ListPage<R>(request, scope));
      const int64_t most =
          request.page_size == 0 ? limits::kDefaultPageSize : request.page_size;
      EXPECT_LE(std::ssize(page.rows), most);
      for (R& row : page.rows) rows.push_back(std::move(row));
      request.page_token = page.next_page_token;
      if (pages != nullptr) ++*pages;
    } while (!request.page_token.empty() && rows.size() < 100'000);
    return rows;
  }

  template <typename R>
  void CheckEveryFieldAndOperator(const World& world) {
    const std::string order = Kind<R>::Orders().back();
    for (const Field<R>& field : Kind<R>::Fields()) {
      for (const auto& condition : ConditionsOn(field, Kind<R>::Rows(world))) {
        const Scope scope = Scope::AllClients();
        EXPECT_THAT(
            Ids(ListAll<R>(
                {.page_size = 40, .filter = condition.text, .order_by = order},
                scope)),
            ElementsAreArray(Expected<R>(world, order, scope, condition.holds)))
            << condition.text;
      }
    }
  }

  template <typename R>
  void CheckPages(const World& world) {
    for (const std::string& order : Kind<R>::Orders()) {
      for (const char* direction : {"", " desc"}) {
        for (int64_t page_size : {1, 3, 7, 1000}) {
          const std::string order_by = order + direction;
          const auto expected =
              Expected<R>(world, order_by, Scope::AllClients(),
                          [](const R&) { return true; });
          ASSERT_FALSE(expected.empty());
          int pages = 0;
          EXPECT_THAT(
              Ids(ListAll<R>({.page_size = page_size, .order_by = order_by},
                             Scope::AllClients(), &pages)),
              ElementsAreArray(expected));
          EXPECT_EQ(pages, (std::ssize(expected) + page_size - 1) / page_size);
        }
      }
    }
  }

  // Lists by conditions, order, page size and scope drawn at random.
  template <typename R>
  void CheckRandomly(const World& world, uint64_t seed) {
    WorldMaker random(seed);
    const auto& rows = Kind<R>::Rows(world);
    std::vector<Condition<R>> all;
    for (const Field<R>& field : Kind<R>::Fields()) {
      for (auto& condition : ConditionsOn(field, rows)) {
        all.push_back(std::move(condition));
      }
    }
    const auto orders = Kind<R>::Orders();
    for (int round = 0; round < 60; ++round) {
      std::vector<Condition<R>> chosen;
      std::vector<std::string> texts;
      for (uint64_t i = random.Number(4); i > 0; --i) {
        chosen.push_back(all[random.Number(all.size())]);
        texts.push_back(chosen.back().text);
      }
      const Scope scope = random.Number(3)
                              ? Scope::AllClients()
                              : Scope::OneClient(Kind<R>::Owner(
                                    rows[random.Number(rows.size())]));
      const ListRequest request = {
          .page_size = static_cast<int64_t>(1 + random.Number(9)),
          .filter = absl::StrJoin(texts, " AND "),
          .order_by = absl::StrCat(orders[random.Number(orders.size())],
                                   random.Number(2) ? " desc" : "")};
      const auto holds = [&](const R& row) {
        return std::all_of(chosen.begin(), chosen.end(),
                           [&](const auto& c) { return c.holds(row); });
      };
      EXPECT_THAT(
          Ids(ListAll<R>(request, scope)),
          ElementsAreArray(Expected<R>(world, request.order_by, scope, holds)))
          << request.filter << " by " << request.order_by << " for "
          << scope.Key();
    }
  }
};

INSTANTIATE_TEST_SUITE_P(Backends, ListTest, test::Backends(),
                         test::BackendName);

TEST_P(ListTest, EveryFieldTakesItsOperators) {
  const World world = WorldMaker(1).Make(25);
  Insert(world);
  ForEachResource([&]<typename R>() { CheckEveryFieldAndOperator<R>(world); });
}

TEST_P(ListTest, PagesMakeUpTheWholeInEveryOrder) {
  const World world = WorldMaker(2).Make(40);
  Insert(world);
  ForEachResource([&]<typename R>() { CheckPages<R>(world); });
}

TEST_P(ListTest, AnyCombinationAgreesWithTheRowsInMemory) {
  const World world = WorldMaker(3).Make(40);
  Insert(world);
  ForEachResource([&]<typename R>() { CheckRandomly<R>(world, 31); });
}

TEST_P(ListTest, ListedResourcesAreAsFoundByTheirIds) {
  World world = WorldMaker(4).Make(6);
  Insert(world);
  const Scope scope = Scope::AllClients();
  const auto entries = ListAll<Entry>({}, scope);
  ASSERT_THAT(entries, SizeIs(world.entries.size()));
  const auto pairs = ListAll<PairWithEntry>({}, scope);
  ASSERT_THAT(pairs, SizeIs(world.pairs.size()));
  Must(Read([&](Transaction& transaction) -> absl::Status {
    for (const PairWithEntry& pair : pairs) {
      ASSIGN_OR_RETURN(auto found, FindPair(transaction, scope,
                                            pair.channel_pair.channel_pair_id));
      EXPECT_EQ(found->channel_pair.open_channel.address,
                pair.channel_pair.open_channel.address);
      EXPECT_EQ(found->channel_pair.closed_channel.channel_id,
                pair.channel_pair.closed_channel.channel_id);
      EXPECT_EQ(found->entry.has_value(), pair.entry.has_value());
      if (!pair.entry.has_value()) continue;
      EXPECT_EQ(found->entry->entry_id, pair.entry->entry_id);
      EXPECT_EQ(found->entry->labels, pair.entry->labels);
      EXPECT_EQ(found->entry->last_send_time, pair.entry->last_send_time);
      EXPECT_EQ(found->entry->update_time, pair.entry->update_time);
      EXPECT_EQ(pair.entry->client_id(), pair.channel_pair.client_id);
    }
    return absl::OkStatus();
  }));
}

TEST_P(ListTest, OnlyTheScopesRowsAreListed) {
  const World world = WorldMaker(5).Make(20);
  Insert(world);
  const std::string own = world.entries.front().client_id();
  const std::string other = world.entries.back().client_id();
  ASSERT_NE(own, other);
  const Scope scope = Scope::OneClient(own);
  const auto check = [&]<typename R>() {
    for (const std::string& order : Kind<R>::Orders()) {
      const auto rows = ListAll<R>({.order_by = order}, scope);
      EXPECT_THAT(rows, testing::Not(IsEmpty()));
      for (const R& row : rows) EXPECT_EQ(Kind<R>::Owner(row), own);
      EXPECT_THAT(ListAll<R>({.filter = absl::StrCat("client_id = ", other),
                              .order_by = order},
                             scope),
                  IsEmpty());
    }
  };
  ForEachResource(check);
  EXPECT_THAT(
      ListAll<Entry>({.filter = absl::StrCat("entry_id = ",
                                             world.entries.back().entry_id)},
                     scope),
      IsEmpty());
}

TEST_P(ListTest, NothingOfADeletedClientIsListed) {
  const World world = WorldMaker(6).Make(20);
  Insert(world);
  const std::string gone = world.entries.front().client_id();
  HideClient(gone);
  const auto check = [&]<typename R>() {
    for (const R& row : ListAll<R>({}, Scope::AllClients())) {
      EXPECT_NE(Kind<R>::Owner(row), gone);
    }
    EXPECT_THAT(ListAll<R>({}, Scope::OneClient(gone)), IsEmpty());
    EXPECT_THAT(ListAll<R>({.filter = absl::StrCat("client_id = ", gone)},
                           Scope::AllClients()),
                IsEmpty());
  };
  ForEachResource(check);
}

TEST_P(ListTest, RowsThatComeAndGoDisturbNoOthers) {
  WorldMaker random(7);
  const World world = random.Make(30);
  Insert(world);
  std::set<std::string> kept, seen;
  for (const Entry& entry : world.entries) kept.insert(entry.entry_id);

  ListRequest request = {.page_size = 4, .order_by = "next_send_time desc"};
  do {
    const auto page = Must(ListPage<Entry>(request, Scope::AllClients()));
    for (const Entry& entry : page.rows) {
      EXPECT_TRUE(seen.insert(entry.entry_id).second) << entry.entry_id;
    }
    request.page_token = page.next_page_token;
    // The row that the token names goes, and one anywhere; others come.
    std::vector<std::string> going = {
        world.entries[random.Number(world.entries.size())].entry_id};
    if (!page.rows.empty()) going.push_back(page.rows.back().entry_id);
    Must(Write([&](Transaction& transaction) -> absl::Status {
      for (const std::string& id : going) {
        RETURN_IF_ERROR(
            DeleteEntry(transaction, Scope::AllClients(), id).status());
      }
      return absl::OkStatus();
    }));
    for (const std::string& id : going) kept.erase(id);
    Insert(random.Make(1));
  } while (!request.page_token.empty() && seen.size() < 10'000);
  for (const std::string& id : kept) EXPECT_TRUE(seen.contains(id)) << id;
}

TEST_P(ListTest, APageExaminesAThousandRowsAndGoesOnAfterThem) {
  WorldMaker maker(8);
  World world;
  maker.AddBigClient(world, 2500);
  // Only the last in the order has the label.
  Entry* last = &world.entries[0];
  for (Entry& entry : world.entries) {
    if (std::tie(entry.create_time, entry.entry_id) >
        std::tie(last->create_time, last->entry_id)) {
      last = &entry;
    }
  }
  last->labels = R"({"rare":"yes"})";
  Insert(world);

  for (const Scope& scope :
       {Scope::AllClients(), Scope::OneClient(last->client_id())}) {
    ListRequest request = {.filter = "labels.rare = yes"};
    for (int page = 0; page < 2; ++page) {
      const auto empty = Must(ListPage<Entry>(request, scope));
      EXPECT_THAT(empty.rows, IsEmpty());
      ASSERT_NE(empty.next_page_token, "");
      request.page_token = empty.next_page_token;
    }
    const auto found = Must(ListPage<Entry>(request, scope));
    EXPECT_EQ(Ids(found.rows), std::vector{last->entry_id});
    EXPECT_EQ(found.next_page_token, "");

    request = {.filter = "labels.rare = yes", .order_by = "create_time desc"};
    EXPECT_THAT(Must(ListPage<Entry>(request, scope)).rows, SizeIs(1));
  }
}

TEST_P(ListTest, TheLargestPageIsFullAndTheLastHasNoToken) {
  WorldMaker maker(9);
  World world;
  maker.AddBigClient(world, 2000);
  Insert(world);
  ListRequest request = {.page_size = 1000};
  const auto first = Must(ListPage<Entry>(request, Scope::AllClients()));
  EXPECT_THAT(first.rows, SizeIs(1000));
  request.page_token = first.next_page_token;
  const auto second = Must(ListPage<Entry>(request, Scope::AllClients()));
  EXPECT_THAT(second.rows, SizeIs(1000));
  EXPECT_EQ(second.next_page_token, "");
}

TEST_P(ListTest, AClientOfMoreThanAPageExaminesIsListedWhole) {
  WorldMaker maker(10);
  World world = maker.Make(60);
  maker.AddBigClient(world, 1400);
  const std::string big = world.entries.back().client_id();
  for (int i = 0; i < 1200; ++i) maker.AddChannel(world, big);
  Insert(world);
  const Scope scope = Scope::OneClient(big);
  // Whole, and within a range.
  const absl::Time middle = world.entries.back().create_time;
  const std::string filter = absl::StrCat(
      "create_time <= ", Quoted(absl::FormatTime(absl::RFC3339_full, middle,
                                                 absl::UTCTimeZone())));
  ForEachResource([&]<typename R>() {
    for (const std::string& order : Kind<R>::Orders()) {
      for (const std::string& order_by : {order, order + " desc"}) {
        EXPECT_THAT(
            Ids(ListAll<R>({.page_size = 300, .order_by = order_by}, scope)),
            ElementsAreArray(Expected<R>(world, order_by, scope,
                                         [](const R&) { return true; })));
        EXPECT_THAT(
            Ids(ListAll<R>(
                {.page_size = 300, .filter = filter, .order_by = order_by},
                scope)),
            ElementsAreArray(Expected<R>(
                world, order_by, scope,
                [&](const R& row) { return CreateTimeOf(row) <= middle; })));
      }
    }
  });
}

TEST_P(ListTest, ConditionsOnTheOrderSkipWhatTheyExclude) {
  WorldMaker maker(11);
  World world;
  maker.AddBigClient(world, 2500);
  const absl::Time late = absl::FromUnixSeconds(1'900'000'000);
  world.entries.front().next_send_time = late;
  Insert(world);
  // One page, although 2,499 rows come before in the order.
  const auto page = Must(
      ListPage<Entry>({.filter = "next_send_time > \"2030-01-01T00:00:00Z\"",
                       .order_by = "next_send_time"},
                      Scope::AllClients()));
  EXPECT_EQ(Ids(page.rows), std::vector{world.entries.front().entry_id});
  EXPECT_EQ(page.next_page_token, "");
}

TEST_P(ListTest, HiddenRowsDoNotShortenAPage) {
  World world = WorldMaker(12).Make(30);
  Insert(world);
  HideClient(world.entries.front().client_id());
  HideClient(world.entries.back().client_id());
  const auto page =
      Must(ListPage<Entry>({.page_size = 20}, Scope::AllClients()));
  EXPECT_THAT(page.rows, SizeIs(20));
}

TEST_P(ListTest, APlanOfAnotherResourceIsRefused) {
  const ListPlan plan = Must(PlanEntryList({}, Scope::AllClients()));
  EXPECT_THAT(Read([&](Transaction& transaction) {
                return ListClients(transaction, plan).status();
              }),
              HasReason("INTERNAL"));
}

}  // namespace
}  // namespace broadcast::storage
