// What a small write costs until the disk has it, in a given folder.

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "commands.h"
#include "stopwatch.h"

namespace broadcast::bench {

int Disk(Flags& flags) {
  const std::string path = flags.Text("folder") + "/disk_probe";
  const int64_t writes = flags.Number("writes", 200);
  flags.Done();
  const int file =
      open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0) Die("cannot write " + path);
  const std::string page(4096, 'x');
  std::vector<float> micros;
  for (int64_t i = 0; i < writes; ++i) {
    const SteadyTime start = SteadyClock::now();
    if (write(file, page.data(), page.size()) != 4096 || fdatasync(file) != 0) {
      Die("cannot write " + path);
    }
    micros.push_back(static_cast<float>(MicrosSince(start)));
  }
  close(file);
  unlink(path.c_str());
  const nlohmann::ordered_json result = {
      {"sync_p50_us", Percentile(micros, 0.5)},
      {"sync_p99_us", Percentile(micros, 0.99)}};
  std::printf("%s\n", result.dump().c_str());
  return 0;
}

}  // namespace broadcast::bench
