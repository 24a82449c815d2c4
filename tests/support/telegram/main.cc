// fake_telegram: a Telegram Bot API for tests. See README.md beside it.
#include <cstdio>
#include <string>
#include <vector>

#include "base/clock.h"
#include "telegram/fake_options.h"
#include "telegram/fake_server.h"

namespace {

int Refuse(const absl::Status& status) {
  const std::string message(status.message());
  std::fprintf(stderr, "fake_telegram: %s\n", message.c_str());
  return 64;
}

}  // namespace

int main(int argc, char** argv) {
  const auto options = broadcast::telegram::ParseFakeOptions(
      std::vector<std::string>(argv + 1, argv + argc));
  if (!options.ok()) return Refuse(options.status());
  if (options->help) {
    std::fputs(broadcast::telegram::kFakeUsage, stdout);
    return 0;
  }
  const broadcast::SystemClock clock;
  broadcast::telegram::FakeServer server(*options, clock);
  const absl::Status started = server.Start();
  if (!started.ok()) return Refuse(started);
  server.StopOnSignals();
  std::printf("listening on %d\n", server.port());
  std::fflush(stdout);
  server.Run();
  return 0;
}
