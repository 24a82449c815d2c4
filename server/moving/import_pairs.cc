#include "moving/import_pairs.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "base/status_macros.h"
#include "channels/register_pairs.h"
#include "storage/channel_pairs.h"
#include "storage/channel_successors.h"
#include "storage/channels.h"
#include "storage/contents.h"
#include "storage/entries.h"
#include "storage/sql_error.h"

namespace broadcast::moving {
namespace {

using channels::ChannelSpec;
using storage::Entry;
using storage::Platform;
using storage::Scope;
using storage::Transaction;

constexpr char kInactive[] = "imported as inactive";

class Importer {
 public:
  Importer(Transaction& transaction, IdSource& ids, const ImportPolicy& policy)
      : transaction_(transaction), ids_(ids), policy_(policy) {}

  absl::Status Take(const PairLine& line) {
    ASSIGN_OR_RETURN(const bool there, IsThere(line));
    if (there) {
      ++done_.unchanged;
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(auto open, Place(line, line.open_chat, "open_chat_id"));
    ASSIGN_OR_RETURN(auto closed,
                     Place(line, line.closed_chat, "closed_chat_id"));
    if (!open.has_value() || !closed.has_value()) return absl::OkStatus();
    if (open->address == closed->address) {
      Problem(line, "open_chat_id",
              "has been migrated to the other chat of the pair; remove the "
              "line");
      return absl::OkStatus();
    }
    const channels::PairSpec spec{.client_id = line.client_id,
                                  .new_id = ids_.Next(),
                                  .open = *std::move(open),
                                  .closed = *std::move(closed)};
    auto registered = channels::RegisterPairs(
        transaction_, scope_, {.default_pair_quota = limits::kMaxPairQuota},
        absl::MakeSpan(&spec, 1));
    if (!registered.ok()) return Refuse(line, registered.status());
    return Insert(line, std::move(registered->pairs[0]));
  }

  ImportedLines TakeDone() { return std::move(done_); }

 private:
  // Whether the chats as they are named are a pair with an entry.
  absl::StatusOr<bool> IsThere(const PairLine& line) {
    ASSIGN_OR_RETURN(
        const auto pair,
        storage::FindPairByAddresses(transaction_, scope_,
                                     {.client_id = line.client_id,
                                      .open_platform = Platform::kTelegram,
                                      .open_address = line.open_chat,
                                      .closed_platform = Platform::kTelegram,
                                      .closed_address = line.closed_chat}));
    return pair.has_value() && pair->entry.has_value();
  }

  // The channel that stands for the chat, as it is or as it is to be; nothing
  // if it cannot be the client's.
  absl::StatusOr<std::optional<ChannelSpec>> Place(const PairLine& line,
                                                   const std::string& chat,
                                                   absl::string_view column) {
    ASSIGN_OR_RETURN(auto channel, storage::FindSuccessor(
                                       transaction_, scope_, line.client_id,
                                       Platform::kTelegram, chat));
    if (!channel.has_value()) {
      ASSIGN_OR_RETURN(
          channel, storage::FindChannelByAddress(transaction_, line.client_id,
                                                 Platform::kTelegram, chat));
    }
    if (channel.has_value() && channel->client_id != line.client_id) {
      Problem(line, column,
              "is a channel of another client; delete it there, or remove the "
              "line");
      return std::nullopt;
    }
    if (channel.has_value()) {
      return ChannelSpec{.new_id = ids_.Next(),
                         .platform = channel->platform,
                         .address = channel->address,
                         .account = channel->account};
    }
    return ChannelSpec{.new_id = ids_.Next(),
                       .platform = Platform::kTelegram,
                       .address = chat,
                       .account = policy_.account};
  }

  // What is not the line's fault ends the import.
  absl::Status Refuse(const PairLine& line, const absl::Status& status) {
    if (storage::FailureOf(status) != storage::SqlFailure::kNone ||
        absl::IsInternal(status)) {
      return status;
    }
    Problem(line, "client_id", std::string(status.message()));
    return absl::OkStatus();
  }

  absl::Status Insert(const PairLine& line,
                      channels::RegisteredPair registered) {
    if (registered.entry_id.has_value()) {
      ++done_.unchanged;
      return absl::OkStatus();
    }
    const Entry entry = EntryOf(line, std::move(registered.pair));
    const Entry* const row = &entry;
    absl::Status inserted =
        storage::InsertEntries(transaction_, scope_, absl::MakeSpan(&row, 1));
    if (storage::FailureOf(inserted) == storage::SqlFailure::kUnique) {
      return storage::RunAgain();
    }
    RETURN_IF_ERROR(storage::AgainIfCollected(inserted));
    ++done_.imported;
    return absl::OkStatus();
  }

  Entry EntryOf(const PairLine& line, storage::ChannelPair pair) {
    const absl::Time now = transaction_.now();
    const absl::Duration interval =
        line.interval.value_or(policy_.default_interval);
    Entry entry{.entry_id = ids_.Next(),
                .channel_pair = std::move(pair),
                .interval = interval,
                .next_send_time = line.next_send_time.value_or(now + interval),
                .last_send_time = line.last_send_time,
                .last_trigger_time = line.last_trigger_time,
                .broadcast_count = line.success_count + line.partial_count +
                                   line.failure_count,
                .success_count = line.success_count,
                .partial_count = line.partial_count,
                .failure_count = line.failure_count,
                .consecutive_failure_count = line.consecutive_failure_count,
                .manual_trigger_count = line.manual_trigger_count,
                .create_time = now,
                .update_time = now};
    if (!line.active) {
      entry.state = storage::EntryState::kPaused;
      entry.state_reason = kInactive;
    }
    if (line.last_trigger_time.has_value()) {
      entry.next_trigger_time =
          *line.last_trigger_time + policy_.trigger_cooldown;
    }
    if (line.consecutive_failure_count > 0) {
      entry.last_outcome = storage::Outcome::kFailed;
    } else if (entry.broadcast_count > 0) {
      entry.last_outcome = storage::Outcome::kSent;
    }
    return entry;
  }

  void Problem(const PairLine& line, absl::string_view column,
               std::string text) {
    done_.problems.push_back(
        {line.number, std::string(column), std::move(text)});
  }

  Transaction& transaction_;
  IdSource& ids_;
  const ImportPolicy& policy_;
  const Scope scope_ = Scope::AllClients();
  ImportedLines done_;
};

}  // namespace

absl::StatusOr<ImportedLines> ImportPairs(Transaction& transaction,
                                          IdSource& ids,
                                          const ImportPolicy& policy,
                                          absl::Span<const PairLine> lines) {
  Importer importer(transaction, ids, policy);
  for (const PairLine& line : lines) {
    RETURN_IF_ERROR(importer.Take(line));
  }
  return importer.TakeDone();
}

}  // namespace broadcast::moving
