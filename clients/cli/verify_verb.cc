// verify.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "broadcast/v1/admin_service.grpc.pb.h"
#include "cli/enum_words.h"
#include "cli/return_status.h"
#include "cli/text_table.h"
#include "cli/verbs.h"

namespace broadcast::cli {
namespace {

constexpr int kMostSamples = 3;

std::string Samples(const v1::IntegrityFinding& finding) {
  const int shown = std::min(kMostSamples, finding.sample_ids_size());
  const std::string ids = absl::StrJoin(
      finding.sample_ids().begin(), finding.sample_ids().begin() + shown, " ");
  return shown < finding.count() && shown > 0 ? absl::StrCat(ids, " …") : ids;
}

std::string FindingsText(const v1::CheckIntegrityResponse& response,
                         const Palette& palette) {
  TextTable table({{"LOOKED FOR"}, {"FOUND", Align::kRight}, {"FIRST ONES"}});
  for (const v1::IntegrityFinding& finding : response.findings()) {
    table.Add({WordOf(finding.kind()),
               {absl::StrCat(finding.count()),
                finding.count() > 0 ? Color::kRed : Color::kNone},
               Samples(finding)});
  }
  return table.Text(palette);
}

bool Found(const v1::CheckIntegrityResponse& response,
           v1::IntegrityFinding::Kind kind) {
  return std::any_of(response.findings().begin(), response.findings().end(),
                     [kind](const v1::IntegrityFinding& finding) {
                       return finding.kind() == kind && finding.count() > 0;
                     });
}

void Report(Session& session, const v1::CheckIntegrityResponse& response) {
  Console& console = session.console();
  console.Print(FindingsText(response, console.palette()));
  console.Print(absl::StrCat(
      response.clean() ? "Nothing was found" : "Something was found", " in ",
      response.client_count(), " clients, ", response.channel_count(),
      " channels, ", response.channel_pair_count(), " pairs, ",
      response.entry_count(), " entries, ", response.operation_count(),
      " operations and ", response.delivery_count(), " deliveries.\n"));
  if (Found(response, v1::IntegrityFinding::KIND_CHANNEL_PAIR_WITHOUT_ENTRY)) {
    console.Note(
        "to give pairs without an entry one: broadcastctl backfill --all");
  }
}

}  // namespace

absl::StatusOr<ExitStatus> RunVerify(Session& session,
                                     const Arguments& arguments) {
  v1::CheckIntegrityRequest request;
  request.set_client_id(arguments.Get("client-id"));
  CLI_ASSIGN_OR_RETURN(
      const v1::CheckIntegrityResponse response,
      session.CallPatiently(&v1::AdminService::Stub::CheckIntegrity, request));
  if (session.is_table()) {
    Report(session, response);
  } else {
    session.PrintJson(response);
  }
  return response.clean() ? kExitDone : kExitPartial;
}

}  // namespace broadcast::cli
