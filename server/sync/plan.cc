#include "sync/plan.h"

#include "absl/strings/str_cat.h"
#include "base/sha256.h"

namespace broadcast::sync {
namespace {

Verdict OfOrphan(const PresentMessage& message, const Rules& rules) {
  if (message.spared) return Verdict::kKeep;
  const bool old = rules.deletable_since.has_value() &&
                   message.post_time < *rules.deletable_since;
  switch (message.presence) {
    case Presence::kUnknown:
      return Verdict::kUnknown;
    case Presence::kUndeletable:
      return old ? Verdict::kTombstone : Verdict::kUndeletable;
    case Presence::kPending:
      // The queue of its channel posts it first.
      return Verdict::kDelete;
    case Presence::kLive:
      return old ? Verdict::kTombstone : Verdict::kDelete;
  }
  return Verdict::kKeep;
}

Verdict OfBoth(const WantedPost& post, const PresentMessage& message) {
  switch (message.presence) {
    case Presence::kUnknown:
      return Verdict::kUnknown;
    case Presence::kPending:
      // Whoever changed the post has put the edit behind it.
      return Verdict::kKeep;
    case Presence::kLive:
    case Presence::kUndeletable:
      return post.content_id == message.content_id ? Verdict::kKeep
                                                   : Verdict::kEdit;
  }
  return Verdict::kKeep;
}

Verdict VerdictOf(const WantedPost* post, const PresentMessage* message,
                  const Rules& rules) {
  if (post == nullptr) return OfOrphan(*message, rules);
  if (message != nullptr) return OfBoth(*post, *message);
  return post->original_id.has_value() ? Verdict::kCopy : Verdict::kPost;
}

}  // namespace

absl::string_view ToText(Verdict verdict) {
  switch (verdict) {
    case Verdict::kKeep:
      return "keep";
    case Verdict::kPost:
      return "post";
    case Verdict::kCopy:
      return "copy";
    case Verdict::kEdit:
      return "edit";
    case Verdict::kDelete:
      return "delete";
    case Verdict::kTombstone:
      return "tombstone";
    case Verdict::kUndeletable:
      return "undeletable";
    case Verdict::kUnknown:
      return "unknown";
  }
  return "";
}

bool Acts(const Decision& decision, const Rules& rules) {
  switch (decision.verdict) {
    case Verdict::kPost:
    case Verdict::kCopy:
    case Verdict::kEdit:
      return rules.posts;
    case Verdict::kDelete:
    case Verdict::kTombstone:
      return rules.deletes;
    case Verdict::kKeep:
    case Verdict::kUndeletable:
    case Verdict::kUnknown:
      return false;
  }
  return false;
}

Merged Merge(const Page& page, const Rules& rules,
             absl::FunctionRef<bool(const Decision&)> take) {
  Merged merged;
  auto post = page.posts.begin();
  auto message = page.messages.begin();
  while (true) {
    const bool no_post = post == page.posts.end();
    const bool no_message = message == page.messages.end();
    // What comes next of an unfinished stream may stand before the other's.
    if (no_post && !page.posts_end) return merged;
    if (no_message && !page.messages_end) return merged;
    merged.done = no_post && no_message;
    if (merged.done) return merged;

    Decision decision;
    if (!no_post && (no_message || post->place <= message->place)) {
      decision.post = &*post;
    }
    if (!no_message && (no_post || message->place <= post->place)) {
      decision.message = &*message;
    }
    decision.verdict = VerdictOf(decision.post, decision.message, rules);
    if (!take(decision)) return merged;
    merged.last = decision.place();
    if (decision.post != nullptr) ++post;
    if (decision.message != nullptr) ++message;
  }
}

void Counts::Add(const Decision& decision) {
  if (decision.post != nullptr) ++open_posts;
  if (decision.message != nullptr) ++tracked;
  switch (decision.verdict) {
    case Verdict::kKeep:
      ++kept;
      break;
    case Verdict::kPost:
    case Verdict::kCopy:
      ++missing;
      break;
    case Verdict::kEdit:
      ++changed;
      break;
    case Verdict::kTombstone:
      ++tombstones;
      [[fallthrough]];
    case Verdict::kDelete:
      ++orphaned;
      break;
    case Verdict::kUndeletable:
      ++undeletable;
      break;
    case Verdict::kUnknown:
      ++unknown;
      break;
  }
}

void Counts::Add(const Counts& other) {
  open_posts += other.open_posts;
  tracked += other.tracked;
  missing += other.missing;
  orphaned += other.orphaned;
  tombstones += other.tombstones;
  changed += other.changed;
  undeletable += other.undeletable;
  unknown += other.unknown;
  kept += other.kept;
}

void Fingerprint::AddChannel(absl::string_view channel_id) {
  Mix(absl::StrCat("channel ", channel_id, "\n"));
}

void Fingerprint::Add(const Decision& decision) {
  const Place& place = decision.place();
  const absl::string_view message_id =
      decision.message == nullptr
          ? (decision.post->original_id.has_value()
                 ? absl::string_view(*decision.post->original_id)
                 : absl::string_view("-"))
          : absl::string_view(decision.message->message_id);
  const absl::string_view content_id = decision.post == nullptr
                                           ? absl::string_view("-")
                                           : decision.post->content_id;
  Mix(absl::StrCat(ToText(decision.verdict), " ", place.feed_id, "/",
                   place.post_id, " ", message_id, " ", content_id, "\n"));
}

std::string Fingerprint::Hash() const {
  return pending_.empty() ? hash_ : Sha256Hex(absl::StrCat(hash_, pending_));
}

// A chain, so that little of the plan has to be kept, of so many lines at a
// time, however they come.
void Fingerprint::Mix(absl::string_view line) {
  constexpr int kLinesPerHash = 32;
  absl::StrAppend(&pending_, line);
  if (++lines_ < kLinesPerHash) return;
  hash_ = Hash();
  pending_.clear();
  lines_ = 0;
}

}  // namespace broadcast::sync
