// The errors of base/errors.h that tell of imports.
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/errors.h"

namespace broadcast::error {
namespace {

using Code = absl::StatusCode;

std::string ImportSubject(absl::string_view import_id) {
  return absl::StrCat("imports/", import_id);
}

}  // namespace

absl::Status ImportNotFound(absl::string_view import_id) {
  return MakeNotFound("IMPORT_NOT_FOUND", "import", "import_id", import_id);
}

absl::Status ImportRunning(absl::string_view feed_id,
                           absl::string_view import_id) {
  return MakeError(
      Code::kAborted,
      absl::StrCat("import ", import_id, " of feed ", feed_id,
                   " has not ended, or another stream goes on with it; pass "
                   "its import_id to go on with it, or set replace_running"),
      {.reason = "IMPORT_RUNNING",
       .metadata = {{"feed_id", std::string(feed_id)},
                    {"import_id", std::string(import_id)}},
       .resource_type = "import",
       .resource_name = std::string(import_id)});
}

absl::Status ImportEnded(absl::string_view import_id) {
  return MakeError(Code::kFailedPrecondition,
                   absl::StrCat("import ", import_id,
                                " takes no more posts; begin a new one"),
                   {.reason = "IMPORT_ENDED",
                    .metadata = {{"import_id", std::string(import_id)}},
                    .precondition_subject = ImportSubject(import_id)});
}

absl::Status ImportIncomplete(absl::string_view import_id, int64_t received,
                              int64_t expected) {
  ErrorDetail detail{.reason = "IMPORT_INCOMPLETE",
                     .metadata = {{"import_id", std::string(import_id)},
                                  {"received", absl::StrCat(received)}},
                     .precondition_subject = ImportSubject(import_id)};
  std::string of;
  if (expected >= 0) {
    of = absl::StrCat(" of ", expected);
    detail.metadata["expected"] = absl::StrCat(expected);
  }
  return MakeError(
      Code::kFailedPrecondition,
      absl::StrCat("import ", import_id, " has ended with ", received, of,
                   " posts and no matching completion; no post was closed; "
                   "pass its import_id to go on with it"),
      detail);
}

absl::Status TooManyCloses(absl::string_view import_id, int64_t closes,
                           int64_t max_closes) {
  return MakeError(
      Code::kFailedPrecondition,
      absl::StrCat(closes, " posts would be closed, more than ", max_closes,
                   "; none was; pass the import_id again with a greater "
                   "max_closes if they are meant"),
      {.reason = "TOO_MANY_CLOSES",
       .metadata = {{"import_id", std::string(import_id)},
                    {"closes", absl::StrCat(closes)},
                    {"max_closes", absl::StrCat(max_closes)}},
       .precondition_subject = "max_closes"});
}

}  // namespace broadcast::error
