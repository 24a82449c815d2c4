// The body of what a webhook is sent:
// {"data":{...},"timestamp":"2026-06-01T12:00:00.000Z","type":"message.send"}.
// Pure; any thread.
#ifndef BROADCASTD_SENDERS_WEBHOOK_EVENT_H_
#define BROADCASTD_SENDERS_WEBHOOK_EVENT_H_

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "senders/sender.h"

namespace broadcast::senders {

// - "message.send": message_id, content. The id is the delivery's, so that it
//   is the same at each attempt; later events refer to it.
// - "message.edit": message_id, content.
// - "message.delete": message_id.
// The content is the document of content/content.h. Nothing for an attempt
// that cannot be told in such an event: a copy, or one without its message.
std::optional<std::string> WebhookEvent(const Attempt& attempt, absl::Time now);

// "ping": nothing is to be done about it.
std::string WebhookPing(absl::Time now);

}  // namespace broadcast::senders

#endif  // BROADCASTD_SENDERS_WEBHOOK_EVENT_H_
