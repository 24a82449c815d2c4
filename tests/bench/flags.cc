#include "flags.h"

#include <cstdio>
#include <cstdlib>
#include <stdexcept>

namespace broadcast::bench {

void Die(const std::string& problem) {
  std::fprintf(stderr, "broadcastd_bench: %s\n", problem.c_str());
  std::exit(1);
}

Flags::Flags(int argc, char** argv) {
  for (int i = 0; i < argc; ++i) {
    std::string word = argv[i];
    if (word == "--") {
      rest_.assign(argv + i + 1, argv + argc);
      return;
    }
    if (word.rfind("--", 0) != 0) Die("expected --name=value, not " + word);
    word = word.substr(2);
    const size_t equals = word.find('=');
    if (equals != word.npos) {
      values_[word.substr(0, equals)] = word.substr(equals + 1);
    } else if (i + 1 < argc) {
      values_[word] = argv[++i];
    } else {
      Die("--" + word + " needs a value");
    }
  }
}

std::string Flags::Text(const std::string& name) {
  known_.insert(name);
  const auto found = values_.find(name);
  if (found == values_.end()) Die("--" + name + " is required");
  return found->second;
}

std::string Flags::Text(const std::string& name, const std::string& fallback) {
  known_.insert(name);
  const auto found = values_.find(name);
  return found == values_.end() ? fallback : found->second;
}

int64_t Flags::Number(const std::string& name, int64_t fallback) {
  const std::string text = Text(name, std::to_string(fallback));
  try {
    return std::stoll(text);
  } catch (const std::logic_error&) {
    Die("--" + name + " must be a number, not " + text);
  }
}

double Flags::Seconds(const std::string& name, double fallback) {
  const std::string text = Text(name, std::to_string(fallback));
  try {
    return std::stod(text);
  } catch (const std::logic_error&) {
    Die("--" + name + " must be a number of seconds, not " + text);
  }
}

void Flags::Done() const {
  for (const auto& [name, value] : values_) {
    if (known_.count(name) == 0) Die("there is no --" + name);
  }
}

}  // namespace broadcast::bench
