#include "entries/change_entry.h"

#include <utility>

#include "absl/functional/function_ref.h"
#include "base/errors.h"
#include "base/etag.h"
#include "base/status_macros.h"
#include "storage/contents.h"
#include "storage/entries.h"
#include "storage/once.h"
#include "storage/sql_error.h"

namespace broadcast::entries {
namespace {

using storage::Entry;
using storage::EntryState;
using storage::RequestKey;
using storage::Scope;
using storage::Transaction;

absl::Status Write(Transaction& transaction, const Scope& scope,
                   const Entry& entry) {
  RETURN_IF_ERROR(storage::StoreContents(
      transaction, {&entry.open_content, &entry.closed_content}));
  const auto written = storage::UpdateEntry(transaction, scope, entry);
  RETURN_IF_ERROR(storage::AgainIfCollected(written.status()));
  return *written ? absl::OkStatus() : storage::RunAgain();
}

// Loads the entry, lets `apply` change it, and writes it.
absl::StatusOr<ChangedEntry> Change(
    Transaction& transaction, const Scope& scope, const RequestKey& request,
    const EntryKey& key, absl::FunctionRef<absl::Status(Entry&)> apply) {
  const auto decide = [&]() -> absl::StatusOr<ChangedEntry> {
    ASSIGN_OR_RETURN(auto entry,
                     storage::FindEntry(transaction, scope, key.entry_id));
    if (!entry.has_value()) return error::EntryNotFound(key.entry_id);
    if (!EtagAllows(key.etag, entry->revision)) {
      return error::EtagMismatch("entry", key.entry_id,
                                 EtagOf(entry->revision));
    }
    RETURN_IF_ERROR(apply(*entry));
    ++entry->revision;
    entry->update_time = transaction.now();
    RETURN_IF_ERROR(Write(transaction, scope, *entry));
    return ChangedEntry{.entry = std::move(entry)};
  };
  return storage::Once(
      transaction, request, decide,
      [&](const ChangedEntry&) { return key.entry_id; },
      [&](const std::string& entry_id) -> absl::StatusOr<ChangedEntry> {
        ASSIGN_OR_RETURN(auto entry,
                         storage::FindEntry(transaction, scope, entry_id));
        return ChangedEntry{.entry = std::move(entry)};
      });
}

}  // namespace

absl::Time NextInPhase(absl::Time due, absl::Duration interval,
                       absl::Time now) {
  if (due >= now) return due;
  absl::Duration into;
  const int64_t passed = absl::IDivDuration(now - due, interval, &into);
  const bool exact = into == absl::ZeroDuration();
  return due + interval * (exact ? passed : passed + 1);
}

absl::StatusOr<ChangedEntry> UpdateEntry(Transaction& transaction,
                                         const Scope& scope,
                                         const RequestKey& request,
                                         const UpdateEntryCommand& command) {
  return Change(transaction, scope, request, command.key, [&](Entry& entry) {
    entry.interval = command.interval.value_or(entry.interval);
    entry.next_send_time =
        command.next_send_time.value_or(entry.next_send_time);
    entry.replace_previous =
        command.replace_previous.value_or(entry.replace_previous);
    entry.labels = command.labels.value_or(entry.labels);
    if (command.open_content.has_value()) {
      entry.open_content = *command.open_content;
    }
    if (command.closed_content.has_value()) {
      entry.closed_content = *command.closed_content;
    }
    return absl::OkStatus();
  });
}

absl::StatusOr<ChangedEntry> PauseEntry(Transaction& transaction,
                                        const Scope& scope,
                                        const RequestKey& request,
                                        const PauseEntryCommand& command) {
  return Change(transaction, scope, request, command.key,
                [&](Entry& entry) -> absl::Status {
                  if (entry.state != EntryState::kActive) {
                    return error::EntryNotActive(entry.entry_id,
                                                 ToText(entry.state));
                  }
                  entry.state = EntryState::kPaused;
                  entry.state_reason = command.reason;
                  return absl::OkStatus();
                });
}

absl::StatusOr<ChangedEntry> ResumeEntry(Transaction& transaction,
                                         const Scope& scope,
                                         const RequestKey& request,
                                         const EntryKey& key) {
  return Change(transaction, scope, request, key,
                [&](Entry& entry) -> absl::Status {
                  if (entry.state == EntryState::kActive) {
                    return error::EntryAlreadyActive(entry.entry_id);
                  }
                  entry.state = EntryState::kActive;
                  entry.state_reason.clear();
                  entry.consecutive_failure_count = 0;
                  entry.next_send_time = NextInPhase(
                      entry.next_send_time, entry.interval, transaction.now());
                  return absl::OkStatus();
                });
}

}  // namespace broadcast::entries
