// Posts to chats as one Telegram bot, over its Bot API server. The environment
// owns it and stops the transport before it goes; any thread may call it.
//
// The token is part of every URL, so that no URL is told to anybody.
#ifndef BROADCASTD_SENDERS_TELEGRAM_SENDER_H_
#define BROADCASTD_SENDERS_TELEGRAM_SENDER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "http/transport.h"
#include "senders/sender.h"
#include "senders/telegram_request.h"

namespace broadcast::senders {

struct TelegramOptions {
  std::string token;
  // Of a server of one's own; http only on this machine.
  std::string base_url = "https://api.telegram.org";
};

class TelegramSender final : public Sender {
 public:
  // `transport` outlives the sender. Returns INVALID_ARGUMENT if the token or
  // the base URL cannot be one.
  static absl::StatusOr<std::unique_ptr<TelegramSender>> Create(
      const TelegramOptions& options, http::Transport* transport);

  // The bot's user id: what may be told of the token.
  int64_t bot_id() const { return bot_id_; }

  const Capabilities& capabilities() const override;
  void Start(Attempt attempt, std::function<void(Report)> done) override;
  // Of an empty address, asks only whether the bot's token is good.
  void Probe(std::string address, absl::Duration timeout,
             std::function<void(ProbeResult)> done) override;

 private:
  TelegramSender(std::string url, int64_t bot_id,
                 std::shared_ptr<const http::Destinations> destinations,
                 http::Transport* transport);

  void Ask(TelegramRequest request, absl::Duration timeout,
           std::function<void(http::Response)> done) const;
  void ProbeMessage(Attempt attempt, std::function<void(Report)> done) const;
  void ConfirmGone(const Attempt& attempt, Report gone,
                   const std::function<void(Report)>& done) const;
  void AskMember(const std::string& address, absl::Duration timeout,
                 ProbeResult found,
                 std::function<void(ProbeResult)> done) const;

  // Constant after construction.
  const std::string url_;  // with the token, up to the method
  const int64_t bot_id_;
  const std::shared_ptr<const http::Destinations> destinations_;
  http::Transport* const transport_;
};

}  // namespace broadcast::senders

#endif  // BROADCASTD_SENDERS_TELEGRAM_SENDER_H_
