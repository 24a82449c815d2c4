// server.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "broadcast/v1/admin_service.grpc.pb.h"
#include "cli/enum_words.h"
#include "cli/return_status.h"
#include "cli/scheduler_view.h"
#include "cli/text_table.h"
#include "cli/time_text.h"
#include "cli/verbs.h"

namespace broadcast::cli {
namespace {

// Every limit by its name in the contract: one that the server has and this
// program knows is never left out.
std::string LimitsText(const v1::ServerLimits& limits, const Palette& palette) {
  FieldList fields;
  const auto* type = v1::ServerLimits::descriptor();
  const auto* reflection = limits.GetReflection();
  for (int i = 0; i < type->field_count(); ++i) {
    const google::protobuf::FieldDescriptor* field = type->field(i);
    std::string value;
    switch (field->cpp_type()) {
      case google::protobuf::FieldDescriptor::CPPTYPE_INT32:
        value = absl::StrCat(reflection->GetInt32(limits, field));
        break;
      case google::protobuf::FieldDescriptor::CPPTYPE_INT64:
        value = absl::StrCat(reflection->GetInt64(limits, field));
        break;
      default:
        // The rest are durations.
        if (field->message_type() == google::protobuf::Duration::descriptor()) {
          google::protobuf::Duration span;
          span.CopyFrom(reflection->GetMessage(limits, field));
          value = SpanText(DurationOf(span));
        }
    }
    fields.Add(field->name(), value);
  }
  return fields.Text(palette);
}

std::string ServerText(Session& session,
                       const v1::GetServerInfoResponse& info) {
  FieldList fields;
  fields.Add("address", session.connection().address());
  fields.Add("version",
             absl::StrCat(info.version(), info.commit().empty() ? "" : " of ",
                          info.commit()));
  fields.Add("storage", WordOf(info.storage_backend()));
  fields.Add("schema",
             absl::StrCat(info.schema_version(), ", for programs from schema ",
                          info.oldest_compatible_version(), " on"));
  fields.Add("started",
             session.FullTime(info.has_start_time(), info.start_time()));
  fields.Add("its time",
             session.FullTime(info.has_server_time(), info.server_time()));
  fields.Add("scheduler", SchedulerText(session, info.scheduler_state()));
  fields.Add("unknown clients",
             info.auto_register_clients() ? "are registered" : "are refused");
  fields.Add("feeds", info.default_tracking()
                          ? "remember messages unless told not to"
                          : "remember no messages unless told to");
  fields.Add("capabilities", absl::StrJoin(info.capabilities(), " "));
  return fields.Text(session.console().palette());
}

}  // namespace

absl::StatusOr<ExitStatus> RunServer(Session& session, const Arguments&) {
  CLI_ASSIGN_OR_RETURN(const v1::GetServerInfoResponse info,
                       session.Call(&v1::AdminService::Stub::GetServerInfo,
                                    v1::GetServerInfoRequest()));
  if (!session.is_table()) {
    session.PrintJson(info);
    return kExitDone;
  }
  Console& console = session.console();
  console.Print(ServerText(session, info));
  console.Print(
      absl::StrCat("\nLimits\n", LimitsText(info.limits(), console.palette())));
  return kExitDone;
}

}  // namespace broadcast::cli
