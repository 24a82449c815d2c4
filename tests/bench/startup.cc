// How long a server takes from its start until health says SERVING, and
// whether one does.

#include <arpa/inet.h>
#include <fcntl.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "commands.h"
#include "stopwatch.h"

namespace broadcast::bench {
namespace {

constexpr auto kPause = std::chrono::microseconds(500);

// Whether somebody listens at HOST:PORT, HOST an IPv4 address.
bool Listens(const std::string& target) {
  const size_t colon = target.rfind(':');
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port =
      htons(static_cast<uint16_t>(std::atoi(target.c_str() + colon + 1)));
  if (inet_pton(AF_INET, target.substr(0, colon).c_str(), &address.sin_addr) !=
      1) {
    Die("--target must be an IPv4 address and a port");
  }
  const int connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool connected =
      connect(connection, reinterpret_cast<const sockaddr*>(&address),
              sizeof(address)) == 0;
  close(connection);
  return connected;
}

// Asks grpc.health.v1.Health/Check about the whole server.
class Health {
 public:
  explicit Health(const std::string& target)
      : stub_(grpc::CreateChannel(target, grpc::InsecureChannelCredentials())) {
  }

  bool IsServing() {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() +
                         std::chrono::seconds(1));
    grpc::ByteBuffer request(nullptr, 0);
    grpc::ByteBuffer response;
    grpc::Status status;
    grpc::CompletionQueue queue;
    auto call = stub_.PrepareUnaryCall(&context, "/grpc.health.v1.Health/Check",
                                       request, &queue);
    call->StartCall();
    call->Finish(&response, &status, nullptr);
    void* tag = nullptr;
    bool ok = false;
    queue.Next(&tag, &ok);
    if (!status.ok()) return false;
    std::vector<grpc::Slice> slices;
    if (!response.Dump(&slices).ok()) return false;
    std::string bytes;
    for (const grpc::Slice& slice : slices) {
      bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
    }
    return bytes == "\x08\x01";  // field 1, SERVING
  }

 private:
  grpc::GenericStub stub_;
};

// Waits until the server at `target` serves, or until `deadline`.
bool AwaitServing(const std::string& target, SteadyTime deadline) {
  while (!Listens(target)) {
    if (SteadyClock::now() > deadline) return false;
    std::this_thread::sleep_for(kPause);
  }
  Health health(target);
  while (!health.IsServing()) {
    if (SteadyClock::now() > deadline) return false;
    std::this_thread::sleep_for(kPause);
  }
  return true;
}

// Has the kernel forget what it has read of the file.
void ForgetPages(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) Die("cannot open " + path);
  fsync(file);
  posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
  close(file);
}

pid_t Spawn(const std::vector<std::string>& words, const std::string& log) {
  std::vector<char*> arguments;
  for (const std::string& word : words) {
    arguments.push_back(const_cast<char*>(word.c_str()));
  }
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  for (const int stream : {1, 2}) {
    posix_spawn_file_actions_addopen(&actions, stream, log.c_str(),
                                     O_WRONLY | O_CREAT | O_APPEND, 0644);
  }
  pid_t pid = 0;
  if (posix_spawn(&pid, arguments[0], &actions, nullptr, arguments.data(),
                  environ) != 0) {
    Die("cannot start " + words[0]);
  }
  posix_spawn_file_actions_destroy(&actions);
  return pid;
}

}  // namespace

int Startup(Flags& flags) {
  const std::string target = flags.Text("target");
  const std::string log = flags.Text("log", "/dev/null");
  const std::string cold = flags.Text("cold", "");
  flags.Done();
  if (flags.rest().empty()) Die("expected the server's command after --");
  grpc_init();  // not part of what is timed
  if (!cold.empty()) ForgetPages(cold);
  const SteadyTime start = SteadyClock::now();
  const pid_t pid = Spawn(flags.rest(), log);
  const bool serving = AwaitServing(target, start + std::chrono::seconds(60));
  const double ms = MicrosSince(start) / 1000;
  kill(pid, SIGTERM);
  int status = 0;
  waitpid(pid, &status, 0);
  if (!serving) Die("the server did not serve within a minute");
  const nlohmann::ordered_json result = {
      {"ms", ms},
      {"exit_status", WIFEXITED(status) ? WEXITSTATUS(status) : -1}};
  std::printf("%s\n", result.dump().c_str());
  grpc_shutdown();
  return 0;
}

int Wait(Flags& flags) {
  const std::string target = flags.Text("target");
  const double seconds = flags.Seconds("seconds", 30);
  flags.Done();
  return AwaitServing(target, SteadyClock::now() + SecondsOf(seconds)) ? 0 : 1;
}

}  // namespace broadcast::bench
