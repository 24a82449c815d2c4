// Builds what knows the callers, from the settings: the keys and their
// sources, the policy of tokens, the identities of certificates. Private to
// the composition root; free functions, one thread.
#ifndef BROADCASTD_CALLERS_H_
#define BROADCASTD_CALLERS_H_

#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "auth/key_ring.h"
#include "auth/principal.h"
#include "auth/token_verifier.h"
#include "base/clock.h"
#include "base/log.h"
#include "settings/settings.h"

namespace broadcast {

auth::TokenPolicy TokenPolicyOf(const Settings& settings);

// By the name in the certificate.
std::map<std::string, auth::Principal> IdentitiesOf(const Settings& settings);

// The keys of everything that the settings name, loaded once; null if they
// name nothing. Pointers outlive it.
// Returns INVALID_ARGUMENT, naming the option and the remedy.
absl::StatusOr<std::unique_ptr<auth::KeyRing>> OpenKeys(
    const Settings& settings, const Clock* clock, Log* log);

// The token that `broadcastd token` prints.
// Returns INVALID_ARGUMENT if there is no usable secret.
absl::StatusOr<std::string> MintTokenFor(const Settings& settings,
                                         const TokenRequest& request,
                                         const Clock& clock);

}  // namespace broadcast

#endif  // BROADCASTD_CALLERS_H_
