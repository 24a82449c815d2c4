// What a request id stands for: the hash of the request without the id itself,
// and without the plan that its caller was shown, which is a condition and not
// what is asked for: whoever asks again was shown another. Pure; any thread.
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
  if constexpr (requires { request.clear_expected_plan(); }) {
    request.clear_expected_plan();
  }
  return HashOf(request);
}

}  // namespace broadcast::rpc

#endif  // BROADCASTD_RPC_REQUEST_HASH_H_
