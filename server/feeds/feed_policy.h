// What the configuration says that feeds are published by, and what follows of
// it for one channel and one message: whether it can be sent to, how a message
// goes. Values and pure functions; any thread.
#ifndef BROADCASTD_FEEDS_FEED_POLICY_H_
#define BROADCASTD_FEEDS_FEED_POLICY_H_

#include <optional>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/ids.h"
#include "channels/accounts.h"
#include "storage/feed_records.h"
#include "storage/records.h"

namespace broadcast::feeds {

struct FeedPolicy {
  const channels::Accounts* accounts = nullptr;  // outlives this
  // For what a decision makes: how much that is shows only in its transaction.
  // What a run before it made was undone, so that it may have had other ids.
  IdSource* ids = nullptr;  // outlives this
  bool default_tracking = true;
};

// Whether the feed's messages are remembered.
bool Tracks(const storage::Feed& feed, const FeedPolicy& policy);

// What a message of the feed says once it is gone but cannot be deleted.
storage::StoredContent TombstoneOf(const storage::Feed& feed);

// The same without a feed.
storage::StoredContent BuiltInTombstone();

// The account that sends to the channel, or null if this server has none.
const channels::Account* AccountOf(const storage::Channel& channel,
                                   const FeedPolicy& policy);

// Whether deliveries to the channel make sense now: it is active, and this
// server has its account.
bool IsReachable(const storage::Channel& channel, const FeedPolicy& policy);

// What was posted before cannot be deleted on the platform any more; nothing:
// all can be. It keeps a margin, for what has to wait.
std::optional<absl::Time> DeletableSince(storage::Platform platform,
                                         absl::Time now);

// Whether the platform can be asked if a message is still there, without a
// change to it.
bool CanProbe(storage::Platform platform);

// How a message that is to go goes.
enum class Retraction {
  kNone,       // it stays: nobody knows whether it is there, or the platform
               // has refused to delete it
  kDelete,     // what is still to be posted is posted first
  kTombstone,  // it is too old to be deleted
};
Retraction RetractionOf(const storage::Message& message,
                        storage::Platform platform, absl::Time now);

}  // namespace broadcast::feeds

#endif  // BROADCASTD_FEEDS_FEED_POLICY_H_
