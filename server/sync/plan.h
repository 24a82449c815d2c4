// What makes a channel agree with its feeds: merges the posts that are open
// with the messages that are there, both in the order of places, into one
// verdict a place. Pages of any size give the same verdicts as the whole.
// Pure functions and values; any thread.
#ifndef BROADCASTD_SYNC_PLAN_H_
#define BROADCASTD_SYNC_PLAN_H_

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"

namespace broadcast::sync {

// Where something stands in a channel's plan: feeds by id, and in each its
// posts by id. Empty: before all.
struct Place {
  std::string feed_id;
  std::string post_id;

  auto operator<=>(const Place&) const = default;
};

// A post that is open, so that its channel ought to have a message of it.
struct WantedPost {
  Place place;
  std::string content_id;
  // The message in another channel that can be copied instead.
  std::optional<std::string> original_id;
};

enum class Presence { kPending, kLive, kUnknown, kUndeletable };

// A message that is in the channel, or may be, or is about to be. There is at
// most one of each place.
struct PresentMessage {
  Place place;
  std::string message_id;
  std::string content_id;
  Presence presence = Presence::kLive;
  absl::Time post_time;
  // It stays though no open post wants it: its post has expired since the time
  // that the plan is made for, which is being seen to; or it has not moved yet.
  bool spared = false;
};

enum class Verdict {
  kKeep,         // as it ought to be, or about to be
  kPost,         // missing: is sent
  kCopy,         // missing: is copied from its original
  kEdit,         // carries something else than its post
  kDelete,       // orphaned: no open post wants it
  kTombstone,    // orphaned, too old to be deleted: is edited
  kUndeletable,  // orphaned, and the platform has refused to delete it
  kUnknown,      // whether it is there nobody knows
};

// A word for each, for fingerprints and samples.
absl::string_view ToText(Verdict verdict);

// Whether its platform can be asked about it: it has told us of it once.
inline bool CanBeProbed(Presence presence) {
  return presence == Presence::kLive || presence == Presence::kUndeletable;
}

struct Rules {
  bool posts = true;    // what is missing or changed is sent, copied or edited
  bool deletes = true;  // what is orphaned is deleted
  // What was posted before cannot be deleted any more; unset: all can be.
  std::optional<absl::Time> deletable_since;
};

struct Decision {
  Verdict verdict = Verdict::kKeep;
  const WantedPost* post = nullptr;         // null: none
  const PresentMessage* message = nullptr;  // null: none

  const Place& place() const {
    return post != nullptr ? post->place : message->place;
  }
};

// Whether something is done about it.
bool Acts(const Decision& decision, const Rules& rules);

// What stands behind a place, each in order; `…_end`: there is no more of it.
struct Page {
  absl::Span<const WantedPost> posts;
  bool posts_end = true;
  absl::Span<const PresentMessage> messages;
  bool messages_end = true;
};

struct Merged {
  std::optional<Place> last;  // that was decided; unset: none was
  bool done = false;          // all are, of a page that ends both
};

// Hands every verdict that the page allows to `take`, which answers false to
// be handed no more; the one it refuses counts as not decided. A page that ends
// neither and is not empty allows one at least.
Merged Merge(const Page& page, const Rules& rules,
             absl::FunctionRef<bool(const Decision&)> take);

// What a plan comes to. Counted whether anything is done about it or not.
struct Counts {
  int64_t open_posts = 0;
  int64_t tracked = 0;  // messages
  int64_t missing = 0;
  int64_t orphaned = 0;    // that are deleted or made tombstones
  int64_t tombstones = 0;  // of those
  int64_t changed = 0;
  int64_t undeletable = 0;
  int64_t unknown = 0;
  int64_t kept = 0;

  void Add(const Decision& decision);
  void Add(const Counts& other);
  bool operator==(const Counts&) const = default;
};

// The hash of all that a plan does, in order; the same for the same doing,
// however it was read.
class Fingerprint {
 public:
  // All that follows is done to this channel.
  void AddChannel(absl::string_view channel_id);
  void Add(const Decision& decision);

  std::string Hash() const;  // hexadecimal; empty of nothing

 private:
  void Mix(absl::string_view line);

  std::string hash_;     // of all before
  std::string pending_;  // lines that are not in it yet
  int lines_ = 0;        // of them
};

}  // namespace broadcast::sync

#endif  // BROADCASTD_SYNC_PLAN_H_
