// What each resource's lists are about, said once more: its fields, read from
// rows in memory, and whether a condition of a filter holds there. For the
// tests of storage's lists; the test's thread.
#ifndef BROADCASTD_TESTS_STORAGE_LIST_KINDS_H_
#define BROADCASTD_TESTS_STORAGE_LIST_KINDS_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "list_fixture.h"
#include "storage/list.h"

namespace broadcast::storage {

// A field's value in a row: not set, text or microseconds.
using FieldValue = std::variant<std::monostate, std::string, int64_t>;

template <typename R>
struct Field {
  std::string name;
  std::function<FieldValue(const R&)> get;
  std::string absent;  // a value that no row has, as filters write it
  bool upper = false;  // stored in lower case, written in upper case
};

inline FieldValue Time(absl::Time time) { return absl::ToUnixMicros(time); }
template <typename E>
inline FieldValue Word(E value) {
  return std::string(ToText(value));
}

// The labels of the fixture, read without a JSON library.
inline FieldValue Label(const std::string& labels, const std::string& key) {
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

template <>
struct Kind<Operation> {
  static constexpr auto kPlan = PlanOperationList;
  static constexpr auto kList = ListOperations;
  static const auto& Rows(const World& world) { return world.operations; }
  static const std::string& Id(const Operation& row) {
    return row.operation_id;
  }
  static const std::string& Owner(const Operation& row) {
    return *row.client_id;
  }
  static std::vector<std::string> Orders() { return {"create_time"}; }
  static std::vector<Field<Operation>> Fields() {
    return {{"operation_id", [](auto& r) { return r.operation_id; }, kAbsentId},
            {"client_id", [](auto& r) { return *r.client_id; }, kAbsentId},
            {"entry_id",
             [](auto& r) {
               return r.entry_id ? FieldValue(*r.entry_id) : FieldValue();
             },
             kAbsentId},
            {"feed_id",
             [](auto& r) {
               return r.feed_id ? FieldValue(*r.feed_id) : FieldValue();
             },
             kAbsentId},
            {"kind", [](auto& r) { return Word(r.kind); }, "TEST", true},
            {"state", [](auto& r) { return Word(r.state); }, "PLANNING", true},
            {"create_time", [](auto& r) { return Time(r.create_time); },
             kAbsentTime},
            {"update_time", [](auto& r) { return Time(r.update_time); },
             kAbsentTime},
            {"finish_time",
             [](auto& r) {
               return r.finish_time ? Time(*r.finish_time) : FieldValue();
             },
             kAbsentTime}};
  }
};

template <>
struct Kind<Feed> {
  static constexpr auto kPlan = PlanFeedList;
  static constexpr auto kList = ListFeeds;
  static const auto& Rows(const World& world) { return world.feeds; }
  static const std::string& Id(const Feed& row) { return row.feed_id; }
  static const std::string& Owner(const Feed& row) { return row.client_id; }
  static std::vector<std::string> Orders() { return {"create_time"}; }
  static std::vector<Field<Feed>> Fields() {
    return {{"feed_id", [](auto& r) { return r.feed_id; }, kAbsentId},
            {"client_id", [](auto& r) { return r.client_id; }, kAbsentId},
            {"name", [](auto& r) { return r.name; }, "none"},
            {"state", [](auto& r) { return Word(r.state); }, "OPEN", true},
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

// A value as a filter writes it.
inline std::string Written(const FieldValue& value, bool upper) {
  if (const auto* micros = std::get_if<int64_t>(&value)) {
    return Quoted(absl::FormatTime(absl::RFC3339_full,
                                   absl::FromUnixMicros(*micros),
                                   absl::UTCTimeZone()));
  }
  const std::string& text = std::get<std::string>(value);
  return upper ? absl::AsciiStrToUpper(text) : Quoted(text);
}

// What a filter writes, as a value.
inline FieldValue Read(const std::string& written, bool time, bool upper) {
  if (!time) return upper ? absl::AsciiStrToLower(written) : written;
  absl::Time parsed;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full,
                              written.substr(1, written.size() - 2), &parsed,
                              nullptr));
  return Time(parsed);
}

inline bool Holds(const FieldValue& left, const std::string& op,
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

template <typename R>
absl::Time CreateTimeOf(const R& row) {
  return row.create_time;
}
inline absl::Time CreateTimeOf(const PairWithEntry& row) {
  return row.channel_pair.create_time;
}

template <typename F>
void ForEachResource(const F& check) {
  check.template operator()<Client>();
  check.template operator()<Channel>();
  check.template operator()<PairWithEntry>();
  check.template operator()<Entry>();
  check.template operator()<Operation>();
  check.template operator()<Feed>();
}

template <typename R>
std::vector<std::string> Ids(const std::vector<R>& rows) {
  std::vector<std::string> ids;
  ids.reserve(rows.size());
  for (const R& row : rows) ids.push_back(Kind<R>::Id(row));
  return ids;
}

// The ids that a list must answer, in order.
template <typename R>
std::vector<std::string> Expected(const World& world,
                                  const std::string& order_by,
                                  const Scope& scope,
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
  ids.reserve(keys.size());
  for (auto& [value, id] : keys) ids.push_back(std::move(id));
  return ids;
}

}  // namespace broadcast::storage

#endif  // BROADCASTD_TESTS_STORAGE_LIST_KINDS_H_
