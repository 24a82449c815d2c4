// Reading the events: the watches' side of events.h.
#include <algorithm>
#include <cstddef>
#include <tuple>
#include <utility>

#include "absl/strings/escaping.h"
#include "base/errors.h"
#include "base/limits.h"
#include "storage/events.h"
#include "storage/page_token.h"

namespace broadcast::storage {
namespace {

// An event's place in the order of all: xid, which is 0 on SQLite, where
// sequence values commit in order; then sequence.
using Place = std::tuple<int64_t, int64_t>;

// Version, two bytes of 0, the scope's binding, xid, sequence; numbers with
// their highest byte first.
constexpr char kVersion = 1;
constexpr size_t kTokenBytes = 3 + 8 + 8 + 8;
constexpr size_t kTokenLength = kTokenBytes / 3 * 4;
static_assert(kTokenBytes % 3 == 0, "needs no padding");

void AppendNumber(uint64_t number, std::string& out) {
  for (int shift = 56; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(number >> shift & 0xff));
  }
}

uint64_t NumberAt(absl::string_view bytes, size_t at) {
  uint64_t number = 0;
  for (char c : bytes.substr(at, 8)) {
    number = number << 8 | static_cast<unsigned char>(c);
  }
  return number;
}

uint64_t ScopeBinding(const Scope& scope) {
  return BindingOf({"events", scope.Key()});
}

std::string TokenOf(const Place& place, uint64_t binding) {
  std::string bytes = {kVersion, 0, 0};
  AppendNumber(binding, bytes);
  AppendNumber(static_cast<uint64_t>(std::get<0>(place)), bytes);
  AppendNumber(static_cast<uint64_t>(std::get<1>(place)), bytes);
  return absl::WebSafeBase64Escape(bytes);
}

absl::StatusOr<Place> PlaceOf(absl::string_view token, uint64_t binding) {
  std::string bytes;
  if (token.size() != kTokenLength ||
      !absl::WebSafeBase64Unescape(token, &bytes) ||
      bytes.size() != kTokenBytes || bytes[0] != kVersion) {
    return error::InvalidResumeToken(
        "this is no resume token of this server; watch anew without it");
  }
  if (NumberAt(bytes, 3) != binding) {
    return error::InvalidResumeToken(
        "it belongs to another caller's events; watch anew without it");
  }
  return Place(NumberAt(bytes, 11), NumberAt(bytes, 19));
}

// A row of the window, and whether it is asked for.
struct Examined {
  Place place;
  int64_t fits = 0;
  Event event;
};

}  // namespace

template <>
struct Columns<Examined> {
  template <typename V>
  static void Visit(V& v, Examined& row) {
    v(std::get<0>(row.place));
    v(std::get<1>(row.place));
    v(row.fits);
    v(row.event.client_id);
    v(row.event.kind);
    v(row.event.operation_id);
    v(row.event.entry_id);
    v(row.event.channel_id);
    v(row.event.delivery_id);
    v(row.event.detail);
    v(row.event.create_time);
  }
};

namespace {

// An event is read once no transaction runs that could still commit one before
// it: a later event may be there already, and must wait for the earlier one.
#define SETTLED "xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint"

#define FITS                                                             \
  "CASE WHEN client_id IS NOT DISTINCT FROM COALESCE(:scope, client_id)" \
  " AND operation_id IS NOT DISTINCT FROM "                              \
  "COALESCE(:operation_id, operation_id)"                                \
  " AND entry_id IS NOT DISTINCT FROM COALESCE(:entry_id, entry_id)"     \
  " THEN 1 ELSE 0 END"
#define SELECT_EXAMINED                                                 \
  "SELECT xid, sequence, " FITS                                         \
  ", client_id, kind, operation_id, entry_id, channel_id, delivery_id," \
  " detail, create_time FROM events WHERE "
constexpr Sql kExamine{SELECT_EXAMINED
                       "sequence > :sequence AND xid >= :xid "
                       "ORDER BY sequence LIMIT :examined",
                       SELECT_EXAMINED
                       "(xid, sequence) > (:xid, :sequence) AND " SETTLED
                       " ORDER BY xid, sequence LIMIT :examined"};
#undef SELECT_EXAMINED
#undef FITS

constexpr Sql kNewest{
    "SELECT xid, sequence FROM events ORDER BY sequence DESC LIMIT 1",
    "SELECT xid, sequence FROM events WHERE " SETTLED
    " ORDER BY xid DESC, sequence DESC LIMIT 1"};
#undef SETTLED

constexpr Sql kHorizon{"SELECT xid, sequence FROM event_horizon"};

absl::StatusOr<Place> FindPlace(Transaction& transaction, const Sql& sql) {
  ASSIGN_OR_RETURN(const auto found, transaction.QueryOne<Place>(sql, {}));
  return found.value_or(Place());
}

}  // namespace

absl::StatusOr<std::string> NewestEventToken(Transaction& transaction,
                                             const Scope& scope) {
  ASSIGN_OR_RETURN(const Place newest, FindPlace(transaction, kNewest));
  ASSIGN_OR_RETURN(const Place horizon, FindPlace(transaction, kHorizon));
  return TokenOf(std::max(newest, horizon), ScopeBinding(scope));
}

absl::StatusOr<EventPage> ReadEvents(Transaction& transaction,
                                     const Scope& scope,
                                     const std::string& token,
                                     const EventFilter& filter, int64_t most) {
  const uint64_t binding = ScopeBinding(scope);
  ASSIGN_OR_RETURN(const Place after, PlaceOf(token, binding));
  const bool all_fit = !scope.client_id().has_value() &&
                       !filter.operation_id.has_value() &&
                       !filter.entry_id.has_value();
  const int64_t window = all_fit ? most : limits::kMaxRowsExaminedPerPage;
  EventPage page{.token = token};
  int64_t examined = 0;
  RETURN_IF_ERROR(transaction.Query<Examined>(
      kExamine,
      {{"xid", std::get<0>(after)},
       {"sequence", std::get<1>(after)},
       {"scope", scope.client_id()},
       {"operation_id", filter.operation_id},
       {"entry_id", filter.entry_id},
       {"examined", window}},
      [&](Examined row) {
        ++examined;
        if (static_cast<int64_t>(page.rows.size()) == most) {
          page.more = true;
          return absl::OkStatus();
        }
        page.token = TokenOf(row.place, binding);
        if (row.fits == 0) return absl::OkStatus();
        row.event.token = page.token;
        page.rows.push_back(std::move(row.event));
        return absl::OkStatus();
      }));
  if (examined == window) page.more = true;
  // Asked for last: what went meanwhile has moved it.
  ASSIGN_OR_RETURN(const Place horizon, FindPlace(transaction, kHorizon));
  if (after < horizon) return error::WatchExpired();
  return page;
}

}  // namespace broadcast::storage
