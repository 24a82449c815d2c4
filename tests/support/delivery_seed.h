// Fills a test's database with operations, deliveries and events past our own
// code, for a client and pairs that registry_seed.h made, and names what it
// made. Free functions; the test's thread.
#ifndef BROADCASTD_SUPPORT_DELIVERY_SEED_H_
#define BROADCASTD_SUPPORT_DELIVERY_SEED_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "support/raw_connection.h"
#include "support/registry_seed.h"

namespace broadcast::test {

inline std::string OperationId(int number) {
  return absl::StrFormat("00000000-0000-7000-8006-%012d", number);
}
inline std::string DeliveryId(int number) {
  return absl::StrFormat("00000000-0000-7000-8007-%012d", number);
}
inline std::string MessageId(int number) {
  return absl::StrFormat("00000000-0000-7000-8008-%012d", number);
}

// Contents 1 is needed for deliveries and messages.
inline void PlantContent(RawConnection& raw) { PlantContents(raw, 1, 1, 1); }

// An operation of an entry, with the counts of `ended` deliveries that were
// sent; finished at `finish_time`, or running.
struct OperationSeed {
  int number = 1;
  int client = 1;
  int pair = 0;
  int planned = 0;
  int sent = 0;
  int unknown = 0;
  int64_t create_time = 1;
  int64_t finish_time = 0;  // 0: it runs
};

inline void PlantOperation(RawConnection& raw, const OperationSeed& seed) {
  const bool finished = seed.finish_time != 0;
  raw.Execute(absl::StrCat(
      "INSERT INTO operations (operation_id, client_id, entry_id, kind, state, "
      "reason, planned, sent, failed, unknown, expired, cancelled, abandoned, "
      "last_error, settled, create_time, update_time, finish_time) VALUES ('",
      OperationId(seed.number), "','", ClientId(seed.client), "','",
      EntryId(seed.client, seed.pair), "','broadcast','",
      finished ? "finished" : "running", "','',", seed.planned, ",", seed.sent,
      ",0,", seed.unknown, ",0,0,0,'',", finished ? 1 : 0, ",",
      seed.create_time, ",", seed.create_time, ",",
      finished ? absl::StrCat(seed.finish_time) : "NULL", ")"));
}

// A delivery to the open channel of a pair; nothing says yet where it is.
inline void PlantDelivery(RawConnection& raw, int number, int operation,
                          int client = 1, int pair = 0) {
  raw.Execute(absl::StrCat(
      "INSERT INTO deliveries (delivery_id, operation_id, client_id, "
      "channel_id, entry_id, side, action, content_id, on_unknown, deadline, "
      "create_time) VALUES ('",
      DeliveryId(number), "','", OperationId(operation), "','",
      ClientId(client), "','", OpenId(client, pair), "','",
      EntryId(client, pair), "','open','send','", ContentId(1),
      "','hold',8000000000000000,1)"));
}

// How a planted delivery ended.
inline void PlantResult(RawConnection& raw, int number,
                        const std::string& state, int64_t finish_time) {
  raw.Execute(absl::StrCat(
      "INSERT INTO results (delivery_id, state, reason, detail, http_status, "
      "fence, attempts, finish_time) VALUES ('",
      DeliveryId(number), "','", state, "','','',200,1,1,", finish_time, ")"));
}

// A planted delivery waits to be sent.
inline void PlantReady(RawConnection& raw, int number, int client = 1,
                       int pair = 0) {
  raw.Execute(
      absl::StrCat("INSERT INTO ready (channel_id, sequence, delivery_id, "
                   "not_before, attempts, fence) VALUES ('",
                   OpenId(client, pair), "',", number, ",'", DeliveryId(number),
                   "',1,0,0)"));
}

// A planted delivery is being sent.
inline void PlantInflight(RawConnection& raw, int number, int client = 1,
                          int pair = 0) {
  raw.Execute(absl::StrCat(
      "INSERT INTO inflight (delivery_id, channel_id, sequence, lane_id, "
      "owner, epoch, fence, attempts, intent_time) VALUES ('",
      DeliveryId(number), "','", OpenId(client, pair), "',", number,
      ",'main','me',1,1,1,1)"));
}

inline void PlantQueue(RawConnection& raw, int client, int pair, int waiting,
                       int busy) {
  raw.Execute(absl::StrCat(
      "INSERT INTO channel_queues (channel_id, client_id, lane_id, waiting, "
      "busy, not_before, paused_until, last_sequence) VALUES ('",
      OpenId(client, pair), "','", ClientId(client), "','main',", waiting, ",",
      busy, ",1,0,1000000)"));
}

inline void PlantMessage(RawConnection& raw, int number, int client = 1,
                         int pair = 0) {
  raw.Execute(absl::StrCat(
      "INSERT INTO messages (message_id, channel_id, client_id, entry_id, "
      "side, address, platform_message_id, content_id, state, post_time, "
      "update_time) VALUES ('",
      MessageId(number), "','", OpenId(client, pair), "','", ClientId(client),
      "','", EntryId(client, pair), "','open','a','", number, "','",
      ContentId(1), "','live',1,1)"));
}

// An event of a client, or of none (0).
inline void PlantEvent(RawConnection& raw, int client, const std::string& kind,
                       int64_t create_time, int operation = 0) {
  const auto id = [](bool known, const std::string& text) {
    return known ? absl::StrCat("'", text, "'") : std::string("NULL");
  };
  raw.Execute(absl::StrCat(
      "INSERT INTO events (client_id, kind, operation_id, detail, create_time) "
      "VALUES (",
      id(client != 0, ClientId(client)), ",'", kind, "',",
      id(operation != 0, OperationId(operation)), ",'{}',", create_time, ")"));
}

}  // namespace broadcast::test

#endif  // BROADCASTD_SUPPORT_DELIVERY_SEED_H_
