#include "cli/operation_view.h"

#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/enum_words.h"
#include "cli/time_text.h"

namespace broadcast::cli {
namespace {

// `12 posted, 3 edited`; empty if nothing was done.
std::string ResultText(const v1::SyncResult& result) {
  const std::pair<int64_t, absl::string_view> parts[] = {
      {result.posted_count(), "posted"},
      {result.edited_count(), "edited"},
      {result.deleted_count(), "deleted"},
      {result.tombstoned_count(), "edited to a tombstone"},
      {result.undeletable_count(), "undeletable"},
      {result.probed_count(), "asked about"},
      {result.lost_count(), "lost"},
  };
  std::vector<std::string> said;
  for (const auto& [count, name] : parts) {
    if (count != 0) said.push_back(absl::StrCat(count, " ", name));
  }
  return absl::StrJoin(said, ", ");
}

Color TroubleColor(int64_t count) {
  return count == 0 ? Color::kNone : Color::kRed;
}

}  // namespace

ProgressCounts CountsOf(const v1::Operation& operation) {
  const v1::OperationProgress& progress = operation.progress();
  return {.state = WordOf(operation.state()),
          .planned = progress.planned_count(),
          .sent = progress.sent_count(),
          .failed = progress.failed_count(),
          .unknown = progress.unknown_count(),
          .expired = progress.expired_count(),
          .cancelled = progress.cancelled_count(),
          .abandoned = progress.abandoned_count(),
          .waiting = progress.waiting_count()};
}

Color ColorOf(v1::Operation::State state) {
  return state == v1::Operation::STATE_FINISHED ? Color::kGreen
                                                : Color::kYellow;
}

std::vector<Column> OperationColumns() {
  return {{"OPERATION ID"},
          {"KIND"},
          {"STATE"},
          {"PLANNED", Align::kRight},
          {"SENT", Align::kRight},
          {"FAILED", Align::kRight},
          {"UNKNOWN", Align::kRight},
          {"WAITING", Align::kRight},
          {"CREATED"},
          {"LAST ERROR"},
          {"REASON"}};
}

std::vector<Cell> OperationRow(const Session& session,
                               const v1::Operation& operation) {
  const v1::OperationProgress& progress = operation.progress();
  return {operation.operation_id(),
          WordOf(operation.kind()),
          {WordOf(operation.state()), ColorOf(operation.state())},
          absl::StrCat(progress.planned_count()),
          absl::StrCat(progress.sent_count()),
          {absl::StrCat(progress.failed_count()),
           TroubleColor(progress.failed_count())},
          {absl::StrCat(progress.unknown_count()),
           TroubleColor(progress.unknown_count())},
          absl::StrCat(progress.waiting_count()),
          session.Time(operation.has_create_time(), operation.create_time()),
          operation.last_error(),
          operation.reason()};
}

std::string OperationText(Session& session, const v1::Operation& operation) {
  FieldList fields;
  fields.Add("operation", operation.operation_id());
  fields.Add("kind", WordOf(operation.kind()));
  fields.Add("state", {WordOf(operation.state()), ColorOf(operation.state())});
  fields.Add("progress", ProgressText(CountsOf(operation)));
  fields.Add("messages", ResultText(operation.sync_result()));
  fields.Add("client", operation.client_id());
  fields.Add("entry", operation.entry_id());
  if (operation.occurrence() > 0) {
    fields.Add("occurrence", absl::StrCat(operation.occurrence()));
  }
  fields.Add("feed", operation.feed_id());
  fields.Add("reason", operation.reason());
  fields.Add("last error", {operation.last_error(), Color::kRed});
  fields.Add("created", session.FullTime(operation.has_create_time(),
                                         operation.create_time()));
  fields.Add("updated", session.FullTime(operation.has_update_time(),
                                         operation.update_time()));
  fields.Add("cancelled", session.FullTime(operation.has_cancel_time(),
                                           operation.cancel_time()));
  fields.Add("finished", session.FullTime(operation.has_finish_time(),
                                          operation.finish_time()));
  return fields.Text(session.console().palette());
}

std::string OutcomeText(const v1::Operation& operation) {
  std::string text = absl::StrCat("Operation ", operation.operation_id(), ": ",
                                  ProgressText(CountsOf(operation)));
  if (operation.has_finish_time() && operation.has_create_time()) {
    absl::StrAppend(&text, ", in ",
                    SpanText(TimeOf(operation.finish_time()) -
                             TimeOf(operation.create_time())));
  }
  absl::StrAppend(&text, ".\n");
  const std::string result = ResultText(operation.sync_result());
  if (!result.empty()) absl::StrAppend(&text, "Messages: ", result, ".\n");
  return text;
}

std::string WatchHint(const std::string& operation_id) {
  return absl::StrCat(
      "the operation goes on; to follow it: broadcastctl operations watch ",
      operation_id);
}

}  // namespace broadcast::cli
