// broadcastd: parses the settings, runs what they ask for, and drains on
// SIGTERM or SIGINT.

#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <iostream>

#include "absl/synchronization/mutex.h"
#include "callers.h"
#include "environment.h"
#include "rpc/health_probe.h"
#include "settings/environment_variables.h"
#include "settings/settings.h"

namespace broadcast {
namespace {

// What the process sends itself when the disk has failed. Not SIGTERM, which
// ends it at once if it drains already.
constexpr int kDiskFailed = SIGUSR1;

// SIGTERM and SIGINT.
sigset_t StopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

// Those, and kDiskFailed, for Serve alone to take. Called before any thread
// starts, so that all inherit the mask.
sigset_t BlockSignals() {
  sigset_t signals = StopSignals();
  sigaddset(&signals, kDiskFailed);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  // A reader of our output that goes away is no reason to die.
  signal(SIGPIPE, SIG_IGN);
  return signals;
}

// Keys and tokens are in this process's memory: nobody but root may look at
// it, and a crash writes none of it down.
void KeepSecretsOutOfCoreDumps() {
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
}

int Refuse(const Environment::Refusal& refusal) {
  std::cerr << "broadcastd: " << refusal.status.message() << std::endl;
  return refusal.code;
}

int Serve(const Settings& settings) {
  if (!settings.core_dumps) KeepSecretsOutOfCoreDumps();
  const sigset_t signals = BlockSignals();
  Environment environment(settings, [] { kill(getpid(), kDiskFailed); });
  const Environment::Refusal refusal = environment.Start();
  if (!refusal.status.ok()) return Refuse(refusal);
  int signal = 0;
  sigwait(&signals, &signal);
  // A second signal to stop while draining ends the process at once. That the
  // disk has failed stays blocked: the environment knows, and draining goes on.
  const sigset_t stop = StopSignals();
  pthread_sigmask(SIG_UNBLOCK, &stop, nullptr);
  environment.Drain();
  return environment.disk_failed() ? kExitDisk : kExitOk;
}

int Migrate(const Settings& settings) {
  Environment environment(settings, [] {});
  const Environment::Refusal refusal = environment.MigrateOnly();
  return refusal.status.ok() ? kExitOk : Refuse(refusal);
}

int Token(const Settings& settings, const TokenRequest& request) {
  const auto token = MintTokenFor(settings, request, SystemClock());
  if (!token.ok()) return Refuse({token.status(), kExitUsage});
  std::cout << *token << std::endl;
  return kExitOk;
}

int Healthcheck(const std::string& address) {
  rpc::HealthProbe probe(
      grpc::CreateChannel(address, grpc::InsecureChannelCredentials()));
  if (probe.IsServing(absl::Seconds(3))) return kExitOk;
  std::cerr << "broadcastd: the server does not answer SERVING" << std::endl;
  return kExitUnhealthy;
}

int Run(int argc, const char* const* argv) {
  const auto parsed = ParseSettings(argc, argv, &ReadEnvironmentVariable);
  if (!parsed.ok()) return Refuse({parsed.status(), kExitUsage});
  switch (parsed->command) {
    case Command::kServe:
      return Serve(parsed->settings);
    case Command::kMigrate:
      return Migrate(parsed->settings);
    case Command::kHealthcheck:
      return Healthcheck(parsed->health_address);
    case Command::kToken:
      return Token(parsed->settings, parsed->token);
    case Command::kPrintConfig:
    case Command::kHelp:
    case Command::kVersion:
      std::cout << parsed->text << std::flush;
      return kExitOk;
  }
  return kExitFailure;
}

}  // namespace
}  // namespace broadcast

int main(int argc, char** argv) {
  // Debian builds Abseil with its detection of lock cycles, which costs every
  // mutex of ours and of gRPC's a table look-up. The tests keep it.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  return broadcast::Run(argc, argv);
}
