#include "entries/backfill_entries.h"

#include <algorithm>
#include <utility>

#include "absl/numeric/int128.h"
#include "base/error_detail.h"
#include "base/errors.h"
#include "base/limits.h"
#include "base/stable_hash.h"
#include "base/status_macros.h"
#include "storage/channel_pairs.h"
#include "storage/clients.h"

namespace broadcast::entries {
namespace {

using storage::Scope;
using storage::Transaction;
using storage::WalkCursor;

// With its bits mixed (splitmix64), so that all of them depend on all of
// `text`.
uint64_t MixedHash(absl::string_view text) {
  StableHash stable;
  stable.Add(text);
  uint64_t hash = stable.value();
  hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9;
  hash = (hash ^ (hash >> 27)) * 0x94d049bb133111eb;
  return hash ^ (hash >> 31);
}

template <typename T>
void AppendFirst(std::vector<T>& to, const std::vector<T>& from, size_t most) {
  const size_t room = most - std::min(most, to.size());
  to.insert(
      to.end(), from.begin(),
      from.begin() + static_cast<std::ptrdiff_t>(std::min(room, from.size())));
}

absl::StatusOr<BackfillFound> FindOnePair(Transaction& transaction,
                                          const Scope& scope,
                                          const std::string& pair_id) {
  ASSIGN_OR_RETURN(const auto pair,
                   storage::FindPair(transaction, scope, pair_id));
  if (!pair.has_value()) return error::ChannelPairNotFound(pair_id);
  BackfillFound found{.done = true};
  if (!pair->entry.has_value()) found.pairs.push_back(pair_id);
  return found;
}

// The part of `scope` that the command is about.
absl::StatusOr<Scope> Narrow(Transaction& transaction, const Scope& scope,
                             const BackfillCommand& command) {
  if (!command.client_id.has_value()) return scope;
  ASSIGN_OR_RETURN(const auto client,
                   storage::FindClient(transaction, scope, *command.client_id));
  if (!client.has_value()) return error::ClientNotFound(*command.client_id);
  return Scope::OneClient(*command.client_id);
}

storage::Entry NewEntry(const BackfillCommand& command,
                        const std::string& pair_id, std::string entry_id,
                        absl::Time now) {
  storage::Entry entry{.entry_id = std::move(entry_id)};
  entry.channel_pair.channel_pair_id = pair_id;
  entry.interval = command.interval;
  entry.next_send_time = now + SpreadOf(pair_id, command.spread);
  entry.create_time = now;
  entry.update_time = now;
  return entry;
}

}  // namespace

void BackfillReport::Add(const BackfillReport& step) {
  created += step.created;
  skipped += step.skipped;
  failed += step.failed;
  AppendFirst(entry_ids, step.entry_ids, kMaxEntryIds);
  AppendFirst(failures, step.failures, limits::kMaxSampleIds);
}

absl::StatusOr<BackfillFound> FindBackfill(
    Transaction& transaction, const Scope& scope,
    const BackfillCommand& command, const std::optional<WalkCursor>& cursor) {
  if (command.channel_pair_id.has_value()) {
    return FindOnePair(transaction, scope, *command.channel_pair_id);
  }
  ASSIGN_OR_RETURN(const Scope narrow, Narrow(transaction, scope, command));
  ASSIGN_OR_RETURN(const auto walked,
                   storage::WalkPairs(transaction, narrow,
                                      cursor.value_or(WalkCursor::At(narrow))));
  BackfillFound found{.cursor = cursor};
  for (const storage::WalkedPair& pair : walked) {
    if (found.pairs.size() == limits::kChunkRows) return found;
    if (!pair.hidden && !pair.has_entry) found.pairs.push_back(pair.place.id);
    found.cursor = pair.place;
  }
  found.done = walked.size() < limits::kMaxRowsExaminedPerPage;
  return found;
}

absl::StatusOr<BackfillReport> BackfillStep(
    Transaction& transaction, const Scope& scope,
    const BackfillCommand& command, absl::Span<const std::string> pairs,
    absl::Span<const std::string> entry_ids) {
  BackfillReport report;
  if (command.validate_only) {
    report.created = static_cast<int64_t>(pairs.size());
    return report;
  }
  if (entry_ids.size() < pairs.size()) return error::Internal();
  const absl::Time now = transaction.now();
  for (size_t i = 0; i < pairs.size(); ++i) {
    const storage::Entry entry = NewEntry(command, pairs[i], entry_ids[i], now);
    ASSIGN_OR_RETURN(auto configured,
                     storage::ConfigurePair(transaction, scope, entry));
    if (configured.has_value()) {
      ++report.created;
      report.entry_ids.push_back(entry.entry_id);
      report.made.push_back(*std::move(configured));
    } else {
      ++report.skipped;
    }
  }
  return report;
}

BackfillReport FailedBackfill(absl::Span<const std::string> pairs,
                              const absl::Status& error) {
  BackfillReport report{.failed = static_cast<int64_t>(pairs.size())};
  for (const std::string& pair : pairs) {
    if (report.failures.size() == limits::kMaxSampleIds) break;
    report.failures.push_back({.channel_pair_id = pair,
                               .reason = std::string(ReasonOf(error)),
                               .message = std::string(error.message())});
  }
  return report;
}

absl::Duration SpreadOf(absl::string_view channel_pair_id,
                        absl::Duration spread) {
  const absl::uint128 micros = static_cast<uint64_t>(
      std::max<int64_t>(absl::ToInt64Microseconds(spread), 0));
  return absl::Microseconds(static_cast<int64_t>(
      absl::Uint128High64(micros * MixedHash(channel_pair_id))));
}

}  // namespace broadcast::entries
