// Does one thing at one destination of a platform, once, and says what became
// of it. A Sender stands for one account (a bot, the webhooks, the log): the
// environment makes it and it outlives every attempt that it was given. Any
// thread may call it.
//
// A sender never repeats an attempt, never waits for a rate limit and keeps no
// state between attempts: when to try, and whether again, is its caller's
// matter. What holds for every Report of kSend, kEdit, kDelete and kCopy:
// - kUnknown only if `phase` is at least kRequestSent;
// - kUnknown if what must not be repeated was sent and not answered;
// - kDone of kSend and kCopy has a message_id, kMoved a new_address;
// - `reason` is set unless it is kDone, and `detail` holds no secret.
// kProbe is never kUnknown. One that is kDone has a `reason` all the same,
// kMessageNotFound, if the message is not there.
#ifndef BROADCASTD_SENDERS_SENDER_H_
#define BROADCASTD_SENDERS_SENDER_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "content/content.h"
#include "http/exchange.h"

namespace broadcast::senders {

// kProbe asks whether a message is still there, in a way that cannot change it.
enum class Action { kSend, kEdit, kDelete, kCopy, kProbe };

// The reason of what is done to a message that is not there.
inline constexpr absl::string_view kMessageNotFound = "message_not_found";

// One try to do one thing at one destination.
struct Attempt {
  std::string delivery_id;  // UUID; the same for every attempt of a delivery
  int64_t attempt = 1;      // from 1
  Action action = Action::kSend;
  std::string address;  // as content/address.h normalises it
  // kSend, kEdit; of kCopy all but the text, which is the original's.
  Content content;
  // kEdit, kDelete, kProbe: which; kCopy: the original.
  std::string message_id;
  std::string source_address;  // kCopy: where the original is
  // Of the whole attempt. At least 30 s for Telegram in production: it waits
  // up to 8 s by itself before it refuses, and to be impatient is to send
  // twice.
  absl::Duration timeout = absl::Seconds(30);
};

enum class Verdict {
  kDone,
  kRetry,           // not done; later
  kRejected,        // this message, permanently
  kRecipientGone,   // this recipient, permanently
  kChannelSuspect,  // the channel may be gone: needs confirmation
  kChannelGone,     // at once: a webhook's 410, a deleted group
  kAccountStopped,  // the platform refuses the account itself
  kMoved,           // not done; the same again at new_address
  kUndeletable,     // kDelete: it stays
  kUnknown,         // it may have been done, and nobody can tell
};

// How far an attempt came: kNotConnected, kRequestUnsent, kRequestSent or
// kResponseRead.
using http::Phase;

// Who must pause because of a 429.
enum class LimitScope { kNone, kChat, kAccount };

struct Report {
  Verdict verdict = Verdict::kRetry;
  Phase phase = Phase::kNotConnected;
  // A stable word in lower_snake_case, for metrics and to be stored:
  // "too_many_requests", "chat_not_found", "connect_failed", "cancelled".
  std::string reason;
  std::string message_id;   // the platform's; set for kDone of kSend and kCopy
  std::string new_address;  // kMoved
  // When the platform wants to be asked again; never negative.
  std::optional<absl::Duration> retry_after;
  LimitScope limit = LimitScope::kNone;
  int http_status = 0;  // 0: none was read
  // What the platform said, at most 512 bytes of UTF-8. Never a token, a URL
  // or what we sent.
  std::string detail;

  bool operator==(const Report&) const = default;
};

struct Capabilities {
  bool edits = false;
  bool deletes = false;
  bool copies = false;
  bool probes = false;
  // A send whose outcome is unknown may be repeated without harm.
  bool repeatable = false;
  // How long after it was sent a message can be deleted; none: forever.
  std::optional<absl::Duration> delete_window;
};

// What a probe found. For a destination that has no rights to tell, such as a
// webhook, `present` and the three permissions are true.
struct ChatInfo {
  std::string title;
  std::string type;      // "private", "group", "supergroup", "channel", ""
  bool present = false;  // the account is in the chat
  bool may_post = false;
  bool may_edit = false;    // its own messages
  bool may_delete = false;  // its own messages

  bool operator==(const ChatInfo&) const = default;
};

struct ProbeResult {
  Report report;  // kDone: `chat` holds what was found; never kUnknown
  ChatInfo chat;
};

class Sender {
 public:
  virtual ~Sender() = default;

  virtual const Capabilities& capabilities() const = 0;

  // Calls `done` exactly once, from a thread of the transport or before it
  // returns. `done` must not block. Never blocks itself, waits for no limit,
  // uses no database.
  virtual void Start(Attempt attempt, std::function<void(Report)> done) = 0;

  // Asks what the account may do at `address`, and leaves nothing there for
  // people to see. `done` as above.
  virtual void Probe(std::string address, absl::Duration timeout,
                     std::function<void(ProbeResult)> done) = 0;
};

}  // namespace broadcast::senders

#endif  // BROADCASTD_SENDERS_SENDER_H_
