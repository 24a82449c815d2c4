// What lists answer, against the same rows in memory.
#include "storage/list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <iterator>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/limits.h"
#include "list_fixture.h"

namespace broadcast::storage {
namespace {

using test::HasReason;
using test::IsOk;
using test::Must;
using testing::ElementsAreArray;
using testing::IsEmpty;
using testing::SizeIs;

// A field's value in a row: not set, text or microseconds.
using FieldValue = std::variant<std::monostate, std::string, int64_t>;

template <typename R>
struct Field {
  std::string name;
  std::function<FieldValue(const R&)> get;
  std::string absent;  // a value that no row has, as filters write it
  bool upper = false;  // stored in lower case, written in upper case
};

FieldValue Time(absl::Time time) { return absl::ToUnixMicros(time); }
template <typename E>
FieldValue Word(E value) {
  return std::string(ToText(value));
}

// The labels of the fixture, read without a JSON library.
FieldValue Label(const std::string& labels, const std::string& key) {
  const std::string start = absl::StrCat("\"", key, "\":\"");
  const size_t at = labels.find(start);
  if (at == std::string::npos) return {};
  std::string value;
  for (size_t i = at + start.size(); labels[i] != '"'; ++i) {
    if (labels[i] == '\\') ++i;
    value.push_back(labels[i]);
  }
  return value;
}

constexpr char kAbsentTime[] = "\"2001-02-03T04:05:06.789Z\"";
constexpr char kAbsentId[] = "00000000-0000-0000-0000-000000000000";

// How to list a resource, and what it is about.
template <typename R>
struct Kind;

template <>
struct Kind<Client> {
  static constexpr auto kPlan = PlanClientList;
  static constexpr auto kList = ListClients;
  static const auto& Rows(const World& world) { return world.clients; }
  static const std::string& Id(const Client& row) { return row.client_id; }
  static const std::string& Owner(const Client& row) { return row.client_id; }
  static std::vector<std::string> Orders() { return {"create_time"}; }
  static std::vector<Field<Client>> Fields() {
    return {{"client_id", [](auto& r) { return r.client_id; }, kAbsentId},
            {"display_name",
             [](auto& r) {
               return r.display_name.empty() ? FieldValue() : r.display_name;
             },
             "none"},
            {"labels.team", [](auto& r) { return Label(r.labels, "team"); },
             "none"},
            {"labels.a.b-c_9",
             [](auto& r) { return Label(r.labels, "a.b-c_9"); }, "none"},
            {"create_time", [](auto& r) { return Time(r.create_time); },
             kAbsentTime},
            {"update_time", [](auto& r) { return Time(r.update_time); },
             kAbsentTime}};
  }
};

template <>
struct Kind<Channel> {
  static constexpr auto kPlan = PlanChannelList;
  static constexpr auto kList = ListChannels;
  static const auto& Rows(const World& world) { return world.channels; }
  static const std::string& Id(const Channel& row) { return row.channel_id; }
  static const std::string& Owner(const Channel& row) { return row.client_id; }
  static std::vector<std::string> Orders() { return {"create_time"}; }
  static std::vector<Field<Channel>> Fields() {
    return {
        {"channel_id", [](auto& r) { return r.channel_id; }, kAbsentId},
        {"client_id", [](auto& r) { return r.client_id; }, kAbsentId},
        {"platform", [](auto& r) { return Word(r.platform); }, "EMAIL", true},
        {"address", [](auto& r) { return r.address; }, "none"},
        {"account", [](auto& r) { return r.account; }, "none"},
        {"state", [](auto& r) { return Word(r.state); }, "ACTIVE", true},
        {"create_time", [](auto& r) { return Time(r.create_time); },
         kAbsentTime},
        {"update_time", [](auto& r) { return Time(r.update_time); },
         kAbsentTime}};
  }
};

template <>
struct Kind<PairWithEntry> {
  static constexpr auto kPlan = PlanPairList;
  static constexpr auto kList = ListPairs;
  static const auto& Rows(const World& world) { return world.pairs; }
  static const std::string& Id(const PairWithEntry& row) {
    return row.channel_pair.channel_pair_id;
  }
  static const std::string& Owner(const PairWithEntry& row) {
    return row.channel_pair.client_id;
  }
  static std::vector<std::string> Orders() { return {"create_time"}; }
  static std::vector<Field<PairWithEntry>> Fields() {
    return {
        {"channel_pair_id", [](auto& r) { return Id(r); }, kAbsentId},
        {"client_id", [](auto& r) { return Owner(r); }, kAbsentId},
        {"open_address",
         [](auto& r) { return r.channel_pair.open_channel.address; }, "none"},
        {"closed_address",
         [](auto& r) { return r.channel_pair.closed_channel.address; }, "none"},
        {"configured",
         [](auto& r) {
           return std::string(r.entry.has_value() ? "true" : "false");
         },
         "true"},
        {"create_time",
         [](auto& r) { return Time(r.channel_pair.create_time); },
         kAbsentTime}};
  }
};

template <>
struct Kind<Entry> {
  static constexpr auto kPlan = PlanEntryList;
  static constexpr auto kList = ListEntries;
  static const auto& Rows(const World& world) { return world.entries; }
  static const std::string& Id(const Entry& row) { return row.entry_id; }
  static const std::string& Owner(const Entry& row) { return row.client_id(); }
  static std::vector<std::string> Orders() {
    return {"create_time", "next_send_time"};
  }
  static std::vector<Field<Entry>> Fields() {
    return {
        {"entry_id", [](auto& r) { return r.entry_id; }, kAbsentId},
        {"client_id", [](auto& r) { return r.client_id(); }, kAbsentId},
        {"channel_pair_id",
         [](auto& r) { return r.channel_pair.channel_pair_id; }, kAbsentId},
        {"state", [](auto& r) { return Word(r.state); }, "ACTIVE", true},
        {"last_outcome", [](auto& r) { return Word(r.last_outcome); }, "SENT",
         true},
        {"open_address",
         [](auto& r) { return r.channel_pair.open_channel.address; }, "none"},
        {"closed_address",
         [](auto& r) { return r.channel_pair.closed_channel.address; }, "none"},
        {"labels.team", [](auto& r) { return Label(r.labels, "team"); },
         "none"},
        {"labels.a.b-c_9", [](auto& r) { return Label(r.labels, "a.b-c_9"); },
         "none"},
        {"create_time", [](auto& r) { return Time(r.create_time); },
         kAbsentTime},
        {"update_time", [](auto& r) { return Time(r.update_time); },
         kAbsentTime},
        {"next_send_time", [](auto& r) { return Time(r.next_send_time); },
         kAbsentTime},
        {"last_send_time",
         [](auto& r) {
           return r.last_send_time ? Time(*r.last_send_time) : FieldValue();
         },
         kAbsentTime}};
  }
};

// A value as a filter writes it.
std::string Written(const FieldValue& value, bool upper) {
  if (const auto* micros = std::get_if<int64_t>(&value)) {
    return Quoted(absl::FormatTime(absl::RFC3339_full,
                                   absl::FromUnixMicros(*micros),
                                   absl::UTCTimeZone()));
  }
  const std::string& text = std::get<std::string>(value);
  return upper ? absl::AsciiStrToUpper(text) : Quoted(text);
}

// What a filter writes, as a value.
FieldValue Read(const std::string& written, bool time, bool upper) {
  if (!time) return upper ? absl::AsciiStrToLower(written) : written;
  absl::Time parsed;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full,
                              written.substr(1, written.size() - 2), &parsed,
                              nullptr));
  return Time(parsed);
}

bool Holds(const FieldValue& left, const std::string& op,
           const FieldValue& right) {
  if (std::holds_alternative<std::monostate>(left)) return false;
  if (op == "=" || op == ":") return left == right;
  if (op == "!=") return left != right;
  if (op == "<") return left < right;
  if (op == "<=") return left <= right;
  if (op == ">") return left > right;
  if (op == ">=") return left >= right;
  return op == ":*";
}

template <typename R>
struct Condition {
  std::string text;
  std::function<bool(const R&)> holds;
};

template <typename R>
Condition<R> MakeCondition(const Field<R>& field, const std::string& op,
                           const FieldValue& value) {
  const std::string written = op == ":*" ? "" : Written(value, field.upper);
  return {absl::StrCat(field.name, " ", op, " ", written),
          [field, op, value](const R& row) {
            return Holds(field.get(row), op, value);
          }};
}

// Every operator that the field takes, with values that rows have and one that
// they have not.
template <typename R>
std::vector<Condition<R>> ConditionsOn(const Field<R>& field,
                                       const std::vector<R>& rows) {
  const bool time = absl::EndsWith(field.name, "_time");
  std::set<FieldValue> values = {Read(field.absent, time, field.upper)};
  for (size_t i = 0; i < rows.size() && values.size() < 4; ++i) {
    const FieldValue value = field.get(rows[i * 7 % rows.size()]);
    if (!std::holds_alternative<std::monostate>(value)) values.insert(value);
  }
  std::vector<std::string> operators = {"=", "!=", ":"};
  if (time) operators.insert(operators.end(), {"<", "<=", ">", ">="});
  std::vector<Condition<R>> conditions = {MakeCondition(field, ":*", {})};
  for (const FieldValue& value : values) {
    for (const std::string& op : operators) {
      conditions.push_back(MakeCondition(field, op, value));
    }
  }
  return conditions;
}

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
  static std::vector<std::string> Ids(const std::vector<R>& rows) {
    std::vector<std::string> ids;
    for (const R& row : rows) ids.push_back(Kind<R>::Id(row));
    return ids;
  }

  // The ids that a list must answer, in order.
  template <typename R>
  static std::vector<std::string> Expected(
      const World& world, const std::string& order_by, const Scope& scope,
      const std::function<bool(const R&)>& holds) {
    const std::vector<std::string> words = absl::StrSplit(order_by, ' ');
    std::vector<std::pair<FieldValue, std::string>> keys;
    for (const Field<R>& field : Kind<R>::Fields()) {
      if (field.name != words[0]) continue;
      for (const R& row : Kind<R>::Rows(world)) {
        if (!holds(row) || !scope.Contains(Kind<R>::Owner(row))) continue;
        keys.emplace_back(field.get(row), Kind<R>::Id(row));
      }
    }
    std::sort(keys.begin(), keys.end());
    if (words.size() == 2) std::reverse(keys.begin(), keys.end());
    std::vector<std::string> ids;
    for (auto& [value, id] : keys) ids.push_back(std::move(id));
    return ids;
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
  CheckEveryFieldAndOperator<Client>(world);
  CheckEveryFieldAndOperator<Channel>(world);
  CheckEveryFieldAndOperator<PairWithEntry>(world);
  CheckEveryFieldAndOperator<Entry>(world);
}

TEST_P(ListTest, PagesMakeUpTheWholeInEveryOrder) {
  const World world = WorldMaker(2).Make(40);
  Insert(world);
  CheckPages<Client>(world);
  CheckPages<Channel>(world);
  CheckPages<PairWithEntry>(world);
  CheckPages<Entry>(world);
}

TEST_P(ListTest, AnyCombinationAgreesWithTheRowsInMemory) {
  const World world = WorldMaker(3).Make(40);
  Insert(world);
  CheckRandomly<Client>(world, 31);
  CheckRandomly<Channel>(world, 32);
  CheckRandomly<PairWithEntry>(world, 33);
  CheckRandomly<Entry>(world, 34);
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
  const auto check = [&]<typename R>(const R*) {
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
  check(static_cast<const Client*>(nullptr));
  check(static_cast<const Channel*>(nullptr));
  check(static_cast<const PairWithEntry*>(nullptr));
  check(static_cast<const Entry*>(nullptr));
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
  const auto check = [&]<typename R>(const R*) {
    for (const R& row : ListAll<R>({}, Scope::AllClients())) {
      EXPECT_NE(Kind<R>::Owner(row), gone);
    }
    EXPECT_THAT(ListAll<R>({}, Scope::OneClient(gone)), IsEmpty());
    EXPECT_THAT(ListAll<R>({.filter = absl::StrCat("client_id = ", gone)},
                           Scope::AllClients()),
                IsEmpty());
  };
  check(static_cast<const Client*>(nullptr));
  check(static_cast<const Channel*>(nullptr));
  check(static_cast<const PairWithEntry*>(nullptr));
  check(static_cast<const Entry*>(nullptr));
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
  for (const char* order_by : {"next_send_time", "next_send_time desc"}) {
    EXPECT_THAT(
        Ids(ListAll<Entry>({.page_size = 300, .order_by = order_by}, scope)),
        ElementsAreArray(Expected<Entry>(world, order_by, scope,
                                         [](const Entry&) { return true; })));
  }
  for (const char* order_by : {"create_time", "create_time desc"}) {
    EXPECT_THAT(
        Ids(ListAll<Channel>({.page_size = 300, .order_by = order_by}, scope)),
        ElementsAreArray(Expected<Channel>(
            world, order_by, scope, [](const Channel&) { return true; })));
  }
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
