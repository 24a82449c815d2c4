#include "senders/telegram_sender.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "content/url.h"
#include "senders/classify_telegram.h"
#include "senders/telegram_answer.h"
#include "senders/transport_report.h"

namespace broadcast::senders {
namespace {

constexpr size_t kMaxTokenLength = 256;
constexpr absl::Duration kDeleteWindow = absl::Hours(48);

// The bot's id, or 0 if `token` is none.
int64_t BotIdOf(absl::string_view token) {
  const size_t colon = token.find(':');
  int64_t id = 0;
  if (token.size() > kMaxTokenLength || colon == token.npos ||
      colon + 1 == token.size()) {
    return 0;
  }
  const absl::string_view digits = token.substr(0, colon);
  const absl::string_view secret = token.substr(colon + 1);
  const bool good =
      std::all_of(digits.begin(), digits.end(), absl::ascii_isdigit) &&
      std::all_of(secret.begin(), secret.end(), [](char c) {
        return absl::ascii_isalnum(c) || c == '_' || c == '-';
      });
  return good && absl::SimpleAtoi(digits, &id) ? id : 0;
}

// A chat with one person, where there are no members.
bool IsPrivate(const std::string& address) {
  int64_t id = 0;
  return absl::SimpleAtoi(address, &id) && id > 0;
}

bool IsLoopback(const std::string& host) {
  return host == "localhost" || host == "127.0.0.1" || host == "[::1]";
}

}  // namespace

absl::StatusOr<std::unique_ptr<TelegramSender>> TelegramSender::Create(
    const TelegramOptions& options, http::Transport* transport) {
  const int64_t bot_id = BotIdOf(options.token);
  if (bot_id == 0) {
    return absl::InvalidArgumentError(
        "a bot's token has the form 123456:ABC-DEF");
  }
  absl::string_view base = options.base_url;
  absl::ConsumeSuffix(&base, "/");
  const Checked<Url> url = ParseUrl(base);
  const bool plain = url.value.scheme == "http" && IsLoopback(url.value.host);
  if (!url.ok() || !(url.value.scheme == "https" || plain) ||
      url.value.has_user_info || url.value.has_fragment ||
      absl::StrContains(url.value.path_and_query, '?')) {
    return absl::InvalidArgumentError(
        "the base URL of a Bot API server is an https URL such as "
        "https://api.telegram.org; http is for this machine alone");
  }
  const absl::StatusOr<http::Destinations> destinations =
      http::Destinations::Create(
          {.anywhere = true, .loopback_only = plain, .http = plain});
  if (!destinations.ok()) return destinations.status();
  return std::unique_ptr<TelegramSender>(new TelegramSender(
      absl::StrCat(base, "/bot", options.token, "/"), bot_id,
      std::make_shared<const http::Destinations>(*destinations), transport));
}

TelegramSender::TelegramSender(
    std::string url, int64_t bot_id,
    std::shared_ptr<const http::Destinations> destinations,
    http::Transport* transport)
    : url_(std::move(url)),
      bot_id_(bot_id),
      destinations_(std::move(destinations)),
      transport_(transport) {}

const Capabilities& TelegramSender::capabilities() const {
  static const Capabilities kCapabilities = {.edits = true,
                                             .deletes = true,
                                             .copies = true,
                                             .probes = true,
                                             .repeatable = false,
                                             .delete_window = kDeleteWindow};
  return kCapabilities;
}

void TelegramSender::Start(Attempt attempt, std::function<void(Report)> done) {
  if (attempt.action == Action::kProbe) {
    return ProbeMessage(std::move(attempt), std::move(done));
  }
  std::optional<TelegramRequest> request = TelegramRequestFor(attempt);
  if (!request.has_value()) {
    done(RejectedUnsent("attempt_malformed"));
    return;
  }
  const absl::Duration timeout = attempt.timeout;
  attempt.content = {};  // what is classified does not depend on it
  Ask(*std::move(request), timeout,
      [attempt = std::move(attempt),
       done = std::move(done)](const http::Response& response) {
        done(ClassifyTelegram(attempt, response));
      });
}

void TelegramSender::ProbeMessage(Attempt attempt,
                                  std::function<void(Report)> done) const {
  std::optional<TelegramRequest> request = TelegramRequestFor(attempt);
  if (!request.has_value()) return done(RejectedUnsent("attempt_malformed"));
  attempt.timeout /= 2;  // there may be a second question
  const absl::Duration timeout = attempt.timeout;
  Ask(*std::move(request), timeout,
      [this, attempt = std::move(attempt),
       done = std::move(done)](const http::Response& response) {
        Report report = ClassifyTelegram(attempt, response);
        const bool gone = report.verdict == Verdict::kDone &&
                          report.reason == kMessageNotFound;
        if (!gone || IsPrivate(attempt.address)) return done(report);
        ConfirmGone(attempt, std::move(report), done);
      });
}

// Of a public chat that it was thrown out of, a bot is told of no message. That
// is no reason to take all of them for lost.
void TelegramSender::ConfirmGone(
    const Attempt& attempt, Report gone,
    const std::function<void(Report)>& done) const {
  Ask(GetChatMember(attempt.address, bot_id_), attempt.timeout,
      [gone = std::move(gone), done](const http::Response& response) {
        Report report = ClassifyTelegramQuestion(response);
        if (report.verdict != Verdict::kDone) return done(std::move(report));
        const std::optional<TelegramMember> member =
            ParseTelegramMember(response.body, /*is_channel=*/false);
        if (!member.has_value()) {
          report.verdict = Verdict::kRetry;
          report.reason = "answer_malformed";
        } else if (!member->present) {
          report.verdict = Verdict::kChannelSuspect;
          report.reason = "not_a_member";
        } else {
          report = gone;
        }
        done(std::move(report));
      });
}

void TelegramSender::Probe(std::string address, absl::Duration timeout,
                           std::function<void(ProbeResult)> done) {
  if (address.empty()) {
    Ask(GetMe(), timeout,
        [done = std::move(done)](const http::Response& response) {
          done({.report = ClassifyTelegramQuestion(response)});
        });
    return;
  }
  TelegramRequest request = GetChat(address);
  // A chat of more than two asks a second question.
  Ask(std::move(request), timeout / 2,
      [this, address = std::move(address), timeout,
       done = std::move(done)](const http::Response& response) {
        ProbeResult found = {.report = ClassifyTelegramQuestion(response)};
        if (found.report.verdict != Verdict::kDone) return done(found);
        const std::optional<TelegramChat> chat =
            ParseTelegramChat(response.body);
        if (!chat.has_value()) {
          found.report.verdict = Verdict::kRetry;
          found.report.reason = "answer_malformed";
          return done(found);
        }
        found.chat = {.title = chat->title, .type = chat->type};
        if (chat->type != "private") {
          return AskMember(address, timeout / 2, std::move(found), done);
        }
        found.chat.present = found.chat.may_post = true;
        found.chat.may_edit = found.chat.may_delete = true;
        done(std::move(found));
      });
}

void TelegramSender::AskMember(const std::string& address,
                               absl::Duration timeout, ProbeResult found,
                               std::function<void(ProbeResult)> done) const {
  Ask(GetChatMember(address, bot_id_), timeout,
      [found = std::move(found),
       done = std::move(done)](const http::Response& response) mutable {
        found.report = ClassifyTelegramQuestion(response);
        if (found.report.verdict != Verdict::kDone) return done(found);
        const std::optional<TelegramMember> member =
            ParseTelegramMember(response.body, found.chat.type == "channel");
        if (member.has_value()) {
          found.chat.present = member->present;
          found.chat.may_post = member->may_post;
          found.chat.may_edit = member->may_edit;
          found.chat.may_delete = member->may_delete;
        } else {
          found.report.verdict = Verdict::kRetry;
          found.report.reason = "answer_malformed";
        }
        done(std::move(found));
      });
}

void TelegramSender::Ask(TelegramRequest request, absl::Duration timeout,
                         std::function<void(http::Response)> done) const {
  transport_->Start(
      {.url = absl::StrCat(url_, request.method),
       .headers = {"Content-Type: application/json", "User-Agent: broadcastd"},
       .body = std::move(request.body),
       .timeout = timeout,
       .destinations = destinations_},
      std::move(done));
}

}  // namespace broadcast::senders
