#include "senders/log_sender.h"

#include "senders/transport_report.h"

namespace broadcast::senders {
namespace {

absl::string_view EventOf(Action action) {
  switch (action) {
    case Action::kSend:
      return "message.sent";
    case Action::kEdit:
      return "message.edited";
    case Action::kDelete:
      return "message.deleted";
    case Action::kCopy:
      return "message.copied";
    case Action::kProbe:
      break;
  }
  return "message.sent";
}

}  // namespace

const Capabilities& LogSender::capabilities() const {
  static const Capabilities kCapabilities = {
      .edits = true, .deletes = true, .copies = true, .repeatable = true};
  return kCapabilities;
}

void LogSender::Start(Attempt attempt, std::function<void(Report)> done) {
  if (attempt.action == Action::kProbe) {
    return done(RejectedUnsent("unsupported"));
  }
  Report report = {.verdict = Verdict::kDone, .phase = Phase::kResponseRead};
  if (attempt.action == Action::kSend || attempt.action == Action::kCopy) {
    report.message_id = ids_->Next();
  }
  log_->Write(Severity::kInfo, EventOf(attempt.action),
              {{"delivery_id", attempt.delivery_id},
               {"attempt", attempt.attempt},
               {"message_id", report.message_id.empty() ? attempt.message_id
                                                        : report.message_id}});
  done(std::move(report));
}

void LogSender::Probe(std::string /*address*/, absl::Duration /*timeout*/,
                      std::function<void(ProbeResult)> done) {
  done({.report = {.verdict = Verdict::kDone, .phase = Phase::kResponseRead},
        .chat = {.present = true,
                 .may_post = true,
                 .may_edit = true,
                 .may_delete = true}});
}

}  // namespace broadcast::senders
