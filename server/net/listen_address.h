// Where the server listens: `HOST:PORT`, `[IPV6]:PORT` or `unix:PATH`. A
// value; any thread.
#ifndef BROADCASTD_NET_LISTEN_ADDRESS_H_
#define BROADCASTD_NET_LISTEN_ADDRESS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace broadcast::net {

struct ListenAddress {
  std::string host;  // without brackets; empty for a socket file
  int port = 0;      // 0: any free one
  std::string path;  // of a socket file

  // Returns INVALID_ARGUMENT if `text` has none of the three forms. The message
  // says which there are and not what `text` was.
  static absl::StatusOr<ListenAddress> Parse(absl::string_view text);

  // True if only this machine can reach it. No name but localhost is looked
  // up: where another one leads may change.
  bool IsLoopback() const;

  // Where a caller on this machine reaches it: any address becomes loopback.
  std::string DialAddress() const;
};

}  // namespace broadcast::net

#endif  // BROADCASTD_NET_LISTEN_ADDRESS_H_
