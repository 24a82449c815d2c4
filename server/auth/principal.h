// Who makes a call, and whose data that lets it see. Made once a call by the
// call wrapper and handed down as its scope. A value; any thread.
#ifndef BROADCASTD_AUTH_PRINCIPAL_H_
#define BROADCASTD_AUTH_PRINCIPAL_H_

#include <string>

#include "storage/scope.h"

namespace broadcast::auth {

struct Principal {
  std::string name;  // for the log
  storage::Scope scope;

  // Whoever can connect: all there is on a loopback address without
  // authentication.
  static Principal Local() {
    return {.name = "local", .scope = storage::Scope::AllClients()};
  }
};

}  // namespace broadcast::auth

#endif  // BROADCASTD_AUTH_PRINCIPAL_H_
