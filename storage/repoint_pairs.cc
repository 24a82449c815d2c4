#include "storage/repoint_pairs.h"

#include <tuple>

namespace broadcast::storage {
namespace {

// The other side of the pair stays, and the two must be no pair yet.
#define REPOINT(side, other)                                                 \
  "UPDATE channel_pairs SET " side " = :target WHERE " side                  \
  " = :source AND " other                                                    \
  " <> :target AND client_id = COALESCE(:scope, client_id) AND NOT EXISTS (" \
  "SELECT 1 FROM channel_pairs q WHERE q." side " = :target AND q." other    \
  " = channel_pairs." other ")"
constexpr Sql kRepointOpen{REPOINT("open_channel_id", "closed_channel_id")};
constexpr Sql kRepointClosed{REPOINT("closed_channel_id", "open_channel_id")};
#undef REPOINT

constexpr Sql kCountKept{R"sql(
    SELECT count(*) FROM channel_pairs
    WHERE (open_channel_id = :source OR closed_channel_id = :source)
      AND client_id = COALESCE(:scope, client_id))sql"};

}  // namespace

absl::StatusOr<RepointedPairs> RepointPairs(Transaction& transaction,
                                            const Scope& scope,
                                            const std::string& from,
                                            const std::string& to) {
  RepointedPairs done;
  for (const Sql* side : {&kRepointOpen, &kRepointClosed}) {
    ASSIGN_OR_RETURN(
        const int64_t moved,
        transaction.Execute(
            *side,
            {{"source", from}, {"target", to}, {"scope", scope.client_id()}}));
    done.moved += moved;
  }
  ASSIGN_OR_RETURN(
      const auto kept,
      transaction.QueryOne<std::tuple<int64_t>>(
          kCountKept, {{"source", from}, {"scope", scope.client_id()}}));
  done.kept = std::get<0>(*kept);
  return done;
}

}  // namespace broadcast::storage
