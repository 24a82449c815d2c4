// Plain structs of feeds: named streams of a client's posts, the messages that
// posts have become in channels, and the plans by which channels are brought in
// line with them. Values; any thread.
#ifndef BROADCASTD_STORAGE_FEED_RECORDS_H_
#define BROADCASTD_STORAGE_FEED_RECORDS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "storage/delivery_records.h"
#include "storage/records.h"

namespace broadcast::storage {

// Enumerations are stored as text; ToText and FromText know the words.
enum class FeedState { kOpen, kClosed };
enum class PostState { kOpen, kClosed };
enum class MessageState {
  kPending,      // its delivery waits or is under way
  kLive,         // it is there
  kUnknown,      // it may be there: its delivery is unknown
  kDeleted,      // it was deleted
  kTombstoned,   // it was edited to say that it is gone
  kUndeletable,  // it is there, and the platform refuses to delete it
  kLost,         // it is there no more, or nobody can find it
};
enum class PlanKind { kSync, kFill, kClear, kMigrate };
enum class PlanMode { kFull, kPostOnly, kDeleteOnly };

absl::string_view ToText(FeedState value);
absl::string_view ToText(PostState value);
absl::string_view ToText(MessageState value);
absl::string_view ToText(PlanKind value);
absl::string_view ToText(PlanMode value);
bool FromText(absl::string_view text, FeedState* out);
bool FromText(absl::string_view text, PostState* out);
bool FromText(absl::string_view text, MessageState* out);
bool FromText(absl::string_view text, PlanKind* out);
bool FromText(absl::string_view text, PlanMode* out);

// Whether a post needs no other message in that channel. A post has at most one
// such message a channel.
inline bool IsPresent(MessageState state) {
  return state == MessageState::kPending || state == MessageState::kLive ||
         state == MessageState::kUnknown || state == MessageState::kUndeletable;
}

struct Feed {
  std::string feed_id;
  std::string client_id;
  std::string name;  // unique among the client's feeds
  std::string display_name;
  FeedState state = FeedState::kOpen;
  std::optional<bool> tracking;     // unset: the server's default
  StoredContent tombstone_content;  // unset: the built-in one
  std::string labels = "{}";
  int64_t revision = 1;
  absl::Time create_time;
  absl::Time update_time;
};

// A channel that a feed is posted in.
struct FeedChannel {
  std::string feed_id;
  Channel channel;
  absl::Time create_time;  // when it was put on it
};

// Which feeds a channel is concerned with.
struct FeedOfChannel {
  std::string feed_id;    // it may be gone, if it is not attached
  bool attached = false;  // false: it only left messages there
};

struct Post {
  std::string post_id;  // UUIDv7: the order of creation
  std::string feed_id;
  std::string client_id;
  std::string external_id;  // unique in its feed
  StoredContent content;    // set; writes read the id alone
  PostState state = PostState::kOpen;
  std::string close_reason;  // empty while it is open
  std::optional<absl::Time> expire_time;
  std::string labels = "{}";
  int64_t revision = 1;
  absl::Time create_time;
  absl::Time update_time;
  std::optional<absl::Time> close_time;  // set if, and only if, it is closed
};

// What a plan needs to know of an open post.
struct OpenPost {
  std::string post_id;
  std::string content_id;
};

struct Message {
  std::string message_id;
  std::string channel_id;
  std::string client_id;
  std::optional<std::string> entry_id;  // of an announcement
  Side side = Side::kNone;
  std::optional<std::string> operation_id;  // that posted it, or is to
  std::optional<std::string> feed_id;       // both set, or neither; the post
  std::optional<std::string> post_id;       // and its feed may be gone
  std::string address;                      // where it was posted, or is to be
  // Unset only in kPending, kUnknown and kLost.
  std::optional<std::string> platform_message_id;
  std::string content_id;  // what it says, as far as we know
  std::string content;     // the JSON document; of FindMessage and ListMessages
  MessageState state = MessageState::kPending;
  absl::Time post_time;  // while kPending or kUnknown: when that was decided
  absl::Time update_time;
};

// What plans found in their channel so far.
struct PlanCounts {
  int64_t open_posts = 0;
  int64_t tracked = 0;
  int64_t missing = 0;
  int64_t orphaned = 0;
  int64_t changed = 0;
  int64_t undeletable = 0;
  int64_t unknown = 0;
  int64_t kept = 0;
  int64_t tombstones = 0;
};

// What an operation in state planning still has to decide for one channel, and
// how far it is. The key is operation_id and channel_id.
struct Plan {
  std::string operation_id;
  std::string channel_id;
  std::string client_id;
  PlanKind kind = PlanKind::kSync;
  std::optional<std::string> feed_id;  // unset: every feed of the channel
  std::optional<std::string> target_channel_id;  // kMigrate
  PlanMode mode = PlanMode::kFull;
  std::string phase;        // a word of server/sync; storage knows none
  std::string cursor_feed;  // likewise; empty: at the start
  std::string cursor_post;
  absl::Time as_of;  // expiries are judged by it
  bool delete_old = false;
  bool done = false;
  absl::Time next_time;  // when the next step is due
  PlanCounts counts;
  absl::Time create_time;  // set when it is inserted
};

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_FEED_RECORDS_H_
