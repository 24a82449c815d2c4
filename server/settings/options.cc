#include "settings/options.h"

#include "base/scope_names.h"
#include "settings/option_values.h"

namespace broadcast {
namespace {

using absl::Hours;
using absl::Milliseconds;
using absl::Minutes;
using absl::Seconds;
using absl::ZeroDuration;

constexpr absl::string_view kServing = "Serving";
constexpr absl::string_view kTransport = "Transport security";
constexpr absl::string_view kAuthentication = "Authentication";
constexpr absl::string_view kDatabase = "Database";
constexpr absl::string_view kEntries = "Clients and entries";
constexpr absl::string_view kDelivery = "Delivery";
constexpr absl::string_view kConnections = "Connections";
constexpr absl::string_view kLimits = "Limits";
constexpr absl::string_view kAudit = "Audit";
constexpr absl::string_view kMeasuring = "For measurements and tests only";

constexpr absl::string_view kLevels[] = {"debug", "info", "warning", "error"};
constexpr absl::string_view kMigrate[] = {"auto", "off"};
constexpr absl::string_view kParseModes[] = {"none", "html", "markdown_v2"};
constexpr absl::string_view kReflection[] = {"auto", "true", "false"};
constexpr absl::string_view kCertificates[] = {"required", "optional"};
constexpr absl::string_view kScheduler[] = {"auto", "external"};

absl::Span<const absl::string_view> Algorithms() {
  static constexpr absl::string_view kAlgorithms[] = {"RS256", "PS256", "ES256",
                                                      "EdDSA", "HS256"};
  return kAlgorithms;
}

// `words` are in the order of the member's enumerators.
template <auto kMember>
constexpr WordValue Word(absl::Span<const absl::string_view> words) {
  using Member = std::decay_t<decltype(std::declval<Settings&>().*kMember)>;
  return {words, [](const Settings& s) { return static_cast<int>(s.*kMember); },
          [](Settings& s, int i) { s.*kMember = static_cast<Member>(i); }};
}

constexpr DurationValue Time(absl::Duration Settings::*member,
                             absl::Duration min, absl::Duration max) {
  return {member, min, max, Milliseconds(1)};
}

constexpr DurationValue Retention(absl::Duration Settings::*member) {
  return {member, limits::kMinRetention, Hours(10 * 365 * 24), Seconds(1)};
}

using S = Settings;

constexpr Option kOptions[] = {
    {kServing, "listen", "ADDRESS",
     "Where gRPC is served: HOST:PORT, [IPV6]:PORT or unix:PATH. Port 0: any "
     "free one.",
     TextValue{&S::listen, CheckListen}},
    {kServing, "insecure_public_listen", "",
     "Allow a listen address that other machines can reach without TLS or "
     "without authentication: something in front of it must have what is "
     "missing.",
     SwitchValue{&S::insecure_public_listen}},
    {kServing, "metrics_listen", "ADDRESS",
     "Where Prometheus metrics are served over HTTP, at /metrics: HOST:PORT or "
     "[IPV6]:PORT. Empty: off.",
     TextValue{&S::metrics_listen, CheckMetricsListen}},
    {kServing, "log_level", "LEVEL", "The least severe lines to log.",
     Word<&S::log_level>(kLevels)},
    {kServing, "reflection", "MODE",
     "Serve gRPC reflection, which grpcurl and others need and which asks for "
     "no token. auto: unless authentication is on.",
     Word<&S::reflection>(kReflection)},
    {kServing, "drain_grace", "DURATION",
     "After SIGTERM: how long calls under way, and what is being sent, may "
     "take to finish. What Telegram has not answered 2s before the end is "
     "recorded as unknown.",
     Time(&S::drain_grace, ZeroDuration(), Minutes(5))},
    {kServing, "shutdown_delay", "DURATION",
     "After SIGTERM: how long to keep accepting calls while health says "
     "NOT_SERVING, so that load balancers move away first.",
     Time(&S::shutdown_delay, ZeroDuration(), Minutes(5))},
    {kServing, "core_dumps", "",
     "Let the system write a core dump and debuggers attach: both see keys, "
     "tokens and content.",
     SwitchValue{&S::core_dumps}},

    {kTransport, "tls_certificate", "FILE",
     "PEM: the server's certificate, then those between it and its authority. "
     "Needs tls_key. Empty: no TLS.",
     TextValue{&S::tls_certificate, nullptr}},
    {kTransport, "tls_key", "FILE",
     "PEM: the private key of tls_certificate, without a pass phrase.",
     TextValue{&S::tls_key, nullptr}},
    {kTransport, "tls_client_ca", "FILE",
     "PEM: the authorities that the certificates of callers are verified "
     "against. Empty: callers are not asked for one.",
     TextValue{&S::tls_client_ca, nullptr}},
    {kTransport, "tls_client_certificates", "MODE",
     "With tls_client_ca: whether every caller must show a certificate. "
     "optional: one without needs a token.",
     Word<&S::tls_client_certificates>(kCertificates)},

    {kAuthentication, "jwt_keys", "PATH",
     "Public keys that verify tokens: a file of JWKS (JSON) or of PEM blocks "
     "(PUBLIC KEY, CERTIFICATE), or a folder of such files. Empty: none.",
     TextValue{&S::jwt_keys, nullptr}},
    {kAuthentication, "jwt_secret_file", "FILE",
     "Holds the secret of HS256 tokens on one line, at least 32 bytes. Empty: "
     "the variable JWT_SECRET_KEY, else jwt_secret in secrets_directory, else "
     "none.",
     SecretFileValue{&S::jwt_secret}},
    {kAuthentication, "oidc_issuer", "URL",
     "An OpenID Connect issuer: its published keys verify tokens, and their "
     "iss must be this very text. https, or http on a loopback host. Empty: "
     "none.",
     TextValue{&S::oidc_issuer, CheckIssuer}},
    {kAuthentication, "oidc_ca_file", "FILE",
     "PEM: the authorities that the issuer's own certificate is verified "
     "against. Empty: the system's.",
     TextValue{&S::oidc_ca_file, nullptr}},
    {kAuthentication, "jwt_issuer", "TEXT",
     "What iss of a token must be. Empty: oidc_issuer if there is one, else "
     "iss is not checked.",
     TextValue{&S::jwt_issuer, nullptr}},
    {kAuthentication, "jwt_audience", "TEXT",
     "What aud of a token must be, or hold. Empty: aud is not checked.",
     TextValue{&S::jwt_audience, nullptr}},
    {kAuthentication, "jwt_algorithms", "LIST",
     "The signatures that a token may have, with commas between.",
     ListValue{&S::jwt_algorithms, Algorithms, ',', false}},
    {kAuthentication, "jwt_leeway", "DURATION",
     "How far the clocks of issuer and server may differ when exp and nbf of a "
     "token are checked.",
     Time(&S::jwt_leeway, ZeroDuration(), Minutes(5))},
    {kAuthentication, "jwt_key_overlap", "DURATION",
     "How long a key that its file or issuer no longer has is still accepted, "
     "so that a rotation fails no call. 0s: not at all.",
     Time(&S::jwt_key_overlap, ZeroDuration(), Hours(24))},
    {kAuthentication, "jwt_client_claim", "NAME",
     "The claim that confines a token to one client: its id. A token without "
     "it sees every client.",
     TextValue{&S::jwt_client_claim, CheckClaim}},
    {kAuthentication, "jwt_scope_claim", "NAME",
     "The claim that holds the scopes of a token.",
     TextValue{&S::jwt_scope_claim, CheckClaim}},
    {kAuthentication, "jwt_default_scopes", "LIST",
     "The scopes of a token without such a claim, with blanks between. Empty: "
     "none.",
     ListValue{&S::jwt_default_scopes, ScopeNames, ' ', true}},
    {kAuthentication, "reload_interval", "DURATION",
     "How often keys, certificates and the JWT secret are looked at for a "
     "change; "
     "whole seconds.",
     DurationValue{&S::reload_interval, Seconds(1), Hours(1), Seconds(1)}},
    {kAuthentication, "secrets_directory", "FOLDER",
     "A folder of secrets, one a file: jwt_secret, database_password, "
     "account_NAME. Each counts where nothing more explicit is given. Empty: "
     "none.",
     TextValue{&S::secrets_directory, nullptr}},

    {kDatabase, "database", "LOCATION",
     "sqlite:PATH or postgresql://USER@HOST:PORT/NAME. A password in it is "
     "refused on the command line, which every process may read.",
     TextValue{&S::database, CheckDatabase}},
    {kDatabase, "database_password_file", "FILE",
     "Holds the PostgreSQL password on one line. Empty: the one in database, "
     "else database_password in secrets_directory, else PGPASSFILE or "
     "PGPASSWORD.",
     TextValue{&S::database_password_file, nullptr}},
    {kDatabase, "database_sessions", "COUNT",
     "PostgreSQL connections that write.",
     CountValue{&S::database_sessions, 1, 8}},
    {kDatabase, "migrate", "MODE",
     "Whether to bring the schema up to date at the start. off: refuse to "
     "start unless `broadcastd migrate` has.",
     Word<&S::migrate>(kMigrate)},
    {kDatabase, "write_queue", "COUNT",
     "Writes that may wait; more are answered RESOURCE_EXHAUSTED.",
     CountValue{&S::write_queue, 1, 65536}},
    {kDatabase, "read_queue", "COUNT",
     "Reads that may wait; more are answered RESOURCE_EXHAUSTED.",
     CountValue{&S::read_queue, 1, 65536}},

    {kEntries, "auto_register_clients", "",
     "CreateEntry registers a client it does not know. false: "
     "FAILED_PRECONDITION.",
     SwitchValue{&S::auto_register_clients}},
    {kEntries, "default_pair_quota", "COUNT",
     "Channel pairs a client may have, unless the client has its own quota.",
     CountValue{&S::default_pair_quota, 0, limits::kMaxPairQuota}},
    {kEntries, "default_interval", "DURATION",
     "Between two broadcasts of an entry that gives no interval; whole "
     "seconds.",
     DurationValue{&S::default_interval, limits::kMinInterval,
                   limits::kMaxInterval, Seconds(1)}},
    {kEntries, "default_open_content", "TEXT",
     "What open channels get if neither entry nor client says; at most 4096 "
     "characters. Empty: none.",
     TextValue{&S::default_open_content, CheckContentText}},
    {kEntries, "default_closed_content", "TEXT",
     "What closed channels get if neither entry nor client says; at most 4096 "
     "characters. Empty: none.",
     TextValue{&S::default_closed_content, CheckContentText}},
    {kEntries, "default_content_parse_mode", "MODE",
     "How the two texts above are marked up.",
     Word<&S::default_content_parse_mode>(kParseModes)},

    {kDelivery, "trigger_cooldown", "DURATION",
     "How long after a trigger an entry cannot be triggered again. 0s: not at "
     "all.",
     Time(&S::trigger_cooldown, ZeroDuration(), limits::kMaxTriggerCooldown)},
    {kDelivery, "scheduler", "MODE",
     "Who fires entries that are due. external: only AdminService.ExecuteDue, "
     "for a timer outside.",
     Word<&S::scheduler>(kScheduler)},
    {kDelivery, "disable_threshold", "COUNT",
     "Failed broadcasts in a row that disable an entry. 0: none is disabled.",
     CountValue{&S::disable_threshold, 0, 1000000}},
    {kDelivery, "tracking", "",
     "Remember the messages of feeds that do not say otherwise, so that they "
     "can be edited and deleted later.",
     SwitchValue{&S::tracking}},
    {kDelivery, "sync_on_startup", "",
     "After the start, bring the channels of the default feed in line with it, "
     "as Sync does; docs/moving.md has what that feed is.",
     SwitchValue{&S::sync_on_startup}},
    {kDelivery, "sync_interval", "DURATION",
     "How often all channels are brought in line with their feeds, as Sync "
     "does, by one of the replicas; whole seconds. 0s: never.",
     DurationValue{&S::sync_interval, ZeroDuration(), limits::kMaxInterval,
                   Seconds(1)}},
    {kDelivery, "telegram_base_url", "URL",
     "The Telegram Bot API, or a server like it. https, or http on a loopback "
     "host.",
     TextValue{&S::telegram_base_url, CheckTelegramUrl}},
    {kDelivery, "webhook_allow_private", "",
     "Let webhooks go to addresses of this machine and of private networks, "
     "and over http. Whoever may register channels can then make the server "
     "call what only it can reach.",
     SwitchValue{&S::webhook_allow_private}},
    {kDelivery, "results_retention", "DURATION",
     "How long deliveries that have ended are kept; whole seconds. Those of "
     "unknown fate stay until somebody resolves them.",
     Retention(&S::results_retention)},
    {kDelivery, "operations_retention", "DURATION",
     "How long finished operations are kept, at least as long as "
     "results_retention; whole seconds.",
     Retention(&S::operations_retention)},
    {kDelivery, "events_retention", "DURATION",
     "How long events are kept, and with them the resume tokens of watches; "
     "whole seconds.",
     Retention(&S::events_retention)},

    {kConnections, "max_request_bytes", "BYTES",
     "The longest request; longer ones are answered RESOURCE_EXHAUSTED.",
     BytesValue{&S::max_request_bytes, 64 << 10, 64 << 20}},
    {kConnections, "max_connections", "COUNT",
     "Connections at once; more are closed at once. Fewer if the limit of open "
     "files (ulimit -n) leaves no room for so many beside 128 others.",
     CountValue{&S::max_connections, 1, 1000000}},
    {kConnections, "max_concurrent_streams", "COUNT",
     "Calls at once on one connection; more wait at the caller.",
     CountValue{&S::max_concurrent_streams, 1, 100000}},
    {kConnections, "max_connection_age", "DURATION",
     "A connection this old is asked to come anew, so that callers spread over "
     "replicas. 0s: never.",
     Time(&S::max_connection_age, ZeroDuration(), Hours(24))},
    {kConnections, "max_connection_age_grace", "DURATION",
     "How long the calls of such a connection may take to finish.",
     Time(&S::max_connection_age_grace, ZeroDuration(), Hours(1))},
    {kConnections, "keepalive_time", "DURATION",
     "Ping a connection that has been silent this long.",
     Time(&S::keepalive_time, Seconds(1), Hours(2))},
    {kConnections, "keepalive_timeout", "DURATION",
     "Close a connection that leaves a ping unanswered this long.",
     Time(&S::keepalive_timeout, Seconds(1), Minutes(10))},
    {kConnections, "min_ping_interval", "DURATION",
     "Close a connection whose caller pings more often than this.",
     Time(&S::min_ping_interval, Seconds(1), Hours(1))},

    {kLimits, "principal_rate", "COUNT",
     "Calls a second of one caller, by token or certificate; more are answered "
     "RESOURCE_EXHAUSTED. Only with authentication. 0: no limit.",
     CountValue{&S::principal_rate, 0, 1000000}},
    {kLimits, "address_rate", "COUNT",
     "Calls a second from one address, whoever makes them; more are answered "
     "RESOURCE_EXHAUSTED. Only with authentication. 0: no limit.",
     CountValue{&S::address_rate, 0, 1000000}},
    {kLimits, "max_metadata_bytes", "BYTES",
     "The longest metadata of a call, its token among it; longer ones are "
     "answered RESOURCE_EXHAUSTED.",
     BytesValue{&S::max_metadata_bytes, 4 << 10, 1 << 20}},
    {kLimits, "max_connection_idle", "DURATION",
     "A connection without calls this long is closed. 0s: never.",
     Time(&S::max_connection_idle, ZeroDuration(), Hours(24))},

    {kAudit, "audit_retention", "DURATION",
     "How long audit events are kept; whole seconds.",
     DurationValue{&S::audit_retention, Hours(1), Hours(10 * 365 * 24),
                   Seconds(1)}},

    {kMeasuring, "group_commit", "",
     "SQLite: commit all that waits at once. false: one commit a call, many "
     "times slower on a slow disk.",
     SwitchValue{&S::group_commit}},
    {kMeasuring, "audit", "",
     "SQLite: record each change in the audit trail. false: nothing is "
     "recorded, to see what that costs.",
     SwitchValue{&S::audit}},
    {kMeasuring, "fail_point", "NAME",
     "Kill the process at this point of a delivery. Refused unless the "
     "variable BROADCASTD_FAIL_POINTS is 1. Empty: none.",
     TextValue{&S::fail_point, CheckFailPoint}},
    {kMeasuring, "lane_lease", "DURATION",
     "PostgreSQL: how long after a replica's last sign of life another one may "
     "send in its stead; it gives one each third of that.",
     Time(&S::lane_lease, limits::kMinLaneLease, limits::kMaxLaneLease)},
};

}  // namespace

absl::Span<const Option> Options() { return kOptions; }

const Option* FindOption(absl::string_view name) {
  for (const Option& option : kOptions) {
    if (option.name == name) return &option;
  }
  return nullptr;
}

}  // namespace broadcast
