// What broadcastd is told to do and how: the command line over environment
// variables over a file. main.cc parses once, at the start; the environment
// owns the Settings afterwards and only reads them. Values; any thread.
#ifndef BROADCASTD_SETTINGS_SETTINGS_H_
#define BROADCASTD_SETTINGS_SETTINGS_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/limits.h"
#include "base/log.h"
#include "storage/location.h"
#include "storage/records.h"

namespace broadcast {

// Where an account's secret is, never the secret itself.
struct SecretSource {
  enum class Kind { kNone, kFile, kEnvironment };

  Kind kind = Kind::kNone;
  std::string name;  // the file's path, or the variable
};

// Credentials that post, as channels refer to them.
struct AccountSettings {
  std::string name;
  storage::Platform platform = storage::Platform::kLog;
  SecretSource secret;
  std::string origin;  // where it was configured, to print
};

// The initial values are the defaults; settings/options.cc has what each one
// means, its unit and its range.
struct Settings {
  enum class Migrate { kAuto, kOff };
  enum class ParseMode { kNone, kHtml, kMarkdownV2 };

  // Serving.
  std::string listen = "127.0.0.1:50051";
  bool insecure_public_listen = false;
  std::string metrics_listen = "127.0.0.1:9464";  // empty: off
  Severity log_level = Severity::kInfo;
  bool reflection = true;
  absl::Duration drain_grace = absl::Seconds(10);
  absl::Duration shutdown_delay = absl::ZeroDuration();

  // Database.
  std::string database = "sqlite:data/broadcastd.db";
  std::string database_password_file;  // empty: none
  int database_sessions = 8;
  Migrate migrate = Migrate::kAuto;
  int write_queue = limits::kMaxQueuedWrites;
  int read_queue = limits::kMaxQueuedReads;
  bool group_commit = true;

  // Clients and entries.
  bool auto_register_clients = true;
  int default_pair_quota = limits::kDefaultPairQuota;
  absl::Duration default_interval = limits::kDefaultInterval;
  std::string default_open_content;    // empty: none
  std::string default_closed_content;  // empty: none
  ParseMode default_content_parse_mode = ParseMode::kNone;

  // Connections.
  int max_request_bytes = limits::kMaxMessageBytes;
  int max_concurrent_streams = 256;
  absl::Duration max_connection_age = absl::Minutes(5);  // zero: no limit
  absl::Duration max_connection_age_grace = absl::Seconds(30);
  absl::Duration keepalive_time = absl::Seconds(30);
  absl::Duration keepalive_timeout = absl::Seconds(20);
  absl::Duration min_ping_interval = absl::Seconds(20);

  // By name, never empty.
  std::vector<AccountSettings> accounts;
};

// What the command line asks for. The last three only print Parsed::text.
enum class Command {
  kServe,
  kMigrate,
  kHealthcheck,
  kPrintConfig,
  kHelp,
  kVersion,
};

struct Parsed {
  Command command = Command::kServe;
  Settings settings;           // unset for kHelp and kVersion
  std::string text;            // for standard output
  std::string health_address;  // kHealthcheck: whom to ask
};

// The value of an environment variable, or nothing if it is not set.
using EnvironmentReader =
    std::function<std::optional<std::string>(absl::string_view name)>;

// Reads everything: the command line, variables through `getenv`, the file.
// Returns INVALID_ARGUMENT if anything is wrong; the message has one line a
// problem, which names the option, where it was given and the remedy, and
// never holds a secret.
absl::StatusOr<Parsed> ParseSettings(int argc, const char* const* argv,
                                     const EnvironmentReader& getenv);

// Where the database is, with the password of database_password_file.
// Returns INVALID_ARGUMENT if that file cannot be read.
absl::StatusOr<storage::Location> DatabaseLocation(const Settings& settings);

}  // namespace broadcast

#endif  // BROADCASTD_SETTINGS_SETTINGS_H_
