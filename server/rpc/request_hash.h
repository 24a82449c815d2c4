// What a request id stands for: the hash of the request without the id itself.
// Pure; any thread.
#ifndef BROADCASTD_RPC_REQUEST_HASH_H_
#define BROADCASTD_RPC_REQUEST_HASH_H_

#include <google/protobuf/message.h>

#include <string>

namespace broadcast::rpc {

// SHA-256 of the message's deterministic serialisation, in hexadecimal.
std::string HashOf(const google::protobuf::Message& message);

template <typename Request>
std::string HashWithoutRequestId(Request request) {
  request.clear_request_id();
  return HashOf(request);
}

}  // namespace broadcast::rpc

#endif  // BROADCASTD_RPC_REQUEST_HASH_H_
