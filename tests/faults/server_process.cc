#include "server_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "support/answer.h"

namespace broadcast::test {
namespace {

std::string Contents(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

ServerProcess::ServerProcess(std::vector<std::string> options, std::string log)
    : options_(std::move(options)), log_(std::move(log)) {}

void ServerProcess::Start() {
  const size_t offset = Contents(log_).size();
  std::vector<char*> arguments = {const_cast<char*>(BROADCASTD_BINARY)};
  for (const std::string& option : options_) {
    arguments.push_back(const_cast<char*>(option.c_str()));
  }
  arguments.push_back(nullptr);
  const int log = open(log_.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  pid_ = fork();
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(log, STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
    execv(BROADCASTD_BINARY, arguments.data());
    _exit(127);
  }
  close(log);
  int port = 0;
  const bool ready = Eventually([&] {
    port = PortInLog(offset);
    return port != 0 || waitpid(pid_, nullptr, WNOHANG) == pid_;
  });
  if (!ready || port == 0) {
    throw std::runtime_error(
        absl::StrCat("the server does not serve: ", Contents(log_)));
  }
  address_ = absl::StrCat("127.0.0.1:", port);
}

void ServerProcess::Kill() {
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

int ServerProcess::PortInLog(size_t offset) const {
  const std::string log = Contents(log_).substr(offset);
  const size_t event = log.find("\"server.serving\"");
  const std::string key = "\"port\":";
  const size_t at = event == log.npos ? log.npos : log.find(key, event);
  const size_t end = at == log.npos ? log.npos : log.find(',', at);
  int port = 0;
  if (end == log.npos) return 0;
  const size_t digits = at + key.size();
  return absl::SimpleAtoi(log.substr(digits, end - digits), &port) ? port : 0;
}

}  // namespace broadcast::test
