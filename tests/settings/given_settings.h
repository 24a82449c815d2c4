// The three sources of settings, to parse in a test. Values; one thread.
#ifndef BROADCASTD_TESTS_SETTINGS_GIVEN_SETTINGS_H_
#define BROADCASTD_TESTS_SETTINGS_GIVEN_SETTINGS_H_

#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "settings/settings.h"
#include "support/temp_dir.h"

namespace broadcast::test {

struct Given {
  std::vector<std::string> arguments;  // after the program's name
  std::map<std::string, std::string> variables;
  std::string file;  // what --config names; empty: none
};

inline absl::StatusOr<Parsed> Parse(const Given& given) {
  const TempDir dir;
  std::vector<const char*> argv = {"broadcastd"};
  const std::string config = "--config=" + dir.File("b.toml");
  if (!given.file.empty()) {
    std::ofstream(dir.File("b.toml")) << given.file;
    argv.push_back(config.c_str());
  }
  for (const std::string& argument : given.arguments) {
    argv.push_back(argument.c_str());
  }
  return ParseSettings(
      static_cast<int>(argv.size()), argv.data(),
      [&](absl::string_view name) -> std::optional<std::string> {
        const auto found = given.variables.find(std::string(name));
        if (found == given.variables.end()) return std::nullopt;
        return found->second;
      });
}

}  // namespace broadcast::test

#endif  // BROADCASTD_TESTS_SETTINGS_GIVEN_SETTINGS_H_
