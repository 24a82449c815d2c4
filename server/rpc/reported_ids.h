// The ids that a mutation touched: a line of the log, and with the other lines
// of its call one event of the audit trail. A value; any thread.
#ifndef BROADCASTD_RPC_REPORTED_IDS_H_
#define BROADCASTD_RPC_REPORTED_IDS_H_

#include <cstdint>
#include <string>

#include "storage/records.h"

namespace broadcast::rpc {

struct ReportedIds {
  void SetPair(const storage::ChannelPair& pair) {
    client_id = pair.client_id;
    channel_pair_id = pair.channel_pair_id;
    open_channel_id = pair.open_channel.channel_id;
    closed_channel_id = pair.closed_channel.channel_id;
  }
  void SetPair(const storage::PairIds& pair) {
    client_id = pair.client_id;
    channel_pair_id = pair.channel_pair_id;
    open_channel_id = pair.open_channel_id;
    closed_channel_id = pair.closed_channel_id;
    entry_id = pair.entry_id.value_or("");
  }

  const char* event = nullptr;  // null: the method's own
  std::string client_id;
  std::string channel_pair_id;
  std::string channel_id;
  std::string open_channel_id;
  std::string closed_channel_id;
  std::string entry_id;
  std::string feed_id;
  std::string post_id;
  std::string operation_id;
  std::string delivery_id;
  int64_t rows = 0;  // of the event's kind; of a batch or a cascade all
  bool replayed = false;
};

}  // namespace broadcast::rpc

#endif  // BROADCASTD_RPC_REPORTED_IDS_H_
