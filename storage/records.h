// Plain structs of what is stored, one a resource, as reads return them and
// writes take them. Labels are a JSON object of strings, content a JSON
// document of server/content; storage looks into neither. Values; any thread.
#ifndef BROADCASTD_STORAGE_RECORDS_H_
#define BROADCASTD_STORAGE_RECORDS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "storage/sql.h"

namespace broadcast::storage {

// Enumerations are stored as text; ToText and FromText know the words.
enum class Platform { kTelegram, kEmail, kWebhook, kLog };
enum class ChannelState { kActive, kDisabled };
enum class EntryState { kActive, kPaused, kDisabled };
enum class Outcome { kPending, kSending, kSent, kPartial, kFailed };

absl::string_view ToText(Platform value);
absl::string_view ToText(ChannelState value);
absl::string_view ToText(EntryState value);
absl::string_view ToText(Outcome value);

// False, leaving `out` as it was, for a word that is not one of them.
bool FromText(absl::string_view text, Platform* out);
bool FromText(absl::string_view text, ChannelState* out);
bool FromText(absl::string_view text, EntryState* out);
bool FromText(absl::string_view text, Outcome* out);

// Content by its hash. Both are set, or neither.
struct StoredContent {
  std::optional<std::string> content_id;
  std::optional<std::string> body;
};

struct Client {
  std::string client_id;
  std::string display_name;
  std::optional<int64_t> pair_quota;  // unset: the server's default
  int64_t pair_count = 0;
  StoredContent default_open_content;
  StoredContent default_closed_content;
  std::string labels = "{}";
  int64_t revision = 1;
  absl::Time create_time;
  absl::Time update_time;
};

struct Channel {
  std::string channel_id;
  std::string client_id;
  Platform platform = Platform::kLog;
  std::string address;
  std::string account;
  std::string title;
  ChannelState state = ChannelState::kActive;
  std::string state_reason;
  int64_t revision = 1;
  absl::Time create_time;
  absl::Time update_time;
};

struct ChannelPair {
  std::string channel_pair_id;
  std::string client_id;
  Channel open_channel;
  Channel closed_channel;
  absl::Time create_time;
};

struct Entry {
  std::string entry_id;
  ChannelPair channel_pair;
  EntryState state = EntryState::kActive;
  std::string state_reason;
  Outcome last_outcome = Outcome::kPending;
  std::optional<std::string> current_operation_id;
  absl::Duration interval;
  absl::Time next_send_time;  // while not active: what it was
  std::optional<absl::Time> last_send_time;
  std::optional<absl::Time> last_trigger_time;
  std::optional<absl::Time> next_trigger_time;
  int64_t broadcast_count = 0;
  int64_t success_count = 0;
  int64_t partial_count = 0;
  int64_t failure_count = 0;
  int64_t consecutive_failure_count = 0;
  int64_t manual_trigger_count = 0;
  int64_t occurrence_count = 0;   // firings of the schedule that sent something
  bool replace_previous = false;  // a new announcement deletes the one before
  std::string last_error;
  std::optional<absl::Time> last_error_time;
  StoredContent open_content;
  StoredContent closed_content;
  // Whether the client has a default for each side; read only.
  std::optional<std::string> client_open_content_id;
  std::optional<std::string> client_closed_content_id;
  std::string labels = "{}";
  int64_t revision = 1;
  absl::Time create_time;
  absl::Time update_time;

  const std::string& client_id() const { return channel_pair.client_id; }
};

// A pair and its entry, or none: "not configured".
struct PairWithEntry {
  ChannelPair channel_pair;
  std::optional<Entry> entry;
};

// The ids of a pair and of what belongs to it, e.g. for the log.
struct PairIds {
  std::string channel_pair_id;
  std::string client_id;
  std::string open_channel_id;
  std::string closed_channel_id;
  std::optional<std::string> entry_id;
};

// What the audit trail says of a mutation that was made, or refused.
struct AuditEvent {
  std::string audit_event_id;
  absl::Time create_time;
  std::string principal;                 // who called
  std::optional<std::string> client_id;  // whose data, if it is one client's
  std::string method;                    // "CreateEntry"
  std::string event;                     // "entry.created"
  std::string peer;                      // from where, as gRPC writes it
  std::string request_id;                // empty: the caller gave none
  std::string outcome = "OK";            // or the reason of the refusal
  std::string resources = "{}";          // JSON object of the ids touched
  int64_t row_count = 0;
};

// How many rows of each kind a deletion took.
struct Deleted {
  int64_t clients = 0;
  int64_t channels = 0;
  int64_t channel_pairs = 0;
  int64_t entries = 0;
};

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_RECORDS_H_
