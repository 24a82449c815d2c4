#include "startup_feed.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/error_detail.h"
#include "base/status_macros.h"
#include "feeds/default_feed.h"
#include "sync/sync_whole_feed.h"

namespace broadcast {
namespace {

void LogSetUp(const feeds::DefaultFeed& made, Log& log) {
  for (const feeds::LeftChat& left : made.left) {
    log.Write(Severity::kWarning, "default_feed.chat_migrated",
              {{"chat", left.address}, {"successor", left.successor}});
  }
  log.Write(Severity::kInfo, "default_feed.ready",
            {{"client_id", feeds::kDefaultClientId},
             {"feed_id", made.feed.feed_id},
             {"created", int64_t{made.created}},
             {"channels_added", made.channels_added}});
}

}  // namespace

void WarnOfOutranked(const Settings& settings, Log& log) {
  for (const Outranked& outranked : settings.outranked) {
    log.Write(Severity::kWarning, "settings.outranked",
              {{"variable", outranked.variable}, {"by", outranked.by}});
  }
}

absl::Status SetUpStartupFeed(const Settings& settings,
                              storage::Database& database, IdSource& ids,
                              Log& log) {
  if (!settings.default_feed.has_value()) return absl::OkStatus();
  const DefaultFeedSettings& asked = *settings.default_feed;
  std::optional<feeds::DefaultFeed> made;
  absl::Status done = database.Write(
      {.guarded = true}, [&](storage::Transaction& write) -> absl::Status {
        ASSIGN_OR_RETURN(
            made,
            feeds::SetUpDefaultFeed(
                write, ids, {.account = asked.account, .chats = asked.chats}));
        return absl::OkStatus();
      });
  if (done.ok()) {
    LogSetUp(*made, log);
    return absl::OkStatus();
  }
  const std::string reason = ReasonOf(done);
  if (reason == "FEED_CLOSED" || reason == "CLIENT_BEING_DELETED") {
    log.Write(Severity::kWarning, "default_feed.unavailable",
              {{"client_id", feeds::kDefaultClientId}, {"reason", reason}});
    return absl::OkStatus();
  }
  if (reason == "CHANNEL_TAKEN" || reason == "FEED_CHANNEL_LIMIT") {
    return absl::InvalidArgumentError(
        absl::StrCat(asked.origin, ": ", done.message(),
                     "; or take the chat out of ", asked.origin));
  }
  return done;
}

void SyncStartupFeed(const feeds::FeedPolicy& policy,
                     storage::Database& database, IdSource& ids, Log& log) {
  const std::string operation_id = ids.Next();
  std::optional<storage::Operation> started;
  const absl::Status done =
      database.Write({}, [&](storage::Transaction& write) -> absl::Status {
        ASSIGN_OR_RETURN(started, sync::SyncWholeFeed(
                                      write, policy, feeds::kDefaultClientId,
                                      feeds::kDefaultFeedName, operation_id));
        return absl::OkStatus();
      });
  if (!done.ok()) {
    log.Write(Severity::kWarning, "sync_on_startup.refused",
              {{"reason", ReasonOf(done)}, {"message", done.message()}});
  } else if (!started.has_value()) {
    log.Write(Severity::kInfo, "sync_on_startup.no_channels", {});
  } else {
    log.Write(Severity::kInfo, "sync_on_startup.started",
              {{"operation_id", started->operation_id}});
  }
}

}  // namespace broadcast
