// Fills a test's database with clients, channels, pairs and entries past our
// own code, in a few large statements, and names what it made. Free functions;
// the test's thread.
#ifndef BROADCASTD_SUPPORT_REGISTRY_SEED_H_
#define BROADCASTD_SUPPORT_REGISTRY_SEED_H_

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "support/raw_connection.h"

namespace broadcast::test {

// The ids of client `client` and of its pair number `pair`.
inline std::string ClientId(int client) {
  return absl::StrFormat("00000000-0000-7000-8001-%012d", client);
}
inline std::string SeedId(int kind, int client, int pair) {
  return absl::StrFormat("00000000-0000-7000-800%d-%06d%06d", kind, client,
                         pair);
}
inline std::string PairId(int client, int pair) {
  return SeedId(2, client, pair);
}
inline std::string EntryId(int client, int pair) {
  return SeedId(3, client, pair);
}
inline std::string OpenId(int client, int pair) {
  return SeedId(4, client, pair);
}
inline std::string ClosedId(int client, int pair) {
  return SeedId(5, client, pair);
}
inline std::string ContentId(int content) {
  return absl::StrFormat("%064d", content);
}

// What to make: `pairs` pairs with two channels each, and as many entries, or
// none.
struct Seed {
  int client = 1;
  int pairs = 0;
  bool entries = true;
};

inline void Insert(RawConnection& raw, absl::string_view head,
                   const std::vector<std::string>& rows) {
  if (rows.empty()) return;
  raw.Execute(
      absl::StrCat("INSERT INTO ", head, " VALUES ", absl::StrJoin(rows, ",")));
}

inline void Plant(RawConnection& raw, const Seed& seed) {
  const std::string client = ClientId(seed.client);
  std::vector<std::string> channels, pairs, entries;
  for (int i = 0; i < seed.pairs; ++i) {
    const std::string open = OpenId(seed.client, i);
    const std::string closed = ClosedId(seed.client, i);
    for (const std::string& id : {open, closed}) {
      channels.push_back(absl::StrCat("('", id, "','", client, "','log','", id,
                                      "','main','','active','',1,1,1)"));
    }
    pairs.push_back(absl::StrCat("('", PairId(seed.client, i), "','", client,
                                 "','", open, "','", closed, "',", i, ")"));
    entries.push_back(absl::StrCat(
        "('", EntryId(seed.client, i), "','", client, "','",
        PairId(seed.client, i),
        "','active','','pending',86400000000,1,0,0,0,0,0,0,'','{}',1,", i,
        ",1)"));
  }
  if (!seed.entries) entries.clear();
  Insert(raw,
         "clients (client_id, display_name, pair_count, labels, revision, "
         "create_time, update_time)",
         {absl::StrCat("('", client, "','',", seed.pairs, ",'{}',1,1,1)")});
  Insert(raw,
         "channels (channel_id, client_id, platform, address, account, title, "
         "state, state_reason, revision, create_time, update_time)",
         channels);
  Insert(raw,
         "channel_pairs (channel_pair_id, client_id, open_channel_id, "
         "closed_channel_id, create_time)",
         pairs);
  Insert(raw,
         "entries (entry_id, client_id, channel_pair_id, state, state_reason, "
         "last_outcome, interval_us, next_send_time, broadcast_count, "
         "success_count, partial_count, failure_count, "
         "consecutive_failure_count, manual_trigger_count, last_error, labels, "
         "revision, create_time, update_time)",
         entries);
}

// Contents `first` to `last`, made at `create_time` in microseconds.
inline void PlantContents(RawConnection& raw, int first, int last,
                          int64_t create_time) {
  std::vector<std::string> rows;
  for (int i = first; i <= last; ++i) {
    rows.push_back(
        absl::StrCat("('", ContentId(i), "','{}',", create_time, ")"));
  }
  Insert(raw, "contents (content_id, body, create_time)", rows);
}

// How many rows a client has in all tables.
inline int64_t RowsOf(RawConnection& raw, int client) {
  int64_t rows = 0;
  for (const char* table :
       {"clients", "channels", "channel_pairs", "entries"}) {
    rows +=
        raw.Number(absl::StrCat("SELECT count(*) FROM ", table,
                                " WHERE client_id = '", ClientId(client), "'"));
  }
  return rows;
}

}  // namespace broadcast::test

#endif  // BROADCASTD_SUPPORT_REGISTRY_SEED_H_
