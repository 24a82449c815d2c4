#include "settings/options.h"

#include "settings/option_values.h"

namespace broadcast {
namespace {

using absl::Hours;
using absl::Milliseconds;
using absl::Minutes;
using absl::Seconds;
using absl::ZeroDuration;

constexpr absl::string_view kServing = "Serving";
constexpr absl::string_view kDatabase = "Database";
constexpr absl::string_view kEntries = "Clients and entries";
constexpr absl::string_view kConnections = "Connections";
constexpr absl::string_view kMeasuring = "For measurements only";

constexpr absl::string_view kLevels[] = {"debug", "info", "warning", "error"};
constexpr absl::string_view kMigrate[] = {"auto", "off"};
constexpr absl::string_view kParseModes[] = {"none", "html", "markdown_v2"};

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

using S = Settings;

constexpr Option kOptions[] = {
    {kServing, "listen", "ADDRESS",
     "Where gRPC is served: HOST:PORT, [IPV6]:PORT or unix:PATH. Port 0: any "
     "free one.",
     TextValue{&S::listen, CheckListen}},
    {kServing, "insecure_public_listen", "",
     "Allow a listen address that other machines can reach. This release has "
     "neither TLS nor authentication: put it behind something that has both.",
     SwitchValue{&S::insecure_public_listen}},
    {kServing, "metrics_listen", "ADDRESS",
     "Where Prometheus metrics are served over HTTP, at /metrics: HOST:PORT or "
     "[IPV6]:PORT. Empty: off.",
     TextValue{&S::metrics_listen, CheckMetricsListen}},
    {kServing, "log_level", "LEVEL", "The least severe lines to log.",
     Word<&S::log_level>(kLevels)},
    {kServing, "reflection", "",
     "Serve gRPC reflection, which grpcurl and others need.",
     SwitchValue{&S::reflection}},
    {kServing, "drain_grace", "DURATION",
     "After SIGTERM: how long calls under way may take to finish.",
     Time(&S::drain_grace, ZeroDuration(), Minutes(5))},
    {kServing, "shutdown_delay", "DURATION",
     "After SIGTERM: how long to keep accepting calls while health says "
     "NOT_SERVING, so that load balancers move away first.",
     Time(&S::shutdown_delay, ZeroDuration(), Minutes(5))},

    {kDatabase, "database", "LOCATION",
     "sqlite:PATH or postgresql://USER@HOST:PORT/NAME. A password in it is "
     "refused on the command line, which every process may read.",
     TextValue{&S::database, CheckDatabase}},
    {kDatabase, "database_password_file", "FILE",
     "Holds the PostgreSQL password on one line. Empty: the one in database, "
     "else PGPASSFILE or PGPASSWORD.",
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

    {kConnections, "max_request_bytes", "BYTES",
     "The longest request; longer ones are answered RESOURCE_EXHAUSTED.",
     BytesValue{&S::max_request_bytes, 64 << 10, 64 << 20}},
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

    {kMeasuring, "group_commit", "",
     "SQLite: commit all that waits at once. false: one commit a call, many "
     "times slower on a slow disk.",
     SwitchValue{&S::group_commit}},
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
