// What the command line says. A value; any thread.
#ifndef BROADCASTD_TELEGRAM_FAKE_OPTIONS_H_
#define BROADCASTD_TELEGRAM_FAKE_OPTIONS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace broadcast::telegram {

struct FakeOptions {
  std::string listen = "127.0.0.1:0";
  std::vector<std::string> bots;   // tokens; none: any token is a bot's
  std::vector<std::string> chats;  // see ChatOfSpec
  std::string seed;                // a file of JSON
  bool auto_chats = false;         // what is unknown is made when asked for
  std::string latency = "none";
  bool limits = true;
  double hold_seconds = 8;
  std::string journal;  // a file
  uint64_t random_seed = 1;
  bool help = false;
};

// Returns INVALID_ARGUMENT for what there is not.
absl::StatusOr<FakeOptions> ParseFakeOptions(
    const std::vector<std::string>& arguments);

extern const char kFakeUsage[];

}  // namespace broadcast::telegram

#endif  // BROADCASTD_TELEGRAM_FAKE_OPTIONS_H_
