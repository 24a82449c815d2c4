// Who makes a call, and whose data that lets it see. Made by the Authenticator
// and handed down by the call wrapper as its scope. A value; any thread.
#ifndef BROADCASTD_AUTH_PRINCIPAL_H_
#define BROADCASTD_AUTH_PRINCIPAL_H_

#include <memory>
#include <string>

#include "auth/permissions.h"
#include "storage/scope.h"

namespace broadcast::auth {

struct Principal {
  std::string name;  // for the log and the audit
  storage::Scope scope;
  Permissions permissions;

  // Whom calls are counted for: two clients may have callers of one name.
  std::string RateKey() const { return scope.Key() + " " + name; }

  // Whoever can connect: all there is without authentication.
  static Principal Local() {
    return {.name = "local",
            .scope = storage::Scope::AllClients(),
            .permissions = Permissions::All()};
  }
};

using PrincipalPointer = std::shared_ptr<const Principal>;

}  // namespace broadcast::auth

#endif  // BROADCASTD_AUTH_PRINCIPAL_H_
