// broadcastd: parses the settings, runs what they ask for, and drains on
// SIGTERM or SIGINT.

#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "base/status_macros.h"
#include "callers.h"
#include "environment.h"
#include "rpc/health_channel.h"
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

// Each connection takes a file of the process; the soft limit is made for
// programs that use select.
void AllowAllFiles() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
}

int Refuse(const Environment::Refusal& refusal) {
  std::cerr << "broadcastd: " << refusal.status.message() << '\n';
  return refusal.code;
}

int Serve(const Settings& settings) {
  if (!settings.core_dumps) KeepSecretsOutOfCoreDumps();
  AllowAllFiles();
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

int Import(const Parsed& parsed) {
  Environment environment(parsed.settings, [] {});
  std::string report;
  const Environment::Refusal refusal =
      environment.ImportOnly(parsed.import_files, &report);
  if (!refusal.status.ok()) return Refuse(refusal);
  std::cout << report << std::flush;
  return kExitOk;
}

int Token(const Settings& settings, const TokenRequest& request) {
  const auto token = MintTokenFor(settings, request, SystemClock());
  if (!token.ok()) return Refuse({token.status(), kExitUsage});
  std::cout << *token << '\n' << std::flush;
  return kExitOk;
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file.is_open() || file.bad() || text.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        path,
        ": cannot be read; it must be a PEM file that this user may "
        "read"));
  }
  return text;
}

// What a healthcheck over TLS needs. Callers who need no certificate show none:
// the server's own may be of an authority that it does not take from callers.
absl::StatusOr<rpc::HealthTls> ReadHealthTls(const Parsed& parsed) {
  const Settings& settings = parsed.settings;
  rpc::HealthTls tls;
  ASSIGN_OR_RETURN(tls.authorities, ReadFile(parsed.health_ca_file));
  if (settings.tls_certificate.empty() ||
      settings.tls_client_certificates ==
          Settings::ClientCertificates::kOptional) {
    return tls;
  }
  ASSIGN_OR_RETURN(tls.certificate, ReadFile(settings.tls_certificate));
  ASSIGN_OR_RETURN(tls.key, ReadFile(settings.tls_key));
  return tls;
}

int Healthcheck(const Parsed& parsed) {
  std::optional<rpc::HealthTls> tls;
  if (parsed.health_tls) {
    absl::StatusOr<rpc::HealthTls> files = ReadHealthTls(parsed);
    if (!files.ok()) return Refuse({files.status(), kExitUsage});
    tls = *std::move(files);
  }
  rpc::HealthProbe probe(rpc::HealthChannel(parsed.health_address,
                                            tls.has_value() ? &*tls : nullptr));
  if (probe.IsServing(absl::Seconds(3))) return kExitOk;
  std::cerr << "broadcastd: the server does not answer SERVING\n";
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
    case Command::kImport:
      return Import(*parsed);
    case Command::kHealthcheck:
      return Healthcheck(*parsed);
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
