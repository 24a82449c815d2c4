// import.
#include <cstdint>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "broadcast/v1/feed_service.pb.h"
#include "broadcast/v1/import.pb.h"
#include "cli/call_failure.h"
#include "cli/post_importer.h"
#include "cli/post_lines.h"
#include "cli/return_status.h"
#include "cli/text_table.h"
#include "cli/verbs.h"

namespace broadcast::cli {
namespace {

absl::StatusOr<v1::ImportSettings> ReadSettings(const Arguments& arguments) {
  CLI_RETURN_IF_ERROR(arguments.CheckOneOf({"feed-id"}, true));
  CLI_RETURN_IF_ERROR(
      arguments.CheckOneOf({"import-id", "replace-running"}, false));
  CLI_RETURN_IF_ERROR(arguments.CheckOneOf({"import-id", "dry-run"}, false));
  v1::ImportSettings settings;
  settings.set_feed_id(arguments.Get("feed-id"));
  CLI_ASSIGN_OR_RETURN(const std::string mode,
                       arguments.Word("mode", {"merge", "snapshot"}));
  settings.set_mode(mode == "merge" ? v1::IMPORT_MODE_MERGE
                                    : v1::IMPORT_MODE_SNAPSHOT);
  CLI_ASSIGN_OR_RETURN(const auto max_closes,
                       arguments.Count("max-closes", 0, INT64_MAX));
  if (max_closes.has_value()) settings.set_max_closes(*max_closes);
  settings.set_validate_only(arguments.Has("dry-run"));
  if (mode == "snapshot" && arguments.operand() == "-" &&
      !settings.validate_only() &&
      !(arguments.Has("yes") && max_closes.has_value())) {
    return absl::InvalidArgumentError(
        "standard input is read once, and may end early: a snapshot of it "
        "needs --yes and --max-closes, or write it to a file first");
  }
  settings.set_import_id(arguments.Get("import-id"));
  settings.set_replace_running(arguments.Has("replace-running"));
  GiveRequestId(settings, arguments.Get("request-id"));
  return settings;
}

std::string SummaryText(const PostImporter& done, const Palette& palette) {
  const v1::Import& import = done.import();
  FieldList fields;
  const auto add = [&](absl::string_view name, int64_t count, Color color) {
    fields.Add(name, {absl::StrCat(count), count > 0 ? color : Color::kNone});
  };
  add("posts", import.received_count(), Color::kNone);
  add("created", import.created_count(), Color::kGreen);
  add("changed", import.updated_count(), Color::kYellow);
  add("unchanged", import.unchanged_count(), Color::kNone);
  add("reopened", import.reopened_count(), Color::kYellow);
  add("closed", import.closed_count(), Color::kRed);
  add("failed lines", done.failed_lines(), Color::kRed);
  return absl::StrCat(
      import.validate_only() ? "Nothing was changed. Would be" : "Imported",
      ":\n", fields.Text(palette));
}

// For a shell.
std::string Quoted(const std::string& word) {
  return absl::StrCat("'", absl::StrReplaceAll(word, {{"'", "'\\''"}}), "'");
}

// How to go on with an import that has not ended. One behind whose posts a line
// has failed is not gone on with: that line would be skipped as if it were
// there.
absl::Status WithResumption(const absl::Status& failure,
                            const PostImporter& done,
                            const v1::ImportSettings& settings,
                            const Arguments& arguments) {
  const v1::Import& import = done.import();
  const bool goes_on = import.state() == v1::Import::STATE_RUNNING ||
                       import.state() == v1::Import::STATE_CLOSING;
  if (import.validate_only() || !goes_on ||
      DetailOf(failure).reason == "IMPORT_ENDED") {
    return failure;
  }
  if (done.failed_lines() > 0) {
    return WithHint(failure,
                    "correct the lines, then import all of it once more, with "
                    "--replace-running");
  }
  const std::string reason = DetailOf(failure).reason;
  return WithHint(
      failure,
      absl::StrCat(
          import.received_count(),
          " posts are imported; to go on behind them: broadcastctl import "
          "--feed-id=",
          settings.feed_id(), " --import-id=", import.import_id(),
          settings.mode() == v1::IMPORT_MODE_SNAPSHOT ? " --mode=snapshot" : "",
          arguments.Has("yes") ? " --yes" : "",
          settings.has_max_closes() && reason != "TOO_MANY_CLOSES"
              ? absl::StrCat(" --max-closes=", settings.max_closes())
              : "",
          " ", arguments.operand() == "-" ? "-" : Quoted(arguments.operand())));
}

class ImportRun {
 public:
  ImportRun(Session& session, const Arguments& arguments,
            const v1::ImportSettings& settings)
      : session_(session), arguments_(arguments), settings_(settings) {}

  absl::StatusOr<ExitStatus> Run() {
    CLI_ASSIGN_OR_RETURN(const bool confirmed, ConfirmCloses());
    if (!confirmed) return kExitFailed;
    CLI_ASSIGN_OR_RETURN(const int64_t failed, Import(settings_, true));
    if (failed == 0) return kExitDone;
    return settings_.validate_only() ? kExitUsage : kExitPartial;
  }

 private:
  // Imports the file, or rehearses it, and returns how many lines failed.
  absl::StatusOr<int64_t> Import(const v1::ImportSettings& settings,
                                 bool last) {
    const std::string& path = arguments_.operand();
    CLI_ASSIGN_OR_RETURN(const std::unique_ptr<PostLines> lines,
                         PostLines::Open(path));
    PostImporter importer(session_, *lines, settings);
    const absl::Status done = importer.Run();
    import_ = importer.import();
    if (!done.ok()) return WithResumption(done, importer, settings, arguments_);
    if (session_.is_table()) {
      session_.console().Print(
          SummaryText(importer, session_.console().palette()));
    } else if (last && session_.output() == Output::kJson) {
      session_.PrintJson(import_);
    }
    return importer.failed_lines();
  }

  // A snapshot is rehearsed, to tell how many posts it closes, and these are
  // then the most that it may close.
  absl::StatusOr<bool> ConfirmCloses() {
    if (settings_.mode() != v1::IMPORT_MODE_SNAPSHOT ||
        settings_.validate_only() || arguments_.Has("yes")) {
      return true;
    }
    // Beside an import that has not ended there is no rehearsal.
    if (!settings_.import_id().empty() || settings_.replace_running()) {
      return session_.Confirm(
          "Close the open posts of the feed that the import does not contain?");
    }
    return RehearseAndAsk();
  }

  absl::StatusOr<bool> RehearseAndAsk() {
    v1::ImportSettings rehearsal = settings_;
    rehearsal.set_validate_only(true);
    CLI_ASSIGN_OR_RETURN(const int64_t failed, Import(rehearsal, false));
    if (failed > 0) {
      return absl::InvalidArgumentError(
          absl::StrCat(failed, " lines are wrong: nothing was done"));
    }
    settings_.set_max_closes(import_.closed_count());
    if (import_.closed_count() == 0) return true;
    return session_.Confirm(
        absl::StrCat("Import ", import_.received_count(), " posts, and close ",
                     import_.closed_count(), " that are not among them?"));
  }

  Session& session_;
  const Arguments& arguments_;
  v1::ImportSettings settings_;
  v1::Import import_;  // as the last one ended
};

}  // namespace

absl::StatusOr<ExitStatus> RunImport(Session& session,
                                     const Arguments& arguments) {
  CLI_ASSIGN_OR_RETURN(const v1::ImportSettings settings,
                       ReadSettings(arguments));
  return ImportRun(session, arguments, settings).Run();
}

}  // namespace broadcast::cli
