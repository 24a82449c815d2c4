// What a statement is made of: its text on both backends, the values bound to
// its names, and the typed columns it answers with. Values without SOCI, so
// that every layer above may include this. Any thread.
#ifndef BROADCASTD_STORAGE_SQL_H_
#define BROADCASTD_STORAGE_SQL_H_

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"

namespace broadcast::storage {

enum class Backend { kSqlite, kPostgres };

// One statement, written once where both backends understand it, twice where
// they do not. Declare it as a constant of static storage: sessions keep the
// prepared form under its address.
class Sql {
 public:
  constexpr explicit Sql(const char* both) : sqlite_(both), postgres_(both) {}
  constexpr Sql(const char* sqlite, const char* postgres)
      : sqlite_(sqlite), postgres_(postgres) {}

  constexpr const char* For(Backend backend) const {
    return backend == Backend::kSqlite ? sqlite_ : postgres_;
  }

 private:
  const char* sqlite_;
  const char* postgres_;
};

enum class ColumnType { kInt, kText };

inline std::optional<int64_t> ToMicros(std::optional<absl::Time> time) {
  if (!time.has_value()) return std::nullopt;
  return absl::ToUnixMicros(*time);
}

// A value to bind or to insert. It refers to the caller's text and lives only
// for the statement it is passed to.
struct Value {
  ColumnType type;
  bool null = false;
  int64_t number = 0;
  absl::string_view text;

  // Implicit, so that a statement reads {{"name", name}, {"now", now}}.
  // NOLINTBEGIN(google-explicit-constructor)
  Value(std::integral auto value) : type(ColumnType::kInt), number(value) {}
  Value(absl::Time value) : Value(absl::ToUnixMicros(value)) {}
  Value(absl::Duration value) : Value(absl::ToInt64Microseconds(value)) {}
  Value(absl::string_view value) : type(ColumnType::kText), text(value) {}
  Value(const char* value) : Value(absl::string_view(value)) {}
  Value(const std::string& value) : Value(absl::string_view(value)) {}
  Value(const std::optional<std::string>& value)
      : type(ColumnType::kText), null(!value.has_value()) {
    if (value.has_value()) text = *value;
  }
  Value(const std::optional<int64_t>& value)
      : type(ColumnType::kInt),
        null(!value.has_value()),
        number(value.value_or(0)) {}
  Value(const std::optional<absl::Time>& value) : Value(ToMicros(value)) {}
  // NOLINTEND(google-explicit-constructor)
};

// One named parameter.
struct Bind {
  absl::string_view name;
  Value value;

  Bind(absl::string_view name, Value value) : name(name), value(value) {}
};

using Binds = absl::Span<const Bind>;

// One value that a statement answered with.
struct Cell {
  ColumnType type;
  bool null = false;
  long long number = 0;  // NOLINT(google-runtime-int): the type SOCI binds
  std::string text;
};

// The current row, read column by column in the order of the SELECT list. A
// column that may be NULL is read into an optional.
// An enumeration E is read by its overload `bool FromText(string_view, E*)`.
class Row {
 public:
  explicit Row(absl::Span<Cell> cells) : cells_(cells) {}

  void operator()(std::string& out) { out = std::move(Next().text); }
  void operator()(int64_t& out) { out = Next().number; }
  void operator()(bool& out) { out = Next().number != 0; }
  void operator()(absl::Time& out) {
    out = absl::FromUnixMicros(Next().number);
  }
  void operator()(absl::Duration& out) {
    out = absl::Microseconds(Next().number);
  }
  template <typename E>
  requires std::is_enum_v<E>
  void operator()(E& out) { bad_value_ |= !FromText(Next().text, &out); }
  template <typename T>
  void operator()(std::optional<T>& out) {
    if (cells_[at_].null) {
      out.reset();
      ++at_;
    } else {
      (*this)(out.emplace());
    }
  }

  // A column held NULL where a value was expected, or text that its
  // enumeration does not know.
  bool bad_value() const { return bad_value_; }

 private:
  Cell& Next() {
    Cell& cell = cells_[at_++];
    bad_value_ |= cell.null;
    return cell;
  }

  absl::Span<Cell> cells_;
  size_t at_ = 0;
  bool bad_value_ = false;
};

// Visits the fields of record R in the order of the columns that fill it.
// Specialised beside each record's SQL; tuples need no specialisation.
template <typename R>
struct Columns;

template <typename... T>
struct Columns<std::tuple<T...>> {
  template <typename Visitor>
  static void Visit(Visitor& visitor, std::tuple<T...>& record) {
    std::apply([&](T&... field) { (visitor(field), ...); }, record);
  }
};

namespace internal {

class ColumnTypes {
 public:
  void operator()(std::string&) { types.push_back(ColumnType::kText); }
  void operator()(int64_t&) { types.push_back(ColumnType::kInt); }
  void operator()(bool&) { types.push_back(ColumnType::kInt); }
  void operator()(absl::Time&) { types.push_back(ColumnType::kInt); }
  void operator()(absl::Duration&) { types.push_back(ColumnType::kInt); }
  template <typename E>
  requires std::is_enum_v<E>
  void operator()(E&) { types.push_back(ColumnType::kText); }
  template <typename T>
  void operator()(std::optional<T>&) {
    T value{};
    (*this)(value);
  }

  std::vector<ColumnType> types;
};

}  // namespace internal

template <typename R>
const std::vector<ColumnType>& ColumnTypesOf() {
  static const auto& types = *new std::vector<ColumnType>([] {
    internal::ColumnTypes visitor;
    R record{};
    Columns<R>::Visit(visitor, record);
    return std::move(visitor.types);
  }());
  return types;
}

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_SQL_H_
