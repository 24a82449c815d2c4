// What the variables of an older system ask for at the start: the default feed
// before the server serves, and its sync afterwards. Free functions, called by
// the environment; they wait for the database.
#ifndef BROADCASTD_STARTUP_FEED_H_
#define BROADCASTD_STARTUP_FEED_H_

#include "absl/status/status.h"
#include "base/ids.h"
#include "base/log.h"
#include "feeds/feed_policy.h"
#include "settings/settings.h"
#include "storage/database.h"

namespace broadcast {

// Warns of variables that count for nothing because an option is given, too.
void WarnOfOutranked(const Settings& settings, Log& log);

// Does nothing without Settings::default_feed. Only warns if the feed or its
// client cannot take channels now, which nobody could change without a server.
// Returns INVALID_ARGUMENT, with the variable and the remedy, for chats that
// cannot be the feed's, and what Database::Write returns.
absl::Status SetUpStartupFeed(const Settings& settings,
                              storage::Database& database, IdSource& ids,
                              Log& log);

// Starts a full sync of the default feed. Logs why it could not.
void SyncStartupFeed(const feeds::FeedPolicy& policy,
                     storage::Database& database, IdSource& ids, Log& log);

}  // namespace broadcast

#endif  // BROADCASTD_STARTUP_FEED_H_
