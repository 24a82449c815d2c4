#include "telegram/fake_options.h"

#include <cstddef>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace broadcast::telegram {
namespace {

bool SetValue(const std::string& name, const std::string& value,
              FakeOptions& options) {
  if (name == "listen") {
    options.listen = value;
  } else if (name == "bot") {
    options.bots.push_back(value);
  } else if (name == "chat") {
    options.chats.push_back(value);
  } else if (name == "seed") {
    options.seed = value;
  } else if (name == "latency") {
    options.latency = value;
  } else if (name == "journal") {
    options.journal = value;
  } else if (name == "limits") {
    options.limits = value == "on";
    return value == "on" || value == "off";
  } else if (name == "hold") {
    return absl::SimpleAtod(value, &options.hold_seconds) &&
           options.hold_seconds >= 0;
  } else if (name == "random_seed") {
    return absl::SimpleAtoi(value, &options.random_seed);
  } else {
    return false;
  }
  return true;
}

}  // namespace

const char kFakeUsage[] =
    R"(usage: fake_telegram [OPTION]...
A Telegram Bot API on loopback, for tests; it prints "listening on PORT".

  --listen HOST:PORT   where, on loopback (127.0.0.1:0: any free port)
  --bot TOKEN          a bot (repeatable); without it, any token is one's
  --chat SPEC          a chat (repeatable): id=-1001,type=channel,username=news
  --seed FILE          bots, chats, messages, rules and limits as JSON
  --auto_chats         a chat that is unknown is made when a bot names it
  --latency SPEC       none, fixed:MS, lognormal:MEDIAN_MS:P99_MS (none)
  --limits on|off      30 a second, 1 a second and chat, 20 a minute and group
  --hold SECONDS       wait this long before a 429 (8; 0: refuse at once)
  --journal FILE       append a line of JSON for each request
  --random_seed N      for the latency (1)
)";

absl::StatusOr<FakeOptions> ParseFakeOptions(
    const std::vector<std::string>& arguments) {
  FakeOptions options;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument == "--help") {
      options.help = true;
      continue;
    }
    if (argument == "--auto_chats") {
      options.auto_chats = true;
      continue;
    }
    const size_t equals = argument.find('=');
    std::string name = argument.substr(0, equals);
    std::string value;
    if (equals != std::string::npos) {
      value = argument.substr(equals + 1);
    } else if (i + 1 < arguments.size()) {
      value = arguments[++i];
    }
    if (!absl::StartsWith(name, "--") ||
        !SetValue(name.substr(2), value, options)) {
      return absl::InvalidArgumentError(
          absl::StrCat(name, " is no option or has no such value; see --help"));
    }
  }
  return options;
}

}  // namespace broadcast::telegram
