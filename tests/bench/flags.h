// The words after a command: --name=value or --name value, then perhaps `--`
// and words that are not ours. Used by main and one command, on one thread.
#ifndef BROADCASTD_BENCH_FLAGS_H_
#define BROADCASTD_BENCH_FLAGS_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace broadcast::bench {

// Says what is wrong and ends the process with status 1.
[[noreturn]] void Die(const std::string& problem);

class Flags {
 public:
  Flags(int argc, char** argv);

  // Dies if it is not given.
  std::string Text(const std::string& name);
  std::string Text(const std::string& name, const std::string& fallback);
  int64_t Number(const std::string& name, int64_t fallback);
  double Seconds(const std::string& name, double fallback);

  const std::vector<std::string>& rest() const { return rest_; }

  // Dies if a flag was given that nobody has asked for. Each command calls it
  // once it has read its own.
  void Done() const;

 private:
  std::map<std::string, std::string> values_;
  std::set<std::string> known_;
  std::vector<std::string> rest_;
};

}  // namespace broadcast::bench

#endif  // BROADCASTD_BENCH_FLAGS_H_
