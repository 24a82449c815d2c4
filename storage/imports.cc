#include "storage/imports.h"

#include <array>
#include <cstddef>
#include <utility>

#include "base/status_macros.h"
#include "storage/sql_error.h"

namespace broadcast::storage {

template <>
struct Columns<Import> {
  template <typename V>
  static void Visit(V& v, Import& import) {
    v(import.import_id);
    v(import.feed_id);
    v(import.client_id);
    v(import.mode);
    v(import.validate_only);
    v(import.state);
    v(import.generation);
    v(import.close_cursor);
    v(import.counts.received);
    v(import.counts.created);
    v(import.counts.updated);
    v(import.counts.unchanged);
    v(import.counts.reopened);
    v(import.counts.closed);
    v(import.create_time);
    v(import.update_time);
  }
};

template <>
struct Columns<MarkedPost> {
  template <typename V>
  static void Visit(V& v, MarkedPost& post) {
    v(post.post_id);
    v(post.stays);
  }
};

namespace {

constexpr absl::string_view kBeforeAll = "00000000-0000-0000-0000-000000000000";

constexpr std::array kModes = {"merge", "snapshot"};
constexpr std::array kStates = {"running", "closing", "complete", "abandoned"};

template <typename E, typename Words>
bool Find(const Words& words, absl::string_view text, E* out) {
  for (size_t i = 0; i < words.size(); ++i) {
    if (words[i] == text) {
      *out = static_cast<E>(i);
      return true;
    }
  }
  return false;
}

constexpr Sql kInsert{R"sql(
    INSERT INTO imports (import_id, feed_id, client_id, mode, validate_only,
      state, generation, close_cursor, received, created, updated, unchanged,
      reopened, closed, create_time, update_time)
    VALUES (:import_id, :feed_id, :client_id, :mode, :validate_only, :state,
      :generation, '', 0, 0, 0, 0, 0, 0, :now, :now)
    ON CONFLICT DO NOTHING)sql"};

#define SELECT_IMPORT                                                     \
  "SELECT i.import_id, i.feed_id, i.client_id, i.mode, i.validate_only, " \
  "i.state, i.generation, i.close_cursor, i.received, i.created, "        \
  "i.updated, i.unchanged, i.reopened, i.closed, i.create_time, "         \
  "i.update_time FROM imports i "                                         \
  "WHERE i.client_id = COALESCE(:scope, i.client_id) "
#define BY_ID SELECT_IMPORT "AND i.import_id = :import_id"
#define UNFINISHED \
  SELECT_IMPORT    \
  "AND i.feed_id = :feed_id AND i.state IN ('running', 'closing')"
constexpr Sql kLock{BY_ID, BY_ID " FOR NO KEY UPDATE"};
constexpr Sql kLockUnfinished{UNFINISHED, UNFINISHED " FOR NO KEY UPDATE"};
#undef UNFINISHED
#undef BY_ID
#undef SELECT_IMPORT

constexpr Sql kStore{R"sql(
    UPDATE imports SET state = :state, generation = :generation,
      close_cursor = :close_cursor, received = :received, created = :created,
      updated = :updated, unchanged = :unchanged, reopened = :reopened,
      closed = :closed, update_time = :now
    WHERE import_id = :import_id)sql"};

constexpr Sql kDeleteOld{R"sql(
    DELETE FROM imports WHERE import_id IN (
      SELECT o.import_id FROM (
        SELECT i.import_id, i.state FROM imports i
        WHERE i.feed_id = :feed_id
        ORDER BY i.feed_id, i.create_time DESC, i.import_id DESC
        LIMIT :most OFFSET :keep) o
      WHERE o.state IN ('complete', 'abandoned')))sql"};

#define MARK                                   \
  "UPDATE posts SET import_mark = :import_id " \
  "WHERE client_id = COALESCE(:scope, client_id) "
const RowsSql kMark({{"post_id", "uuid"}}, MARK "AND post_id = :post_id",
                    MARK "AND post_id = ANY(:post_id::uuid[])");
#undef MARK

constexpr Sql kReadMarked{
    "SELECT p.post_id, CAST(CASE WHEN p.import_mark = :import_id "
    "OR p.update_time > :since THEN 1 ELSE 0 END AS bigint) FROM posts p "
    "WHERE p.feed_id = :feed_id AND p.post_id > :after AND p.state = 'open' "
    "ORDER BY p.feed_id, p.post_id LIMIT :most"};

}  // namespace

absl::string_view ToText(ImportMode value) {
  return kModes.at(static_cast<size_t>(value));
}
absl::string_view ToText(ImportState value) {
  return kStates.at(static_cast<size_t>(value));
}
bool FromText(absl::string_view text, ImportMode* out) {
  return Find(kModes, text, out);
}
bool FromText(absl::string_view text, ImportState* out) {
  return Find(kStates, text, out);
}

absl::Status InsertImport(Transaction& transaction, const Scope& scope,
                          const Import& import) {
  RETURN_IF_ERROR(scope.Admit(import.client_id));
  ASSIGN_OR_RETURN(
      const int64_t inserted,
      transaction.Execute(kInsert,
                          {{"import_id", import.import_id},
                           {"feed_id", import.feed_id},
                           {"client_id", import.client_id},
                           {"mode", ToText(import.mode)},
                           {"validate_only", import.validate_only ? 1 : 0},
                           {"state", ToText(import.state)},
                           {"generation", import.generation},
                           {"now", transaction.now()}}));
  return inserted == 1 ? absl::OkStatus() : RunAgain();
}

absl::StatusOr<std::optional<Import>> LockImport(Transaction& transaction,
                                                 const Scope& scope,
                                                 const std::string& import_id) {
  return transaction.QueryOne<Import>(
      kLock, {{"scope", scope.client_id()}, {"import_id", import_id}});
}

absl::StatusOr<std::optional<Import>> LockUnfinishedImport(
    Transaction& transaction, const Scope& scope, const std::string& feed_id) {
  return transaction.QueryOne<Import>(
      kLockUnfinished, {{"scope", scope.client_id()}, {"feed_id", feed_id}});
}

absl::Status StoreImport(Transaction& transaction, const Import& import) {
  const ImportCounts& counts = import.counts;
  return transaction
      .Execute(kStore, {{"state", ToText(import.state)},
                        {"generation", import.generation},
                        {"close_cursor", import.close_cursor},
                        {"received", counts.received},
                        {"created", counts.created},
                        {"updated", counts.updated},
                        {"unchanged", counts.unchanged},
                        {"reopened", counts.reopened},
                        {"closed", counts.closed},
                        {"now", transaction.now()},
                        {"import_id", import.import_id}})
      .status();
}

absl::StatusOr<int64_t> DeleteOldImports(Transaction& transaction,
                                         const std::string& feed_id,
                                         int64_t keep, int64_t most) {
  return transaction.Execute(
      kDeleteOld, {{"feed_id", feed_id}, {"keep", keep}, {"most", most}});
}

absl::Status MarkPosts(Transaction& transaction, const Scope& scope,
                       const std::string& import_id,
                       const std::vector<std::string>& post_ids) {
  std::vector<ValueRow> rows;
  rows.reserve(post_ids.size());
  for (const std::string& id : post_ids) rows.push_back({id});
  return transaction
      .ExecuteRows(kMark, rows,
                   {{"import_id", import_id}, {"scope", scope.client_id()}})
      .status();
}

absl::StatusOr<std::vector<MarkedPost>> ReadMarkedPosts(
    Transaction& transaction, const Import& import,
    const std::string& after_post_id, int64_t limit) {
  std::vector<MarkedPost> posts;
  RETURN_IF_ERROR(transaction.Query<MarkedPost>(
      kReadMarked,
      {{"import_id", import.import_id},
       {"since", import.create_time},
       {"feed_id", import.feed_id},
       {"after",
        after_post_id.empty() ? kBeforeAll : absl::string_view(after_post_id)},
       {"most", limit}},
      [&](MarkedPost post) {
        posts.push_back(std::move(post));
        return absl::OkStatus();
      }));
  return posts;
}

}  // namespace broadcast::storage
