// Reads what Sync or Migrate would do, over everything they are asked about:
// the counts of all of it, the beginning of it, and its fingerprint. In bounded
// parts, each in a read of its own, with memory for the channels that something
// is done in and no more. One thread at a time.
#ifndef BROADCASTD_SYNC_READ_PLAN_H_
#define BROADCASTD_SYNC_READ_PLAN_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "feeds/feed_policy.h"
#include "storage/feed_records.h"
#include "storage/scope.h"
#include "storage/transaction.h"
#include "sync/leg.h"
#include "sync/plan.h"
#include "sync/plan_token.h"

namespace broadcast::sync {

// What is to be done, counted by what is done.
struct Actions {
  int64_t posts = 0;  // sent or copied
  int64_t edits = 0;
  int64_t deletes = 0;
  int64_t tombstones = 0;

  int64_t all() const { return posts + edits + deletes + tombstones; }
};

struct SampleAction {
  Verdict verdict = Verdict::kPost;
  std::string channel_id;
  Place place;
  std::string external_id;  // empty: the post is gone
  std::string message_id;   // empty: none yet
};

// A channel that something is done in, if only to ask.
struct PlannedChannel {
  std::string channel_id;
  std::string client_id;
};

struct WholePlan {
  absl::Time as_of;
  Counts counts;
  Actions actions;
  int64_t probes = 0;                 // messages that are asked about first
  std::vector<SampleAction> samples;  // limits::kMaxSampleIds of them
  std::string hash;                   // empty: nothing is done
  std::vector<PlannedChannel> channels;

  std::string fingerprint() const {
    return ToText({.as_of = as_of, .hash = hash});
  }
};

// What is asked about: a channel, or a feed in all its channels, or what every
// feed shows; or else what `legs` say, as a migration does.
struct PlanQuestion {
  std::optional<std::string> channel_id;
  std::optional<std::string> feed_id;
  std::vector<Leg> legs;
  storage::PlanMode mode = storage::PlanMode::kFull;
  bool verify = false;  // ask which messages are still there, before all else
  std::optional<PlanToken> expected;
  std::optional<absl::Time> as_of;  // unset: the time of the first read
};

class PlanReader {
 public:
  PlanReader(storage::Scope scope, feeds::FeedPolicy policy,
             PlanQuestion question);

  // The next part. Run again from its start it reads the same part. Returns
  // FAILED_PRECONDITION PLAN_EXPIRED; NOT_FOUND CHANNEL_NOT_FOUND and
  // FEED_NOT_FOUND; FAILED_PRECONDITION TRACKING_DISABLED of the one feed,
  // CHANNEL_NOT_ACTIVE and ACCOUNT_UNAVAILABLE of the one channel.
  absl::Status Read(storage::Transaction& transaction);

  // After a read that succeeded.
  void Keep();

  bool done() const { return at_.done; }

  // FAILED_PRECONDITION PLAN_CHANGED if another plan was expected.
  absl::Status Check() const;

  // Once done.
  WholePlan TakePlan();

  // The one channel that was asked about.
  const storage::Channel& channel() const { return at_.legs[0].channel; }

 private:
  // How far it is; what a part makes of it.
  struct Progress {
    bool begun = false;
    bool done = false;
    absl::Time as_of;
    std::vector<Leg> legs;      // known so far, but for those that are through
    size_t leg = 0;             // of them
    bool listed = false;        // its channel is
    bool told = false;          // so is it to the fingerprint
    std::string after_channel;  // of all: which channels are known
    bool more_channels = false;
    Place at;
    bool feed_done = true;  // go on with the feed after `at`
    Counts counts;
    Actions actions;
    int64_t probes = 0;
    std::vector<SampleAction> samples;
    Fingerprint fingerprint;
  };

  absl::Status Begin(storage::Transaction& transaction);
  absl::Status BeginWith(storage::Transaction& transaction);
  absl::Status FindChannel(storage::Transaction& transaction);
  absl::Status FindFeedChannels(storage::Transaction& transaction);
  absl::Status FindMoreChannels(storage::Transaction& transaction);
  void AddLeg(const storage::Channel& channel);
  // One page of the leg, or the end of it.
  absl::Status ReadLeg(storage::Transaction& transaction);
  void NextLeg();
  void Take(const Leg& leg, const Decision& decision);
  bool IsProbed(const Leg& leg, const Decision& decision) const;
  void List(const storage::Channel& channel);
  void Sample(const Leg& leg, const Decision& decision);
  absl::Status NameSamples(storage::Transaction& transaction);

  const storage::Scope scope_;
  const feeds::FeedPolicy policy_;
  const PlanQuestion question_;

  Progress at_;
  std::vector<PlannedChannel> channels_;

  // Of the part that is read.
  Progress next_;
  std::vector<PlannedChannel> next_channels_;
};

}  // namespace broadcast::sync

#endif  // BROADCASTD_SYNC_READ_PLAN_H_
