#include "storage/feeds.h"

#include <tuple>
#include <utility>

#include "base/limits.h"
#include "storage/feed_columns.h"
#include "storage/present.h"

namespace broadcast::storage {

template <>
struct Columns<FeedChannel> {
  template <typename V>
  static void Visit(V& v, FeedChannel& feed) {
    v(feed.feed_id);
    v(feed.create_time);
    Columns<Channel>::Visit(v, feed.channel);
  }
};

template <>
struct Columns<FeedOfChannel> {
  template <typename V>
  static void Visit(V& v, FeedOfChannel& feed) {
    v(feed.feed_id);
    v(feed.attached);
  }
};

namespace {

constexpr absl::string_view kBeforeAll = "00000000-0000-0000-0000-000000000000";

constexpr Sql kInsert{R"sql(
    INSERT INTO feeds (feed_id, client_id, name, display_name, state, tracking,
      tombstone_content_id, labels, revision, create_time, update_time)
    VALUES (:feed_id, :client_id, :name, :display_name, :state, :tracking,
      :tombstone_content_id, :labels, :revision, :now, :now)
    ON CONFLICT DO NOTHING)sql"};

#define SELECT_FEED                                                     \
  "SELECT" BROADCASTD_FEED_COLUMNS "FROM feeds f" BROADCASTD_FEED_JOINS \
  "WHERE f.delete_time IS NULL "                                        \
  "AND (SELECT c.delete_time FROM clients c "                           \
  "WHERE c.client_id = f.client_id) IS NULL "                           \
  "AND f.client_id = COALESCE(:scope, f.client_id) "
#define SELECT_BY_ID SELECT_FEED "AND f.feed_id = :feed_id"
constexpr Sql kFind{SELECT_BY_ID};
constexpr Sql kLockShared{SELECT_BY_ID, SELECT_BY_ID " FOR SHARE OF f"};
constexpr Sql kLockAlone{SELECT_BY_ID, SELECT_BY_ID " FOR UPDATE OF f"};
#undef SELECT_BY_ID
constexpr Sql kFindByName{SELECT_FEED
                          "AND f.client_id = :client_id AND f.name = :name"};
#undef SELECT_FEED

constexpr Sql kUpdate{R"sql(
    UPDATE feeds SET name = :name, display_name = :display_name,
      state = :state, tracking = :tracking,
      tombstone_content_id = :tombstone_content_id, labels = :labels,
      revision = :revision, update_time = :update_time
    WHERE feed_id = :feed_id AND revision = :revision - 1
      AND delete_time IS NULL
      AND client_id = COALESCE(:scope, client_id))sql"};

constexpr Sql kHide{R"sql(
    UPDATE feeds SET delete_time = :now
    WHERE feed_id = :feed_id AND delete_time IS NULL
      AND client_id = COALESCE(:scope, client_id))sql"};
constexpr Sql kLeaveAll{"DELETE FROM feed_channels WHERE feed_id = :feed_id"};

// PostgreSQL: what another replica purges is left to it.
#define DELETED_FEEDS                                        \
  "SELECT feed_id FROM feeds WHERE delete_time IS NOT NULL " \
  "ORDER BY delete_time, feed_id LIMIT :most"
constexpr Sql kPurgePosts{
    "DELETE FROM posts WHERE post_id IN (SELECT p.post_id "
    "FROM (" DELETED_FEEDS
    ") f CROSS JOIN posts p "
    "WHERE p.feed_id = f.feed_id LIMIT :most)",
    "DELETE FROM posts WHERE post_id = ANY(ARRAY(SELECT p.post_id "
    "FROM (" DELETED_FEEDS
    " FOR UPDATE SKIP LOCKED) f "
    "CROSS JOIN LATERAL (SELECT post_id FROM posts "
    "WHERE feed_id = f.feed_id ORDER BY feed_id LIMIT :most) p LIMIT :most))"};
constexpr Sql kPurgeFeeds{
    "DELETE FROM feeds WHERE feed_id IN (" DELETED_FEEDS ")",
    "DELETE FROM feeds WHERE feed_id = ANY(ARRAY(" DELETED_FEEDS
    " FOR UPDATE SKIP LOCKED))"};
#undef DELETED_FEEDS

constexpr Sql kCountOpen{R"sql(
    SELECT count(*) FROM (SELECT 1 FROM posts
      WHERE feed_id = :feed_id AND state = 'open'
        AND client_id = COALESCE(:scope, client_id) LIMIT :most) n)sql"};

const RowsSql kAddChannels(
    {{"channel_id", "uuid"}},
    "INSERT INTO feed_channels (feed_id, channel_id, client_id, create_time) "
    "SELECT f.feed_id, c.channel_id, f.client_id, CAST(:now AS bigint) FROM "
    "feeds f "
    "JOIN channels c ON c.client_id = f.client_id "
    "WHERE f.feed_id = :feed_id AND c.channel_id = :channel_id "
    "AND f.delete_time IS NULL ON CONFLICT DO NOTHING",
    "INSERT INTO feed_channels (feed_id, channel_id, client_id, create_time) "
    "SELECT f.feed_id, c.channel_id, f.client_id, CAST(:now AS bigint) FROM "
    "feeds f "
    "JOIN channels c ON c.client_id = f.client_id "
    "WHERE f.feed_id = :feed_id AND c.channel_id = "
    "ANY(:channel_id::uuid[]) AND f.delete_time IS NULL "
    "ORDER BY c.channel_id ON CONFLICT DO NOTHING");

constexpr Sql kRemoveChannel{R"sql(
    DELETE FROM feed_channels
    WHERE feed_id = :feed_id AND channel_id = :channel_id
      AND client_id = COALESCE(:scope, client_id))sql"};

constexpr Sql kArrive{R"sql(
    INSERT INTO feed_channels (feed_id, channel_id, client_id, create_time)
    SELECT n.feed_id, t.channel_id, n.client_id, CAST(:now AS bigint)
    FROM feed_channels n
    JOIN channels t ON t.client_id = n.client_id AND t.channel_id = :target
    WHERE n.channel_id = :source AND n.feed_id = COALESCE(:feed_id, n.feed_id)
      AND n.client_id = COALESCE(:scope, n.client_id)
    ON CONFLICT DO NOTHING)sql"};
constexpr Sql kLeave{R"sql(
    DELETE FROM feed_channels
    WHERE channel_id = :source AND feed_id = COALESCE(:feed_id, feed_id)
      AND client_id = COALESCE(:scope, client_id))sql"};

// Migrations may have a feed in more channels than it is allowed to.
static_assert(limits::kMaxFeedChannels == 100);
#define FROM_FEED_CHANNELS                           \
  "FROM feed_channels n "                            \
  "JOIN channels t ON t.channel_id = n.channel_id "  \
  "WHERE n.feed_id = :feed_id "                      \
  "AND n.client_id = COALESCE(:scope, n.client_id) " \
  "ORDER BY n.channel_id LIMIT 200"
constexpr Sql kReadChannels{"SELECT" BROADCASTD_CHANNEL_COLUMNS("t")
                                FROM_FEED_CHANNELS};
constexpr Sql kListChannels{
    "SELECT n.feed_id, n.create_time," BROADCASTD_CHANNEL_COLUMNS("t")
        FROM_FEED_CHANNELS};
#undef FROM_FEED_CHANNELS

// The next feed of each kind by its index, and the first of the two.
constexpr Sql kNextFeed{R"sql(
    SELECT b.feed_id, CASE WHEN EXISTS (SELECT 1 FROM feed_channels a
      WHERE a.feed_id = b.feed_id AND a.channel_id = :channel_id)
      THEN 1 ELSE 0 END
    FROM (
      SELECT * FROM (SELECT n.feed_id FROM feed_channels n
        WHERE n.channel_id = :channel_id AND n.feed_id > :after
          AND n.client_id = COALESCE(:scope, n.client_id)
        ORDER BY n.channel_id, n.feed_id LIMIT 1) attached
      UNION ALL
      SELECT * FROM (SELECT m.feed_id FROM messages m
        WHERE m.channel_id = :channel_id AND m.feed_id > :after
          AND m.post_id IS NOT NULL AND )sql" BROADCASTD_PRESENT("m.")
                            R"sql(
          AND m.client_id = COALESCE(:scope, m.client_id)
        ORDER BY m.channel_id, m.feed_id, m.post_id LIMIT 1) left_behind) b
    ORDER BY b.feed_id LIMIT 1)sql"};

std::optional<int64_t> TrackingOf(const Feed& feed) {
  if (!feed.tracking.has_value()) return std::nullopt;
  return *feed.tracking ? 1 : 0;
}

}  // namespace

absl::StatusOr<bool> InsertFeed(Transaction& transaction, const Scope& scope,
                                const Feed& feed) {
  RETURN_IF_ERROR(scope.Admit(feed.client_id));
  ASSIGN_OR_RETURN(
      const int64_t inserted,
      transaction.Execute(
          kInsert, {{"feed_id", feed.feed_id},
                    {"client_id", feed.client_id},
                    {"name", feed.name},
                    {"display_name", feed.display_name},
                    {"state", ToText(feed.state)},
                    {"tracking", TrackingOf(feed)},
                    {"tombstone_content_id", feed.tombstone_content.content_id},
                    {"labels", feed.labels},
                    {"revision", feed.revision},
                    {"now", transaction.now()}}));
  return inserted == 1;
}

absl::StatusOr<std::optional<Feed>> FindFeed(Transaction& transaction,
                                             const Scope& scope,
                                             const std::string& feed_id) {
  return transaction.QueryOne<Feed>(
      kFind, {{"scope", scope.client_id()}, {"feed_id", feed_id}});
}

absl::StatusOr<std::optional<Feed>> FindFeedByName(Transaction& transaction,
                                                   const Scope& scope,
                                                   const std::string& client_id,
                                                   const std::string& name) {
  return transaction.QueryOne<Feed>(
      kFindByName,
      {{"scope", scope.client_id()}, {"client_id", client_id}, {"name", name}});
}

absl::StatusOr<std::optional<Feed>> LockFeed(Transaction& transaction,
                                             const Scope& scope,
                                             const std::string& feed_id,
                                             FeedLock lock) {
  return transaction.QueryOne<Feed>(
      lock == FeedLock::kShared ? kLockShared : kLockAlone,
      {{"scope", scope.client_id()}, {"feed_id", feed_id}});
}

absl::StatusOr<bool> UpdateFeed(Transaction& transaction, const Scope& scope,
                                const Feed& feed) {
  ASSIGN_OR_RETURN(
      const int64_t changed,
      transaction.Execute(
          kUpdate, {{"name", feed.name},
                    {"display_name", feed.display_name},
                    {"state", ToText(feed.state)},
                    {"tracking", TrackingOf(feed)},
                    {"tombstone_content_id", feed.tombstone_content.content_id},
                    {"labels", feed.labels},
                    {"revision", feed.revision},
                    {"update_time", feed.update_time},
                    {"feed_id", feed.feed_id},
                    {"scope", scope.client_id()}}));
  return changed == 1;
}

absl::StatusOr<bool> DeleteFeed(Transaction& transaction, const Scope& scope,
                                const std::string& feed_id) {
  ASSIGN_OR_RETURN(const int64_t hidden,
                   transaction.Execute(kHide, {{"now", transaction.now()},
                                               {"feed_id", feed_id},
                                               {"scope", scope.client_id()}}));
  if (hidden == 0) return false;
  RETURN_IF_ERROR(
      transaction.Execute(kLeaveAll, {{"feed_id", feed_id}}).status());
  return true;
}

absl::StatusOr<int64_t> PurgeFeeds(Transaction& transaction, int64_t most) {
  ASSIGN_OR_RETURN(const int64_t posts,
                   transaction.Execute(kPurgePosts, {{"most", most}}));
  if (posts == most) return most;
  ASSIGN_OR_RETURN(const int64_t feeds,
                   transaction.Execute(kPurgeFeeds, {{"most", most - posts}}));
  return posts + feeds;
}

absl::StatusOr<int64_t> CountOpenPosts(Transaction& transaction,
                                       const Scope& scope,
                                       const std::string& feed_id,
                                       int64_t most) {
  ASSIGN_OR_RETURN(const auto count,
                   transaction.QueryOne<std::tuple<int64_t>>(
                       kCountOpen, {{"feed_id", feed_id},
                                    {"scope", scope.client_id()},
                                    {"most", most}}));
  return std::get<0>(*count);
}

absl::StatusOr<int64_t> AddFeedChannels(
    Transaction& transaction, const Feed& feed,
    const std::vector<std::string>& channel_ids) {
  std::vector<ValueRow> rows;
  rows.reserve(channel_ids.size());
  for (const std::string& id : channel_ids) rows.push_back({id});
  return transaction.ExecuteRows(
      kAddChannels, rows,
      {{"feed_id", feed.feed_id}, {"now", transaction.now()}});
}

absl::StatusOr<bool> RemoveFeedChannel(Transaction& transaction,
                                       const Scope& scope,
                                       const std::string& feed_id,
                                       const std::string& channel_id) {
  ASSIGN_OR_RETURN(
      const int64_t removed,
      transaction.Execute(kRemoveChannel, {{"feed_id", feed_id},
                                           {"channel_id", channel_id},
                                           {"scope", scope.client_id()}}));
  return removed == 1;
}

absl::StatusOr<int64_t> MoveFeedChannels(
    Transaction& transaction, const Scope& scope, const std::string& from,
    const std::string& to, const std::optional<std::string>& feed_id) {
  RETURN_IF_ERROR(transaction
                      .Execute(kArrive, {{"now", transaction.now()},
                                         {"target", to},
                                         {"source", from},
                                         {"feed_id", feed_id},
                                         {"scope", scope.client_id()}})
                      .status());
  return transaction.Execute(
      kLeave,
      {{"source", from}, {"feed_id", feed_id}, {"scope", scope.client_id()}});
}

absl::StatusOr<std::vector<Channel>> ReadFeedChannels(
    Transaction& transaction, const Scope& scope, const std::string& feed_id) {
  std::vector<Channel> channels;
  RETURN_IF_ERROR(transaction.Query<Channel>(
      kReadChannels, {{"feed_id", feed_id}, {"scope", scope.client_id()}},
      [&](Channel channel) {
        channels.push_back(std::move(channel));
        return absl::OkStatus();
      }));
  return channels;
}

absl::StatusOr<std::vector<FeedChannel>> ListFeedChannels(
    Transaction& transaction, const Scope& scope, const std::string& feed_id) {
  std::vector<FeedChannel> channels;
  RETURN_IF_ERROR(transaction.Query<FeedChannel>(
      kListChannels, {{"feed_id", feed_id}, {"scope", scope.client_id()}},
      [&](FeedChannel channel) {
        channels.push_back(std::move(channel));
        return absl::OkStatus();
      }));
  return channels;
}

absl::StatusOr<std::vector<FeedOfChannel>> FeedsOfChannel(
    Transaction& transaction, const Scope& scope, const std::string& channel_id,
    const std::string& after_feed_id, int64_t most) {
  std::string after(after_feed_id.empty() ? kBeforeAll
                                          : absl::string_view(after_feed_id));
  std::vector<FeedOfChannel> feeds;
  while (static_cast<int64_t>(feeds.size()) < most) {
    ASSIGN_OR_RETURN(auto next, transaction.QueryOne<FeedOfChannel>(
                                    kNextFeed, {{"channel_id", channel_id},
                                                {"after", after},
                                                {"scope", scope.client_id()}}));
    if (!next.has_value()) break;
    after = next->feed_id;
    feeds.push_back(*std::move(next));
  }
  return feeds;
}

}  // namespace broadcast::storage
