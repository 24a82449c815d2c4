// Who may make a call: the first thing that every call meets, before a byte of
// its request is looked at. The environment owns the one Admission; any
// thread.
#ifndef BROADCASTD_RPC_ADMISSION_H_
#define BROADCASTD_RPC_ADMISSION_H_

#include <grpcpp/grpcpp.h>

#include <string>

#include "absl/status/statusor.h"
#include "auth/authenticator.h"
#include "auth/principal.h"
#include "auth/rate_limiter.h"
#include "base/clock.h"
#include "rpc/method.h"

namespace broadcast::rpc {

class Admission {
 public:
  struct Options {
    int principal_rate = 0;  // calls a second; 0: no limit
    int address_rate = 0;
  };

  // Without an authenticator everybody is Principal::Local, and nobody is
  // counted. Pointers outlive this.
  Admission(auth::Authenticator* authenticator, const Options& options,
            const Clock* clock);

  // Says who calls, as far as that is known when it refuses.
  struct Verdict {
    auth::PrincipalPointer principal;  // never null
    absl::Status status;
  };

  // Refuses with RESOURCE_EXHAUSTED (RATE_LIMITED), UNAUTHENTICATED
  // (TOKEN_MISSING, TOKEN_INVALID) or PERMISSION_DENIED (SCOPE_MISSING).
  Verdict Admit(const grpc::CallbackServerContext& context,
                const Method& method);

 private:
  auth::Authenticator* const authenticator_;
  const Clock* const clock_;
  auth::RateLimiter principals_;
  auth::RateLimiter addresses_;
};

// The caller's address without its port: "ipv4:127.0.0.1", "ipv6:::1" (of IPv6
// the /64, which one caller has whole). What has none is one caller: "unix:".
std::string AddressOf(const std::string& peer);

}  // namespace broadcast::rpc

#endif  // BROADCASTD_RPC_ADMISSION_H_
