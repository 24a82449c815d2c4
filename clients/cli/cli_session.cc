#include "cli/cli_session.h"

#include "absl/strings/str_cat.h"
#include "cli/time_text.h"

namespace broadcast::cli {
namespace {

Output OutputOf(absl::string_view word) {
  if (word == "json") return Output::kJson;
  return word == "jsonl" ? Output::kJsonLines : Output::kTable;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Session>> Session::Open(
    const Arguments& arguments, const EnvironmentReader& environment,
    Console& console, Interruption& interruption) {
  std::unique_ptr<Session> session(new Session(console));
  CLI_ASSIGN_OR_RETURN(const std::string output,
                       arguments.Word("output", {"table", "json", "jsonl"}));
  session->output_ = OutputOf(output);
  CLI_ASSIGN_OR_RETURN(const std::string times,
                       arguments.Word("time-format", {"relative", "iso"}));
  session->iso_times_ = times == "iso";
  CLI_ASSIGN_OR_RETURN(session->timeout_, arguments.Span("timeout"));
  if (session->timeout_ == absl::ZeroDuration()) {
    return absl::InvalidArgumentError("--timeout: must be longer than 0s");
  }
  session->yes_ = arguments.Has("yes");
  session->request_id_ = arguments.Get("request-id");
  CLI_ASSIGN_OR_RETURN(ConnectionSettings settings,
                       ReadConnectionSettings(arguments, environment));
  CLI_ASSIGN_OR_RETURN(
      session->connection_,
      ServiceConnection::Open(std::move(settings), interruption));
  return session;
}

absl::StatusOr<bool> Session::Confirm(absl::string_view question) {
  if (yes_) return true;
  // JSON is for programs, which answer no questions.
  if (!is_table() || !console_.can_ask()) {
    return absl::InvalidArgumentError(absl::StrCat(
        question, " Nobody can be asked here: nothing was done; give --yes"));
  }
  if (console_.Ask(question)) return true;
  console_.Note("nothing was done");
  return false;
}

void Session::PrintJson(const google::protobuf::Message& message) {
  console_.Print(JsonText(message, output_ == Output::kJsonLines
                                       ? JsonForm::kOneLine
                                       : JsonForm::kIndented));
}

std::string Session::Time(bool is_set,
                          const google::protobuf::Timestamp& time) const {
  if (!is_set) return "";
  return iso_times_ ? IsoTime(TimeOf(time))
                    : RelativeTime(TimeOf(time), absl::Now());
}

std::string Session::FullTime(bool is_set,
                              const google::protobuf::Timestamp& time) const {
  if (!is_set) return "";
  return absl::StrCat(IsoTime(TimeOf(time)), " (",
                      RelativeTime(TimeOf(time), absl::Now()), ")");
}

}  // namespace broadcast::cli
