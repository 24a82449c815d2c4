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

// Where a secret is, never the secret itself: ReadSecret reads it.
struct SecretSource {
  enum class Kind { kNone, kFile, kEnvironment };

  Kind kind = Kind::kNone;
  std::string name;  // the file's path, or the variable
};

// So many messages in any period of that length.
struct SendRate {
  int messages = 0;
  absl::Duration period = absl::Seconds(1);  // a second or a minute

  bool operator==(const SendRate&) const = default;
};

// Credentials that post, as channels refer to them.
struct AccountSettings {
  std::string name;
  storage::Platform platform = storage::Platform::kLog;
  SecretSource secret;
  std::vector<std::string> clients;  // who may use it; empty: every client
  int lanes = 1;  // into which its channels are split; 1 for Telegram
  // Unset: the platform's own.
  std::optional<SendRate> rate;        // of the account
  std::optional<SendRate> chat_rate;   // of each destination
  std::optional<SendRate> group_rate;  // of each Telegram group
  std::string origin;                  // where it was configured, to print
};

// A caller who is known by the certificate it shows.
struct IdentitySettings {
  std::string name;
  std::string certificate;  // its SAN URI, SAN DNS name or CN
  std::string scopes;       // known ones, with blanks between
  std::string client_id;    // whose data it sees; empty: everybody's
  std::string origin;       // where it was configured, to print
};

// What the variables of an older system ask to be set up at each start.
struct DefaultFeedSettings {
  std::string account;             // that posts there
  std::vector<std::string> chats;  // ids of Telegram chats, each once
  std::string origin;              // the variable of the chats, empty: none
};

// A variable of an older system that counts for nothing.
struct Outranked {
  std::string variable;
  std::string by;  // where what counts instead was given

  bool operator==(const Outranked&) const = default;
};

// The initial values are the defaults; settings/options.cc has what each one
// means, its unit and its range.
struct Settings {
  enum class Migrate { kAuto, kOff };
  enum class ParseMode { kNone, kHtml, kMarkdownV2 };
  enum class Reflection { kAuto, kOn, kOff };
  enum class ClientCertificates { kRequired, kOptional };
  enum class Scheduler { kAuto, kExternal };

  // Serving.
  std::string listen = "127.0.0.1:50051";
  bool insecure_public_listen = false;
  std::string metrics_listen = "127.0.0.1:9464";  // empty: off
  Severity log_level = Severity::kInfo;
  Reflection reflection = Reflection::kAuto;
  absl::Duration drain_grace = absl::Seconds(10);
  absl::Duration shutdown_delay = absl::ZeroDuration();
  bool core_dumps = false;

  // Transport security. All files are PEM.
  std::string tls_certificate;  // empty: plaintext
  std::string tls_key;          // empty exactly if tls_certificate is
  std::string tls_client_ca;    // empty: no client certificates
  ClientCertificates tls_client_certificates = ClientCertificates::kRequired;

  // Authentication.
  std::string jwt_keys;      // a file or a folder of files; empty: none
  SecretSource jwt_secret;   // of HS256; option jwt_secret_file
  std::string oidc_issuer;   // a URL; empty: none
  std::string oidc_ca_file;  // PEM; empty: the system's authorities
  std::string jwt_issuer;    // empty: not checked, or oidc_issuer
  std::string jwt_audience;  // empty: not checked
  std::string jwt_algorithms = "RS256,PS256,ES256,EdDSA,HS256";
  absl::Duration jwt_leeway = absl::Seconds(30);
  std::string jwt_client_claim = "client_id";
  std::string jwt_scope_claim = "scope";
  std::string jwt_default_scopes;  // with blanks between
  absl::Duration jwt_key_overlap = absl::Minutes(5);
  absl::Duration reload_interval = absl::Seconds(10);
  std::string secrets_directory;  // empty: none

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

  // Delivery.
  absl::Duration trigger_cooldown = limits::kTriggerCooldown;  // zero: none
  Scheduler scheduler = Scheduler::kAuto;
  int disable_threshold = limits::kDisableThreshold;  // zero: never
  bool tracking = true;
  bool sync_on_startup = false;
  absl::Duration sync_interval = absl::ZeroDuration();  // zero: never
  std::string telegram_base_url = "https://api.telegram.org";
  bool webhook_allow_private = false;
  absl::Duration results_retention = limits::kResultsRetention;
  absl::Duration operations_retention = limits::kOperationsRetention;
  absl::Duration events_retention = limits::kEventsRetention;
  std::string fail_point;  // empty: none
  absl::Duration lane_lease = limits::kLaneLease;

  // Connections.
  int max_request_bytes = limits::kMaxMessageBytes;
  int max_connections = 10000;
  int max_concurrent_streams = 256;
  absl::Duration max_connection_age = absl::Minutes(5);  // zero: no limit
  absl::Duration max_connection_age_grace = absl::Seconds(30);
  absl::Duration keepalive_time = absl::Seconds(30);
  absl::Duration keepalive_timeout = absl::Seconds(20);
  absl::Duration min_ping_interval = absl::Seconds(20);

  // Limits. Rates are calls a second, zero: no limit.
  int principal_rate = 1000;
  int address_rate = 5000;
  int max_metadata_bytes = 16 << 10;
  absl::Duration max_connection_idle = absl::Minutes(10);  // zero: no limit

  // Audit.
  absl::Duration audit_retention = absl::Hours(90 * 24);
  bool audit = true;

  // By name, never empty.
  std::vector<AccountSettings> accounts;

  // By name.
  std::vector<IdentitySettings> identities;

  // Of variables alone: legacy_settings.h.
  std::optional<DefaultFeedSettings> default_feed;
  std::vector<Outranked> outranked;  // to be warned of

  // Whether callers have to say who they are: any of jwt_keys, jwt_secret,
  // oidc_issuer and tls_client_ca is given.
  bool authenticates() const;

  // What `reflection` comes to. It asks for no token, so kAuto serves it only
  // where no call does.
  bool serves_reflection() const;
};

// What the command line asks for. The last three only print Parsed::text.
enum class Command {
  kServe,
  kMigrate,
  kImport,
  kHealthcheck,
  kToken,
  kPrintConfig,
  kHelp,
  kVersion,
};

// The HS256 token that `broadcastd token` prints.
struct TokenRequest {
  std::string client_id;  // empty: no client claim
  std::string scopes;     // with blanks between; as parsed, all by default
  std::string subject = "development";
  absl::Duration ttl = absl::Hours(1);
};

// What `broadcastd import` reads. Empty: no such file.
struct ImportRequest {
  std::string messages;
  std::string pairs;
  bool dry_run = false;
};

struct Parsed {
  Command command = Command::kServe;
  Settings settings;  // unset for kHelp and kVersion
  std::string text;   // for standard output

  // kHealthcheck: whom to ask and, over TLS, the PEM file of whom to trust.
  // Settings has the pair to show to a server that wants one.
  std::string health_address;
  bool health_tls = false;
  std::string health_ca_file;

  TokenRequest token;          // kToken
  ImportRequest import_files;  // kImport
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

// Where the database is, with the password of database_password_file; without
// that option and a password in the URL, of secrets_directory.
// Returns INVALID_ARGUMENT if the password's file is there but cannot be read.
absl::StatusOr<storage::Location> DatabaseLocation(const Settings& settings);

}  // namespace broadcast

#endif  // BROADCASTD_SETTINGS_SETTINGS_H_
