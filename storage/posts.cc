#include "storage/posts.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "storage/feed_columns.h"
#include "storage/sql_error.h"

namespace broadcast::storage {

template <>
struct Columns<OpenPost> {
  template <typename V>
  static void Visit(V& v, OpenPost& post) {
    v(post.post_id);
    v(post.content_id);
  }
};

namespace {

constexpr absl::string_view kBeforeAll = "00000000-0000-0000-0000-000000000000";

#define IS_THERE(alias)                                         \
  "(SELECT f.delete_time FROM feeds f WHERE f.feed_id = " alias \
  ".feed_id)"                                                   \
  " IS NULL AND (SELECT c.delete_time FROM clients c "          \
  "WHERE c.client_id = " alias ".client_id) IS NULL "
#define SELECT_POST                                                     \
  "SELECT" BROADCASTD_POST_COLUMNS "FROM posts p" BROADCASTD_POST_JOINS \
  "WHERE p.client_id = COALESCE(:scope, p.client_id) AND " IS_THERE("p")
constexpr Sql kFind{SELECT_POST "AND p.post_id = :post_id"};
constexpr Sql kFindByExternalId{SELECT_POST
                                "AND p.feed_id = :feed_id "
                                "AND p.external_id = :external_id"};
const RowsSql kFindPosts({{"external_id", "text"}},
                         SELECT_POST
                         "AND p.feed_id = :feed_id "
                         "AND p.external_id = :external_id",
                         SELECT_POST
                         "AND p.feed_id = :feed_id "
                         "AND p.external_id = ANY(:external_id::text[]) "
                         "ORDER BY p.post_id FOR NO KEY UPDATE OF p");
const RowsSql kLockPosts({{"post_id", "uuid"}},
                         SELECT_POST "AND p.post_id = :post_id",
                         SELECT_POST
                         "AND p.post_id = ANY(:post_id::uuid[]) "
                         "ORDER BY p.post_id FOR NO KEY UPDATE OF p");
#undef SELECT_POST

const InsertInto kInsert("posts",
                         {{"post_id", "uuid"},
                          {"feed_id", "uuid"},
                          {"client_id", "uuid"},
                          {"external_id", "text"},
                          {"content_id", "text"},
                          {"state", "text"},
                          {"close_reason", "text"},
                          {"expire_time", "bigint"},
                          {"labels", "text"},
                          {"revision", "bigint"},
                          {"create_time", "bigint"},
                          {"update_time", "bigint"},
                          {"close_time", "bigint"}},
                         "ON CONFLICT (feed_id, external_id) DO NOTHING");

const RowsSql kUpdate({{"post_id", "uuid"},
                       {"content_id", "text"},
                       {"state", "text"},
                       {"close_reason", "text"},
                       {"expire_time", "bigint"},
                       {"labels", "text"},
                       {"revision", "bigint"},
                       {"update_time", "bigint"},
                       {"close_time", "bigint"}},
                      R"sql(
    UPDATE posts SET content_id = :content_id, state = :state,
      close_reason = :close_reason, expire_time = :expire_time,
      labels = :labels, revision = :revision, update_time = :update_time,
      close_time = :close_time
    WHERE post_id = :post_id AND revision = :revision - 1
      AND client_id = COALESCE(:scope, client_id))sql",
                      R"sql(
    UPDATE posts p SET content_id = x.content_id, state = x.state,
      close_reason = x.close_reason, expire_time = x.expire_time,
      labels = x.labels, revision = x.revision, update_time = x.update_time,
      close_time = x.close_time
    FROM @rows WHERE p.post_id = x.post_id AND p.revision = x.revision - 1
      AND p.client_id = COALESCE(:scope, p.client_id))sql");

#define CLOSE_POSTS                                                 \
  "UPDATE posts SET state = 'closed', close_reason = :reason, "     \
  "close_time = :now, update_time = :now, revision = revision + 1 " \
  "WHERE state = 'open' AND client_id = COALESCE(:scope, client_id) "
const RowsSql kClose({{"post_id", "uuid"}},
                     CLOSE_POSTS "AND post_id = :post_id",
                     CLOSE_POSTS "AND post_id = ANY(:post_id::uuid[])");
#undef CLOSE_POSTS

#define DELETE_POSTS \
  "DELETE FROM posts WHERE client_id = COALESCE(:scope, client_id) "
const RowsSql kDelete({{"post_id", "uuid"}},
                      DELETE_POSTS "AND post_id = :post_id",
                      DELETE_POSTS "AND post_id = ANY(:post_id::uuid[])");
#undef DELETE_POSTS

constexpr Sql kReadOpen{
    "SELECT p.post_id, p.content_id FROM posts p "
    "WHERE p.feed_id = :feed_id AND p.post_id > :after AND p.state = 'open' "
    "AND (p.expire_time IS NULL OR p.expire_time > :as_of) "
    "AND p.client_id = COALESCE(:scope, p.client_id) AND " IS_THERE(
        "p") "ORDER BY p.feed_id, p.post_id LIMIT :most"};

#define SELECT_EXPIRING                                                 \
  "SELECT" BROADCASTD_POST_COLUMNS "FROM posts p" BROADCASTD_POST_JOINS \
  "WHERE p.state = 'open' AND p.expire_time IS NOT NULL "               \
  "AND p.expire_time <= :now AND " IS_THERE(                            \
      "p") "ORDER BY p.expire_time, p.post_id LIMIT :most"
constexpr Sql kFindExpiring{
    SELECT_EXPIRING, SELECT_EXPIRING " FOR NO KEY UPDATE OF p SKIP LOCKED"};
#undef SELECT_EXPIRING

constexpr Sql kNextExpiry{
    "SELECT p.expire_time FROM posts p "
    "WHERE p.state = 'open' AND p.expire_time IS NOT NULL AND " IS_THERE(
        "p") "ORDER BY p.expire_time, p.post_id LIMIT 1"};
#undef IS_THERE

std::vector<ValueRow> RowsOf(const std::vector<std::string>& ids) {
  std::vector<ValueRow> rows;
  rows.reserve(ids.size());
  for (const std::string& id : ids) rows.push_back({id});
  return rows;
}

void SortById(std::vector<Post>& posts) {
  std::sort(posts.begin(), posts.end(),
            [](const Post& a, const Post& b) { return a.post_id < b.post_id; });
}

}  // namespace

absl::StatusOr<std::optional<Post>> FindPost(Transaction& transaction,
                                             const Scope& scope,
                                             const std::string& post_id) {
  return transaction.QueryOne<Post>(
      kFind, {{"scope", scope.client_id()}, {"post_id", post_id}});
}

absl::StatusOr<std::optional<Post>> FindPostByExternalId(
    Transaction& transaction, const Scope& scope, const std::string& feed_id,
    const std::string& external_id) {
  return transaction.QueryOne<Post>(kFindByExternalId,
                                    {{"scope", scope.client_id()},
                                     {"feed_id", feed_id},
                                     {"external_id", external_id}});
}

absl::StatusOr<std::vector<Post>> FindPosts(
    Transaction& transaction, const Scope& scope, const std::string& feed_id,
    const std::vector<std::string>& external_ids) {
  std::vector<Post> posts;
  RETURN_IF_ERROR(transaction.QueryRows<Post>(
      kFindPosts, RowsOf(external_ids),
      {{"feed_id", feed_id}, {"scope", scope.client_id()}}, [&](Post post) {
        posts.push_back(std::move(post));
        return absl::OkStatus();
      }));
  SortById(posts);
  return posts;
}

absl::StatusOr<std::vector<Post>> LockPosts(
    Transaction& transaction, const Scope& scope,
    const std::vector<std::string>& post_ids) {
  std::vector<Post> posts;
  RETURN_IF_ERROR(transaction.QueryRows<Post>(
      kLockPosts, RowsOf(post_ids), {{"scope", scope.client_id()}},
      [&](Post post) {
        posts.push_back(std::move(post));
        return absl::OkStatus();
      }));
  SortById(posts);
  return posts;
}

absl::Status InsertPosts(Transaction& transaction, const Scope& scope,
                         absl::Span<const Post> posts) {
  std::vector<ValueRow> rows;
  rows.reserve(posts.size());
  for (const Post& post : posts) {
    RETURN_IF_ERROR(scope.Admit(post.client_id));
    rows.push_back({post.post_id, post.feed_id, post.client_id,
                    post.external_id, post.content.content_id,
                    ToText(post.state), post.close_reason, post.expire_time,
                    post.labels, post.revision, post.create_time,
                    post.update_time, post.close_time});
  }
  ASSIGN_OR_RETURN(const int64_t inserted,
                   transaction.InsertRows(kInsert, rows));
  const bool all = inserted == static_cast<int64_t>(rows.size());
  return all ? absl::OkStatus() : RunAgain();
}

absl::StatusOr<int64_t> UpdatePosts(Transaction& transaction,
                                    const Scope& scope,
                                    absl::Span<const Post> posts) {
  std::vector<ValueRow> rows;
  rows.reserve(posts.size());
  for (const Post& post : posts) {
    rows.push_back({post.post_id, post.content.content_id, ToText(post.state),
                    post.close_reason, post.expire_time, post.labels,
                    post.revision, post.update_time, post.close_time});
  }
  return transaction.ExecuteRows(kUpdate, rows, {{"scope", scope.client_id()}});
}

absl::StatusOr<int64_t> ClosePosts(Transaction& transaction, const Scope& scope,
                                   const std::vector<std::string>& post_ids,
                                   const std::string& reason) {
  return transaction.ExecuteRows(kClose, RowsOf(post_ids),
                                 {{"reason", reason},
                                  {"now", transaction.now()},
                                  {"scope", scope.client_id()}});
}

absl::StatusOr<int64_t> DeletePosts(Transaction& transaction,
                                    const Scope& scope,
                                    const std::vector<std::string>& post_ids) {
  return transaction.ExecuteRows(kDelete, RowsOf(post_ids),
                                 {{"scope", scope.client_id()}});
}

absl::StatusOr<std::vector<OpenPost>> ReadOpenPosts(
    Transaction& transaction, const Scope& scope, const std::string& feed_id,
    const std::string& after_post_id, absl::Time as_of, int64_t limit) {
  std::vector<OpenPost> posts;
  RETURN_IF_ERROR(transaction.Query<OpenPost>(
      kReadOpen,
      {{"feed_id", feed_id},
       {"after",
        after_post_id.empty() ? kBeforeAll : absl::string_view(after_post_id)},
       {"as_of", as_of},
       {"scope", scope.client_id()},
       {"most", limit}},
      [&](OpenPost post) {
        posts.push_back(std::move(post));
        return absl::OkStatus();
      }));
  return posts;
}

absl::StatusOr<std::vector<Post>> FindExpiring(Transaction& transaction,
                                               absl::Time now, int64_t most) {
  std::vector<Post> posts;
  RETURN_IF_ERROR(transaction.Query<Post>(
      kFindExpiring, {{"now", now}, {"most", most}}, [&](Post post) {
        posts.push_back(std::move(post));
        return absl::OkStatus();
      }));
  return posts;
}

absl::StatusOr<std::optional<absl::Time>> NextExpiry(Transaction& transaction) {
  ASSIGN_OR_RETURN(
      const auto next,
      transaction.QueryOne<std::tuple<absl::Time>>(kNextExpiry, {}));
  if (!next.has_value()) return std::optional<absl::Time>();
  return std::optional<absl::Time>(std::get<0>(*next));
}

}  // namespace broadcast::storage
