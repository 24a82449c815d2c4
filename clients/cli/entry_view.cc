#include "cli/entry_view.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "cli/enum_words.h"
#include "cli/time_text.h"

namespace broadcast::cli {
namespace {

Color ColorOfState(v1::Entry::State state) {
  switch (state) {
    case v1::Entry::STATE_ACTIVE:
      return Color::kGreen;
    case v1::Entry::STATE_DISABLED:
      return Color::kRed;
    default:
      return Color::kYellow;
  }
}

Color ColorOfOutcome(v1::Entry::Outcome outcome) {
  switch (outcome) {
    case v1::Entry::OUTCOME_SENT:
      return Color::kGreen;
    case v1::Entry::OUTCOME_FAILED:
      return Color::kRed;
    case v1::Entry::OUTCOME_PARTIAL:
      return Color::kYellow;
    default:
      return Color::kNone;
  }
}

Cell FailuresInARow(const v1::Entry& entry) {
  const bool any = entry.consecutive_failure_count() > 0;
  return {absl::StrCat(entry.consecutive_failure_count()),
          any ? Color::kRed : Color::kNone};
}

// `12: 10 successful, 1 partial, 1 failed (83.3 % successful)`.
std::string BroadcastsText(const v1::Entry& entry) {
  std::string text = absl::StrCat(
      entry.broadcast_count(), ": ", entry.success_count(), " successful, ",
      entry.partial_count(), " partial, ", entry.failure_count(), " failed");
  if (entry.has_success_rate()) {
    absl::StrAppend(&text, absl::StrFormat(" (%.1f %% successful)",
                                           100 * entry.success_rate()));
  }
  return text;
}

// Where the content of a side comes from.
std::string ContentText(v1::ContentSource source) {
  const std::string word = WordOf(source);
  return word.empty() ? "none" : absl::StrCat("of the ", word);
}

std::string LabelsText(const v1::Entry& entry) {
  const std::map<std::string, std::string> sorted(entry.labels().begin(),
                                                  entry.labels().end());
  return absl::StrJoin(sorted, ", ", absl::PairFormatter("="));
}

void AddTimes(const Session& session, const v1::Entry& entry,
              FieldList& fields) {
  fields.Add("next send", session.FullTime(entry.has_next_send_time(),
                                           entry.next_send_time()));
  fields.Add("last send", session.FullTime(entry.has_last_send_time(),
                                           entry.last_send_time()));
  fields.Add("last trigger", session.FullTime(entry.has_last_trigger_time(),
                                              entry.last_trigger_time()));
  fields.Add("next trigger", session.FullTime(entry.has_next_trigger_time(),
                                              entry.next_trigger_time()));
}

}  // namespace

std::vector<Column> EntryColumns() {
  return {{"ENTRY ID"},
          {"STATE"},
          {"LAST OUTCOME"},
          {"NEXT SEND"},
          {"LAST SEND"},
          {"EVERY"},
          {"FAILED IN A ROW", Align::kRight},
          {"OPEN CHANNEL"},
          {"CLOSED CHANNEL"}};
}

std::vector<Cell> EntryRow(const Session& session, const v1::Entry& entry) {
  return {entry.entry_id(),
          {WordOf(entry.state()), ColorOfState(entry.state())},
          {WordOf(entry.last_outcome()), ColorOfOutcome(entry.last_outcome())},
          session.Time(entry.has_next_send_time(), entry.next_send_time()),
          session.Time(entry.has_last_send_time(), entry.last_send_time()),
          SpanText(DurationOf(entry.interval())),
          FailuresInARow(entry),
          ChannelText(entry.channel_pair().open_channel()),
          ChannelText(entry.channel_pair().closed_channel())};
}

std::string EntryText(Session& session, const v1::Entry& entry) {
  FieldList fields;
  fields.Add("entry", entry.entry_id());
  fields.Add("client", entry.client_id());
  fields.Add("channel pair", entry.channel_pair().channel_pair_id());
  fields.Add("open channel", ChannelText(entry.channel_pair().open_channel()));
  fields.Add("closed channel",
             ChannelText(entry.channel_pair().closed_channel()));
  fields.Add("state", {WordOf(entry.state()), ColorOfState(entry.state())});
  fields.Add("state reason", entry.state_reason());
  fields.Add("last outcome", {WordOf(entry.last_outcome()),
                              ColorOfOutcome(entry.last_outcome())});
  fields.Add("running operation", entry.current_operation_id());
  fields.Add("interval", SpanText(DurationOf(entry.interval())));
  AddTimes(session, entry, fields);
  fields.Add("broadcasts", BroadcastsText(entry));
  fields.Add("failed in a row", FailuresInARow(entry));
  fields.Add("triggered", absl::StrCat(entry.manual_trigger_count()));
  fields.Add("last error", {entry.last_error(), Color::kRed});
  fields.Add("last error at", session.FullTime(entry.has_last_error_time(),
                                               entry.last_error_time()));
  fields.Add("open content", ContentText(entry.open_content_source()));
  fields.Add("closed content", ContentText(entry.closed_content_source()));
  fields.Add("replaces the one before",
             entry.replace_previous() ? "yes" : "no");
  fields.Add("labels", LabelsText(entry));
  fields.Add("created",
             session.FullTime(entry.has_create_time(), entry.create_time()));
  fields.Add("updated",
             session.FullTime(entry.has_update_time(), entry.update_time()));
  fields.Add("etag", entry.etag());
  return fields.Text(session.console().palette());
}

std::string ChannelText(const v1::Channel& channel) {
  return absl::StrCat(WordOf(channel.platform()), " ", channel.address());
}

}  // namespace broadcast::cli
