// What a CreateEntry is about, made up: the same for the load generator and for
// the raw loop beside it. One thread each.
#ifndef BROADCASTD_BENCH_NEW_ENTRIES_H_
#define BROADCASTD_BENCH_NEW_ENTRIES_H_

#include <cstdint>
#include <random>
#include <string>

namespace broadcast::bench {

inline constexpr char kAccount[] = "log";
inline constexpr char kOpenTitle[] = "Open channel";
inline constexpr char kClosedTitle[] = "Closed channel";

struct NewEntry {
  std::string client_id;
  std::string open_address;
  std::string closed_address;
  std::string request_id;
};

class NewEntries {
 public:
  // Each client gets this many pairs, one after the other.
  explicit NewEntries(int64_t pairs_per_client);

  NewEntry Next();

  // A UUID of version 4, as callers make them.
  std::string RandomId();
  // A UUID of version 7, as the server makes them: each greater than the last.
  std::string OrderedId();
  // 64 hexadecimal digits.
  std::string Hash();

 private:
  const int64_t pairs_per_client_;
  std::mt19937_64 random_;
  int64_t made_ = 0;
  std::string client_id_;
  uint64_t ordered_;
};

// The entries that SeedDatabase makes.
std::string SeededEntryId(int64_t number);
// The client that owns every tenth of them.
std::string SeededLargeClientId();
// The feed that it makes instead, and the channel of that.
inline constexpr char kSeededFeedId[] = "01970007-0000-7000-8000-000000000000";
inline constexpr char kSeededChannelId[] =
    "01970002-0000-7000-8000-000000000000";

}  // namespace broadcast::bench

#endif  // BROADCASTD_BENCH_NEW_ENTRIES_H_
