#include "senders/classify_telegram.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "senders/redact.h"
#include "senders/telegram_answer.h"
#include "senders/transport_report.h"

namespace broadcast::senders {
namespace {

using http::Failure;
using http::Response;

constexpr int64_t kLongestWait = int64_t{7} * 86400;  // seconds
constexpr absl::string_view kNoRights = "no_rights";
// A shorter wait concerns the one chat, as a rule.
constexpr absl::Duration kAccountWait = absl::Seconds(5);

// Of a description in lower case, behind "bad request: " or "forbidden: ".
// Only its begin counts: further on it may repeat what we sent.
struct Refusal {
  absl::string_view begin;
  Verdict verdict;
  absl::string_view reason;
};

constexpr Refusal kRefusals[] = {
    // The recipient.
    {"bot was blocked by the user", Verdict::kRecipientGone, "blocked_by_user"},
    {"user is deactivated", Verdict::kRecipientGone, "user_deactivated"},
    {"bot can't initiate conversation with a user", Verdict::kRecipientGone,
     "conversation_not_begun"},
    {"the bot can't send messages to the bot", Verdict::kRecipientGone,
     "recipient_is_bot"},
    {"bot can't send messages to bots", Verdict::kRecipientGone,
     "recipient_is_bot"},
    // The channel.
    {"the group chat was deleted", Verdict::kChannelGone, "chat_deleted"},
    {"group chat was deleted", Verdict::kChannelGone, "chat_deleted"},
    {"bot was kicked from", Verdict::kChannelSuspect, "kicked"},
    {"bot is not a member of", Verdict::kChannelSuspect, "not_a_member"},
    {"chat not found", Verdict::kChannelSuspect, "chat_not_found"},
    {"private chat not found", Verdict::kChannelSuspect, "chat_not_found"},
    {"peer_id_invalid", Verdict::kChannelSuspect, "chat_not_found"},
    {"channel_private", Verdict::kChannelSuspect, "chat_not_found"},
    {"message thread not found", Verdict::kChannelSuspect, "thread_not_found"},
    {"topic_closed", Verdict::kChannelSuspect, "thread_closed"},
    {"group chat was upgraded", Verdict::kChannelSuspect, "chat_upgraded"},
    // Its rights there.
    {"need administrator rights", Verdict::kChannelSuspect, kNoRights},
    {"have no write access", Verdict::kChannelSuspect, kNoRights},
    {"have no rights", Verdict::kChannelSuspect, kNoRights},
    {"not enough rights", Verdict::kChannelSuspect, kNoRights},
    {"chat_write_forbidden", Verdict::kChannelSuspect, kNoRights},
    {"chat_admin_required", Verdict::kChannelSuspect, kNoRights},
    // The message.
    {"can't parse entities", Verdict::kRejected, "markup_invalid"},
    {"message is too long", Verdict::kRejected, "text_too_long"},
    {"message_too_long", Verdict::kRejected, "text_too_long"},
    {"text is too long", Verdict::kRejected, "text_too_long"},
    {"message text is empty", Verdict::kRejected, "text_empty"},
    {"text must be non-empty", Verdict::kRejected, "text_empty"},
    {"wrong http url specified", Verdict::kRejected, "url_invalid"},
    {"button_url_invalid", Verdict::kRejected, "url_invalid"},
    {"reply markup is too long", Verdict::kRejected, "buttons_invalid"},
    {"can't parse inline keyboard", Verdict::kRejected, "buttons_invalid"},
    {"inline keyboard button url", Verdict::kRejected, "url_invalid"},
    {"button_data_invalid", Verdict::kRejected, "buttons_invalid"},
    {"message to edit not found", Verdict::kRejected, kMessageNotFound},
    {"message to copy not found", Verdict::kRejected, kMessageNotFound},
    {"message to forward not found", Verdict::kRejected, kMessageNotFound},
    {"message to pin not found", Verdict::kRejected, kMessageNotFound},
    {"message can't be edited", Verdict::kRejected, "message_uneditable"},
    {"message has protected content", Verdict::kRejected, "message_uncopyable"},
    {"the message can't be copied", Verdict::kRejected, "message_uncopyable"},
    {"message can't be copied", Verdict::kRejected, "message_uncopyable"},
    {"message can't be deleted", Verdict::kUndeletable, "message_undeletable"},
};

// Of setMessageReaction alone, looked at first. telegram-bot-api looks the
// message up before it does anything (Client.cpp,
// process_set_message_reaction_query: check_message with "message to react");
// words in capitals are those that messages.sendReaction answers. One that
// refuses the reaction does not say that the message is there, nor that it is
// not.
constexpr Refusal kProbeAnswers[] = {
    {"message to react not found", Verdict::kDone, kMessageNotFound},
    {"message_id_invalid", Verdict::kDone, kMessageNotFound},
    {"reaction", Verdict::kRejected, "reaction_refused"},
};

class Classifier {
 public:
  // `attempt` is null for a question.
  Classifier(const Attempt* attempt, const Response& response)
      : attempt_(attempt), response_(response), report_(ReportOf(response)) {}

  Report Classify() {
    if (response_.phase < Phase::kRequestSent) return Unsent();
    const std::optional<TelegramAnswer> answer =
        response_.failure == Failure::kNone
            ? ParseTelegramAnswer(response_.body)
            : std::nullopt;
    if (!answer.has_value()) return Unanswered();
    report_.detail = Redact(answer->description);
    return answer->ok ? Done(*answer) : Refused(*answer);
  }

 private:
  bool Is(Action action) const {
    return attempt_ != nullptr && attempt_->action == action;
  }

  Report As(Verdict verdict, absl::string_view reason) {
    report_.verdict = verdict;
    report_.reason = std::string(reason);
    return std::move(report_);
  }

  // Nobody knows whether it was done.
  Report Uncertain(absl::string_view reason) {
    const bool once = Is(Action::kSend) || Is(Action::kCopy);
    return As(once ? Verdict::kUnknown : Verdict::kRetry, reason);
  }

  Report Limited(std::optional<absl::Duration> retry_after) {
    report_.retry_after = retry_after;
    report_.limit = retry_after.has_value() && *retry_after < kAccountWait
                        ? LimitScope::kChat
                        : LimitScope::kAccount;
    return As(Verdict::kRetry, "too_many_requests");
  }

  // The server's address, or the library, is our own matter.
  Report Unsent() {
    const bool ours = response_.failure == Failure::kUrl ||
                      response_.failure == Failure::kBlocked;
    return As(ours ? Verdict::kAccountStopped : Verdict::kRetry,
              ReasonOf(response_.failure));
  }

  // What a status alone tells, of the server or of what stands before it.
  std::optional<Report> OfStatus(int64_t status) {
    switch (status) {
      case 401:
        return As(Verdict::kAccountStopped, "token_refused");
      case 404:
        // A server of one's own may be older than the method that probes.
        return As(
            Is(Action::kProbe) ? Verdict::kRejected : Verdict::kAccountStopped,
            "method_not_found");
      case 421:
        return As(Verdict::kAccountStopped, "misdirected");
      case 503:
        if (!response_.retry_after.has_value()) return std::nullopt;
        report_.retry_after = response_.retry_after;
        return As(Verdict::kRetry, "service_unavailable");
      default:
        return std::nullopt;
    }
  }

  // No answer of a Bot API server.
  Report Unanswered() {
    const int status = response_.status;
    if (status == 429) return Limited(response_.retry_after);
    if (std::optional<Report> report = OfStatus(status)) {
      return *std::move(report);
    }
    if (status >= 300 && status < 400) return As(Verdict::kRetry, "redirected");
    if (response_.failure != Failure::kNone) {
      return Uncertain(ReasonOf(response_.failure));
    }
    return Uncertain(status >= 500 ? "server_error" : "answer_malformed");
  }

  Report Done(const TelegramAnswer& answer) {
    if (response_.status < 200 || response_.status > 299) {
      return Uncertain("answer_malformed");
    }
    if (Is(Action::kSend) || Is(Action::kCopy)) {
      if (!answer.message_id.has_value()) return Uncertain("answer_malformed");
      report_.message_id = absl::StrCat(*answer.message_id);
    }
    return As(Verdict::kDone, "");
  }

  Report Refused(const TelegramAnswer& answer) {
    // A server that refuses with status 200 names its code in the body.
    const int64_t code = answer.error_code.value_or(response_.status);
    if (code == 429) {
      if (!answer.retry_after.has_value()) {
        return Limited(response_.retry_after);
      }
      return Limited(
          absl::Seconds(std::min(*answer.retry_after, kLongestWait)));
    }
    if (std::optional<Report> report = OfStatus(code)) {
      return *std::move(report);
    }
    if (code >= 500) {
      return Uncertain(answer.description == "Internal Server Error: restart"
                           ? "server_restarted"
                           : "server_error");
    }
    if (answer.migrate_to_chat_id.has_value()) {
      return Moved(*answer.migrate_to_chat_id);
    }
    return OfDescription(code, answer.description);
  }

  Report Moved(int64_t chat_id) {
    // The messages of before did not move with it.
    if (Is(Action::kProbe)) return As(Verdict::kRejected, "chat_moved");
    if (attempt_ != nullptr && SourceMoved()) {
      return As(Verdict::kRejected, kMessageNotFound);
    }
    report_.new_address = absl::StrCat(chat_id);
    return As(Verdict::kMoved, "chat_moved");
  }

  // Only a basic group can move, and a copy has two chats that could have.
  bool SourceMoved() const {
    const auto is_basic_group = [](const std::string& address) {
      int64_t id = 0;
      return absl::SimpleAtoi(address, &id) && id < 0 &&
             id > -1'000'000'000'000;
    };
    return Is(Action::kCopy) && !is_basic_group(attempt_->address) &&
           is_basic_group(attempt_->source_address);
  }

  Report OfDescription(int64_t code, const std::string& description) {
    const std::string lower = absl::AsciiStrToLower(description);
    absl::string_view text = lower;
    absl::ConsumePrefix(&text, "bad request: ") ||
        absl::ConsumePrefix(&text, "forbidden: ");
    const bool done_before =
        (Is(Action::kEdit) &&
         absl::StartsWith(text, "message is not modified")) ||
        (Is(Action::kDelete) &&
         absl::StartsWith(text, "message to delete not found"));
    if (done_before) return As(Verdict::kDone, "");
    if (Is(Action::kProbe)) return OfProbe(text);
    for (const Refusal& refusal : kRefusals) {
      if (absl::StartsWith(text, refusal.begin)) {
        return As(refusal.verdict, refusal.reason);
      }
    }
    if (code == 403) return As(Verdict::kChannelSuspect, "forbidden");
    return As(Verdict::kRejected,
              code == 413 ? "request_too_large" : "bad_request");
  }

  // A right to react says nothing of the right to post, and nothing but the
  // answers above says anything of the message.
  Report OfProbe(absl::string_view text) {
    for (const Refusal& answer : kProbeAnswers) {
      if (absl::StartsWith(text, answer.begin)) {
        return As(answer.verdict, answer.reason);
      }
    }
    for (const Refusal& refusal : kRefusals) {
      if (!absl::StartsWith(text, refusal.begin)) continue;
      const bool of_chat = refusal.reason != kNoRights &&
                           refusal.verdict != Verdict::kUndeletable;
      return As(of_chat ? refusal.verdict : Verdict::kRejected, refusal.reason);
    }
    return As(Verdict::kRejected, "bad_request");
  }

  const Attempt* const attempt_;
  const Response& response_;
  Report report_;
};

}  // namespace

Report ClassifyTelegram(const Attempt& attempt, const Response& response) {
  return Classifier(&attempt, response).Classify();
}

Report ClassifyTelegramQuestion(const Response& response) {
  return Classifier(nullptr, response).Classify();
}

}  // namespace broadcast::senders
