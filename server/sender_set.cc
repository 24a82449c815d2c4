#include "sender_set.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/status_macros.h"
#include "channels/accounts.h"
#include "senders/log_sender.h"
#include "senders/telegram_sender.h"
#include "senders/webhook_sender.h"
#include "settings/environment_variables.h"
#include "settings/secret_file.h"

namespace broadcast {
namespace {

using senders::Sender;
using storage::Platform;

// Telegram alone may keep a request for 8 s before it refuses it, and who
// hangs up earlier sends twice.
constexpr absl::Duration kTelegramTimeout = absl::Seconds(40);
constexpr absl::Duration kWebhookTimeout = absl::Seconds(20);

delivery::RateLimit::Options RateOf(const std::optional<SendRate>& rate,
                                    delivery::RateLimit::Options otherwise) {
  if (!rate.has_value()) return otherwise;
  return {.count = rate->messages,
          .period = absl::ToChronoNanoseconds(rate->period),
          .burst = otherwise.burst};
}

delivery::Limits LimitsOf(const AccountSettings& account) {
  const auto platform = delivery::Limits::Of(account.platform);
  return {.account = RateOf(account.rate, platform.account),
          .chat = RateOf(account.chat_rate, platform.chat),
          .group = RateOf(account.group_rate, platform.group)};
}

absl::Status OfAccount(const AccountSettings& account,
                       const absl::Status& status) {
  return absl::InvalidArgumentError(
      absl::StrCat("account ", account.name, ": ", status.message()));
}

// While a webhook's secret is rotated, the new one and the old one stand in
// its place with a blank between.
std::vector<std::string> SecretsIn(const std::string& secret) {
  return absl::StrSplit(secret, ' ', absl::SkipEmpty());
}

rpc::Probed ProbedOf(const senders::ProbeResult& found) {
  using Result = rpc::Probed::Result;
  using senders::Verdict;
  const senders::Report& report = found.report;
  rpc::Probed probed{.problem = report.reason};
  switch (report.verdict) {
    case Verdict::kAccountStopped:
      probed.result = Result::kNoAccount;
      break;
    case Verdict::kRetry:
    case Verdict::kUnknown:
      probed.result = Result::kNotAsked;
      break;
    default:
      probed.result = Result::kAnswered;
  }
  if (report.verdict != Verdict::kDone) return probed;
  probed.present = found.chat.present;
  probed.may_post = found.chat.may_post;
  probed.may_edit = found.chat.may_edit;
  probed.may_delete = found.chat.may_delete;
  probed.title = found.chat.title;
  probed.type = found.chat.type;
  return probed;
}

}  // namespace

SenderSet::SenderSet(const Settings& settings,
                     std::unique_ptr<http::Transport> transport)
    : settings_(settings), transport_(std::move(transport)) {}

absl::StatusOr<std::unique_ptr<SenderSet>> SenderSet::Open(
    const Settings& settings, const Clock* clock, IdSource* ids, Log* log) {
  ASSIGN_OR_RETURN(auto transport, http::Transport::Create({}, clock));
  std::unique_ptr<SenderSet> set(new SenderSet(settings, std::move(transport)));
  for (const AccountSettings& account : settings.accounts) {
    RETURN_IF_ERROR(set->Add(account, clock, ids, log));
  }
  return set;
}

absl::Status SenderSet::Add(const AccountSettings& account, const Clock* clock,
                            IdSource* ids, Log* log) {
  std::unique_ptr<Sender>& sender = senders_[account.name];
  if (account.platform == Platform::kLog) {
    sender = std::make_unique<senders::LogSender>(log, ids);
    return absl::OkStatus();
  }
  const auto secret = ReadSecret(account.secret, &ReadEnvironmentVariable);
  if (!secret.ok()) return OfAccount(account, secret.status());
  if (account.platform == Platform::kTelegram) {
    auto made = senders::TelegramSender::Create(
        {.token = *secret, .base_url = settings_.telegram_base_url},
        transport_.get());
    if (!made.ok()) return OfAccount(account, made.status());
    sender = *std::move(made);
    return absl::OkStatus();
  }
  http::Destinations::Options destinations;
  destinations.anywhere = settings_.webhook_allow_private;
  destinations.http = settings_.webhook_allow_private;
  auto made = senders::WebhookSender::Create(
      {.secrets = SecretsIn(*secret), .destinations = destinations}, clock, ids,
      transport_.get());
  if (!made.ok()) return OfAccount(account, made.status());
  sender = *std::move(made);
  return absl::OkStatus();
}

std::map<std::string, delivery::Dispatcher::Account> SenderSet::Accounts()
    const {
  std::map<std::string, delivery::Dispatcher::Account> accounts;
  for (const AccountSettings& account : settings_.accounts) {
    accounts[account.name] = {
        .sender = senders_.at(account.name).get(),
        .platform = account.platform,
        .limits = LimitsOf(account),
        .lane_ids = channels::LanesOf(account.name, {.lanes = account.lanes}),
        .attempt_timeout = account.platform == Platform::kTelegram
                               ? kTelegramTimeout
                               : kWebhookTimeout};
  }
  return accounts;
}

void SenderSet::Probe(const std::string& account, const std::string& address,
                      absl::Duration timeout,
                      std::function<void(rpc::Probed)> done) {
  const auto found = senders_.find(account);
  if (found == senders_.end()) return done({});
  found->second->Probe(
      address, timeout,
      [done = std::move(done)](const senders::ProbeResult& result) {
        done(ProbedOf(result));
      });
}

void SenderSet::Stop(absl::Duration grace) { transport_->Stop(grace); }

}  // namespace broadcast
