// Ids for requests that must be done once. Any thread.
#ifndef BROADCASTD_CLI_FRESH_REQUEST_ID_H_
#define BROADCASTD_CLI_FRESH_REQUEST_ID_H_

#include <string>

namespace broadcast::cli {

// A random UUID (version 4).
std::string NewRequestId();

}  // namespace broadcast::cli

#endif  // BROADCASTD_CLI_FRESH_REQUEST_ID_H_
