#include "cli/command_table.h"

#include "cli/verbs.h"

namespace broadcast::cli {
namespace {

constexpr OptionSpec kGlobalOptions[] = {
    {"address", 0, "TARGET",
     "The server, as gRPC names it. Else BROADCAST_ADDRESS, else "
     "127.0.0.1:50051."},
    {"token-file", 0, "FILE",
     "Holds the token that is sent. Else BROADCAST_TOKEN_FILE."},
    {"token", 0, "TOKEN",
     "The token itself: others on this machine can see it in the list of "
     "processes. Else BROADCAST_TOKEN, which they cannot."},
    {"tls", 0, "", "Use TLS, and trust the authorities of the system."},
    {"tls-ca", 0, "FILE",
     "Use TLS, and trust these authorities (PEM). Else BROADCAST_TLS_CA."},
    {"tls-cert", 0, "FILE",
     "Show this certificate (PEM). Else BROADCAST_TLS_CERT."},
    {"tls-key", 0, "FILE",
     "The private key of tls-cert (PEM). Else BROADCAST_TLS_KEY."},
    {"tls-server-name", 0, "NAME",
     "The name in the server's certificate, if it is not that of the address."},
    {"allow-insecure-token", 0, "",
     "Send the token without TLS to another machine, where everybody on the "
     "way can read it."},
    {"timeout", 0, "DURATION",
     "How long a call may take. Default: 10s, 10m for verbs that look at "
     "everything. Watching has no end."},
    {"output", 'o', "FORMAT",
     "table, json (the contract's messages, with its names) or jsonl (a "
     "resource or a change a line). Default: table."},
    {"color", 0, "WHEN",
     "auto, always or never. auto: on a terminal, unless NO_COLOR is set."},
    {"time-format", 0, "FORMAT",
     "relative or iso: how tables tell times. Default: relative."},
    {"version", 0, "", "Print the version."},
    {"help", 'h', "", "Print what there is; after a verb, of that verb."},
};

constexpr OptionSpec kYes = {
    "yes", 'y', "", "Do not ask. Needed where there is no terminal to ask on."};
constexpr OptionSpec kRequestId = {
    "request-id", 0, "ID",
    "Do this at most once under this id, however often it is repeated within "
    "24 hours. Default: a new one."};
constexpr OptionSpec kReason = {"reason", 0, "TEXT",
                                "Why, for people; up to 256 characters."};
constexpr OptionSpec kWait = {"wait", 0, "",
                              "Follow the operation until it has finished."};
constexpr OptionSpec kNoWait = {
    "no-wait", 0, "", "Do not follow the operation until it has finished."};
constexpr OptionSpec kEntry = {"entry", 0, "ID", "The entry."};

constexpr OptionSpec kFilter = {
    "filter", 0, "FILTER",
    "Which to list, such as 'state = ACTIVE'; the contract lists the fields."};
constexpr OptionSpec kOrderBy = {
    "order-by", 0, "ORDER", "What comes first, such as 'create_time desc'."};
constexpr OptionSpec kPageSize = {"page-size", 0, "COUNT",
                                  "Most of a page: 1 to 1000. Default: 50."};
constexpr OptionSpec kPageToken = {"page-token", 0, "TOKEN",
                                   "Go on where a page ended that said so."};
constexpr OptionSpec kAllPages = {"all", 0, "", "List all pages."};

constexpr OptionSpec kListOptions[] = {kFilter, kOrderBy, kPageSize, kPageToken,
                                       kAllPages};
constexpr OptionSpec kTriggerOptions[] = {
    kReason,
    {"dry-run", 0, "", "Say what would be sent where, and send nothing."},
    kWait,
    kRequestId,
};
constexpr OptionSpec kPauseOptions[] = {
    kEntry,
    {"scheduler", 0, "", "The schedule of all entries, on all replicas."},
    kReason,
    {"etag", 0, "ETAG", "Only if the entry still has this etag."},
    kRequestId,
};
constexpr OptionSpec kResumeOptions[] = {
    kEntry,
    {"scheduler", 0, "", "The schedule of all entries, on all replicas."},
    {"etag", 0, "ETAG", "Only if the entry still has this etag."},
    kRequestId,
};
constexpr OptionSpec kSyncOptions[] = {
    {"channel-id", 0, "ID", "One channel, with all its feeds."},
    {"chat-id", 0, "ADDRESS",
     "The same by its address: a chat id, an @name, a URL."},
    {"feed-id", 0, "ID", "One feed, in all its channels."},
    {"all", 0, "", "Every channel of every feed."},
    {"client-id", 0, "ID", "With chat-id: whose channel it is."},
    {"dry-run", 0, "", "Print the plan and do nothing."},
    {"post-only", 0, "", "Post and edit; take nothing back."},
    {"delete-only", 0, "", "Take back; post and edit nothing."},
    {"max-deletes", 0, "COUNT",
     "Do nothing if more messages would be deleted or edited to a tombstone."},
    {"verify", 0, "", "First ask which messages are still there; see below."},
    kYes,
    kNoWait,
    kRequestId,
};
constexpr OptionSpec kMigrateOptions[] = {
    {"from", 0, "CHANNEL_ID", "The channel that is left."},
    {"old-chat", 0, "ADDRESS", "The same by its address."},
    {"to", 0, "CHANNEL_ID", "The channel that takes over."},
    {"new-chat", 0, "ADDRESS",
     "The same by its address; it is registered if the client lacks it."},
    {"account", 0, "NAME",
     "With new-chat: who posts there. Default: who posts in the old one."},
    {"title", 0, "TEXT", "With new-chat: its title, for people."},
    {"client-id", 0, "ID", "With old-chat: whose channel it is."},
    {"feed-id", 0, "ID", "Only this feed. Default: all, and the entries."},
    {"delete-old", 0, "",
     "Take the old messages back, each once its copy is confirmed."},
    {"dry-run", 0, "", "Print the plan and do nothing."},
    kYes,
    kNoWait,
    kRequestId,
};
constexpr OptionSpec kImportOptions[] = {
    {"feed-id", 0, "ID", "The feed."},
    {"mode", 0, "MODE",
     "merge: open posts that FILE lacks stay. snapshot: they are closed at the "
     "end. Default: merge."},
    {"max-closes", 0, "COUNT", "Close nothing if more posts would be closed."},
    {"dry-run", 0, "", "Count what would be done, and do nothing."},
    {"import-id", 0, "ID",
     "Go on with an import that was interrupted, behind what it has. FILE is "
     "the same as before."},
    {"replace-running", 0, "",
     "Begin anew although an import of the feed has not ended."},
    kYes,
    kRequestId,
};
constexpr OptionSpec kVerifyOptions[] = {
    {"client-id", 0, "ID", "Only the data of this client."},
};
constexpr OptionSpec kBackfillOptions[] = {
    {"all", 0, "", "The pairs of all clients."},
    {"client-id", 0, "ID", "The pairs of one client."},
    {"channel-pair-id", 0, "ID", "One pair."},
    {"interval", 0, "DURATION",
     "Between two broadcasts of the new entries. Default: the server's."},
    {"spread", 0, "DURATION",
     "Over how long the first broadcasts are spread. Default: interval."},
    {"dry-run", 0, "", "Count what would be done, and do nothing."},
    kYes,
    kRequestId,
};
constexpr OptionSpec kCancelOptions[] = {kYes, kRequestId};

constexpr absl::string_view kWatchDetail =
    "Goes on over broken connections and restarts of the server, and gives up "
    "when it has heard nothing for a minute. Ctrl-C ends the watching alone: "
    "the operation goes on.";

constexpr absl::string_view kImportDetail =
    "FILE has a post a line, in JSON: {\"external_id\": \"a\", \"content\": "
    "{\"text\": \"hello\"}}. - is standard input. Lines that fail are named "
    "and "
    "left out. An import that breaks off says how to go on. Messages and pairs "
    "of an older system are another matter: broadcastd import.";

constexpr Verb kVerbs[] = {
    {"entries list", "", "List entries, a page at a time.", "", kListOptions,
     RunEntriesList},
    {"entries get", "ENTRY_ID", "Show one entry.", "", {}, RunEntriesGet},
    {"trigger", "ENTRY_ID", "Send an entry's broadcast now.",
     "An entry can be triggered again after a cool-down; the answer says when.",
     kTriggerOptions, RunTrigger},
    {"pause", "", "Stop an entry, or the scheduler.",
     "What is being sent goes on. A paused scheduler fires nothing on any "
     "replica; trigger works.",
     kPauseOptions, RunPause},
    {"resume", "", "Start an entry again, or the scheduler.", "",
     kResumeOptions, RunResume},
    {"sync", "", "Make channels show what their feeds say.",
     "Prints the plan, asks, does exactly that plan, and follows it to its "
     "end. With verify, Telegram is asked about each message first, at the "
     "pace of sending; what is lost is posted again.",
     kSyncOptions, RunSync},
    {"migrate", "", "Move what feeds publish to another channel.",
     "Prints the plan, asks, does exactly that plan, and follows it to its "
     "end.",
     kMigrateOptions, RunMigrate},
    {"import", "FILE", "Publish the posts of a file to a feed.", kImportDetail,
     kImportOptions, RunImport},
    {"verify", "", "Look for data that disagrees with itself.",
     "Changes nothing. The exit status is 8 if something was found.",
     kVerifyOptions, RunVerify},
    {"backfill", "", "Give channel pairs without an entry an entry.",
     "Counts first, asks, then creates.", kBackfillOptions, RunBackfill},
    {"operations list", "", "List operations, a page at a time.", "",
     kListOptions, RunOperationsList},
    {"operations get",
     "OPERATION_ID",
     "Show one operation, and what of it went wrong.",
     "",
     {},
     RunOperationsGet},
    {"operations watch",
     "OPERATION_ID",
     "Follow an operation until it has finished.",
     kWatchDetail,
     {},
     RunOperationsWatch},
    {"operations cancel", "OPERATION_ID",
     "Stop an operation: what waits is not sent.",
     "What is being sent right now is not called back.", kCancelOptions,
     RunOperationsCancel},
    {"server", "", "Show what is running, and its limits.", "", {}, RunServer},
};

}  // namespace

absl::Span<const Verb> Verbs() { return kVerbs; }

absl::Span<const OptionSpec> GlobalOptions() { return kGlobalOptions; }

}  // namespace broadcast::cli
