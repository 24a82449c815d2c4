#include "cli/remedies.h"

#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"

namespace broadcast::cli {
namespace {

struct Remedy {
  absl::string_view reason;
  absl::string_view metadata;  // what stands for `%` in `text`; may be empty
  absl::string_view text;
};

constexpr Remedy kRemedies[] = {
    {"TOKEN_MISSING", "", "give --token-file, or set BROADCAST_TOKEN"},
    {"TOKEN_INVALID", "", "get a new token; `problem` says what is wrong"},
    {"SCOPE_MISSING", "scope", "use a token that has the scope %"},
    {"ENTRY_NOT_ACTIVE", "entry_id",
     "to start it again: broadcastctl resume --entry %"},
    {"ENTRY_ALREADY_ACTIVE", "", "there is nothing to resume"},
    {"ENTRY_BROADCAST_RUNNING", "operation_id",
     "to follow it: broadcastctl operations watch %"},
    {"ETAG_MISMATCH", "",
     "look at it again: somebody has changed it meanwhile"},
    {"SYNC_RUNNING", "operation_id",
     "to follow it: broadcastctl operations watch %"},
    {"PLAN_CHANGED", "",
     "nothing was done; run the command again and look at its new plan"},
    {"PLAN_EXPIRED", "",
     "nothing was done; run the command again and look at its new plan"},
    {"TOO_MANY_DELETES", "deletes",
     "nothing was done; if these % are meant, raise --max-deletes"},
    {"IMPORT_RUNNING", "import_id",
     "to go on with it: --import-id=%; to begin anew: --replace-running"},
    {"TOO_MANY_CLOSES", "closes",
     "no post was closed; if these % are meant, raise --max-closes"},
    {"TRACKING_DISABLED", "", "only feeds with tracking can be synchronised"},
    {"REQUEST_ID_REUSED", "",
     "leave --request-id out, or give one that was never used"},
    {"INVALID_PAGE_TOKEN", "",
     "a page token goes with the filter and the order that it was given for"},
    {"OUTCOME_UNKNOWN", "", "look before doing it again"},
};

}  // namespace

std::string RemedyFor(absl::StatusCode code, const FailureDetail& detail) {
  for (const Remedy& remedy : kRemedies) {
    if (remedy.reason != detail.reason) continue;
    if (remedy.metadata.empty()) return std::string(remedy.text);
    const auto found = detail.metadata.find(std::string(remedy.metadata));
    if (found == detail.metadata.end()) return "";
    return absl::StrReplaceAll(remedy.text, {{"%", found->second}});
  }
  if (code == absl::StatusCode::kUnimplemented && detail.reason.empty()) {
    return "this server does not know the method: it is older than this "
           "program";
  }
  return "";
}

}  // namespace broadcast::cli
