// Messages of the contract as JSON: its own names, and fields that have their
// default too. Any thread.
#ifndef BROADCASTD_CLI_JSON_TEXT_H_
#define BROADCASTD_CLI_JSON_TEXT_H_

#include <string>

#include "google/protobuf/message.h"

namespace broadcast::cli {

enum class JsonForm { kIndented, kOneLine };

// With a line feed at its end.
std::string JsonText(const google::protobuf::Message& message, JsonForm form);

}  // namespace broadcast::cli

#endif  // BROADCASTD_CLI_JSON_TEXT_H_
