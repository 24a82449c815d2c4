// What an exchange with a webhook means. Its receiver knows a repetition by
// its webhook-id, so nothing is ever kUnknown. Pure; any thread.
#ifndef BROADCASTD_SENDERS_CLASSIFY_WEBHOOK_H_
#define BROADCASTD_SENDERS_CLASSIFY_WEBHOOK_H_

#include "http/exchange.h"
#include "senders/sender.h"

namespace broadcast::senders {

// kDone, kRetry or kChannelGone. Of the answer only its status and Retry-After
// count, and nothing of its body is kept.
Report ClassifyWebhook(const http::Response& response);

}  // namespace broadcast::senders

#endif  // BROADCASTD_SENDERS_CLASSIFY_WEBHOOK_H_
