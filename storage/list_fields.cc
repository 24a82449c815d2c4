// What each resource lets a filter and order_by name. The protos document it:
// a change here is a change there.
#include <array>

#include "storage/columns.h"
#include "storage/feed_columns.h"
#include "storage/list_plan.h"
#include "storage/operation_columns.h"

namespace broadcast::storage {
namespace {

using Word = absl::string_view;

constexpr std::array<Word, 4> kPlatforms = {"TELEGRAM", "EMAIL", "WEBHOOK",
                                            "LOG"};
constexpr std::array<Word, 2> kChannelStates = {"ACTIVE", "DISABLED"};
constexpr std::array<Word, 3> kEntryStates = {"ACTIVE", "PAUSED", "DISABLED"};
constexpr std::array<Word, 5> kOutcomes = {"PENDING", "SENDING", "SENT",
                                           "PARTIAL", "FAILED"};
constexpr std::array<Word, 9> kOperationKinds = {
    "BROADCAST", "TRIGGER", "TEST",    "POST",  "FILL",
    "CLEAR",     "SYNC",    "MIGRATE", "IMPORT"};
constexpr std::array<Word, 2> kFeedStates = {"OPEN", "CLOSED"};
constexpr std::array<Word, 7> kMessageStates = {
    "PENDING",    "LIVE",        "UNKNOWN", "DELETED",
    "TOMBSTONED", "UNDELETABLE", "LOST"};
constexpr std::array<Word, 3> kOperationStates = {"PLANNING", "RUNNING",
                                                  "FINISHED"};

// Scalar subqueries throughout: they are looked up for the rows of one page,
// where a join would let a planner read a whole table first.
#define OWNER_IS_PRESENT                  \
  "(SELECT c.delete_time FROM clients c " \
  "WHERE c.client_id = w.client_id) IS NULL"
#define ADDRESS_OF_PAIR(side)          \
  "(SELECT a.address FROM channels a " \
  "WHERE a.channel_id = w." side "_channel_id)"
#define ADDRESS_OF_ENTRY(side)                \
  "(SELECT a.address FROM channel_pairs p "   \
  "JOIN channels a ON a.channel_id = p." side \
  "_channel_id WHERE p.channel_pair_id = w.channel_pair_id)"

constexpr std::array kClientFields = {
    ListField{"client_id", FieldType::kId, "w.client_id", {}, true},
    ListField{"display_name", FieldType::kText, "NULLIF(w.display_name, '')"},
    ListField{"labels", FieldType::kLabel, "w.labels"},
    ListField{"create_time", FieldType::kTime, "w.create_time"},
    ListField{"update_time", FieldType::kTime, "w.update_time"},
};
constexpr std::array kClientOrders = {
    ListOrder{OrderColumn::kCreateTime, "create_time"}};

constexpr std::array kChannelFields = {
    ListField{"channel_id", FieldType::kId, "w.channel_id", {}, true},
    ListField{"client_id", FieldType::kId, "w.client_id"},
    ListField{"platform", FieldType::kWord, "w.platform", kPlatforms},
    ListField{"address", FieldType::kText, "w.address"},
    ListField{"account", FieldType::kText, "w.account"},
    ListField{"state", FieldType::kWord, "w.state", kChannelStates},
    ListField{"create_time", FieldType::kTime, "w.create_time"},
    ListField{"update_time", FieldType::kTime, "w.update_time"},
};
constexpr std::array kChannelOrders = {
    ListOrder{OrderColumn::kCreateTime, "create_time"}};

constexpr std::array kPairFields = {
    ListField{"channel_pair_id", FieldType::kId, "w.channel_pair_id", {}, true},
    ListField{"client_id", FieldType::kId, "w.client_id"},
    ListField{"open_address", FieldType::kText, ADDRESS_OF_PAIR("open")},
    ListField{"closed_address", FieldType::kText, ADDRESS_OF_PAIR("closed")},
    ListField{"configured", FieldType::kTruth,
              "(SELECT e.entry_id FROM entries e "
              "WHERE e.channel_pair_id = w.channel_pair_id)"},
    ListField{"create_time", FieldType::kTime, "w.create_time"},
};
constexpr std::array kPairOrders = {
    ListOrder{OrderColumn::kCreateTime, "create_time", true}};

constexpr std::array kEntryFields = {
    ListField{"entry_id", FieldType::kId, "w.entry_id", {}, true},
    ListField{"client_id", FieldType::kId, "w.client_id"},
    ListField{"channel_pair_id", FieldType::kId, "w.channel_pair_id", {}, true},
    ListField{"state", FieldType::kWord, "w.state", kEntryStates},
    ListField{"last_outcome", FieldType::kWord, "w.last_outcome", kOutcomes},
    ListField{"open_address", FieldType::kText, ADDRESS_OF_ENTRY("open")},
    ListField{"closed_address", FieldType::kText, ADDRESS_OF_ENTRY("closed")},
    ListField{"labels", FieldType::kLabel, "w.labels"},
    ListField{"create_time", FieldType::kTime, "w.create_time"},
    ListField{"update_time", FieldType::kTime, "w.update_time"},
    ListField{"next_send_time", FieldType::kTime, "w.next_send_time"},
    ListField{"last_send_time", FieldType::kTime, "w.last_send_time"},
};
constexpr std::array kEntryOrders = {
    ListOrder{OrderColumn::kCreateTime, "create_time", true},
    ListOrder{OrderColumn::kNextSendTime, "next_send_time"}};

// An index finds no event by its id alone, so that none is a key.
constexpr std::array kAuditEventFields = {
    ListField{"client_id", FieldType::kId, "w.client_id"},
    ListField{"principal", FieldType::kText, "w.principal"},
    ListField{"method", FieldType::kText, "w.method"},
    ListField{"event", FieldType::kText, "w.event"},
    ListField{"request_id", FieldType::kText, "NULLIF(w.request_id, '')"},
    ListField{"outcome", FieldType::kText, "w.outcome"},
    ListField{"create_time", FieldType::kTime, "w.create_time"},
};
constexpr std::array kAuditEventOrders = {
    ListOrder{OrderColumn::kCreateTime, "create_time", true}};

constexpr std::array kOperationFields = {
    ListField{"operation_id", FieldType::kId, "w.operation_id", {}, true},
    ListField{"client_id", FieldType::kId, "w.client_id"},
    ListField{"entry_id", FieldType::kId, "w.entry_id"},
    ListField{"feed_id", FieldType::kId, "w.feed_id"},
    ListField{"kind", FieldType::kWord, "w.kind", kOperationKinds},
    ListField{"state", FieldType::kWord, "w.state", kOperationStates},
    ListField{"create_time", FieldType::kTime, "w.create_time"},
    ListField{"update_time", FieldType::kTime, "w.update_time"},
    ListField{"finish_time", FieldType::kTime, "w.finish_time"},
};
constexpr std::array kOperationOrders = {
    ListOrder{OrderColumn::kCreateTime, "create_time", true}};

constexpr std::array kFeedFields = {
    ListField{"feed_id", FieldType::kId, "w.feed_id", {}, true},
    ListField{"client_id", FieldType::kId, "w.client_id"},
    ListField{"name", FieldType::kText, "w.name"},
    ListField{"state", FieldType::kWord, "w.state", kFeedStates},
    ListField{"labels", FieldType::kLabel, "w.labels"},
    ListField{"create_time", FieldType::kTime, "w.create_time"},
    ListField{"update_time", FieldType::kTime, "w.update_time"},
};
constexpr std::array kFeedOrders = {
    ListOrder{OrderColumn::kCreateTime, "create_time", true}};

// Listed within their feed alone.
constexpr std::array kPostFields = {
    ListField{"post_id", FieldType::kId, "w.post_id", {}, true},
    ListField{"external_id", FieldType::kText, "w.external_id"},
    ListField{"state", FieldType::kWord, "w.state", kFeedStates},
    ListField{"labels", FieldType::kLabel, "w.labels"},
    ListField{"create_time", FieldType::kTime, "w.create_time"},
    ListField{"update_time", FieldType::kTime, "w.update_time"},
    ListField{"expire_time", FieldType::kTime, "w.expire_time"},
    ListField{"close_time", FieldType::kTime, "w.close_time"},
};
constexpr std::array kPostOrders = {
    ListOrder{OrderColumn::kCreateTime, "create_time"}};

constexpr std::array kMessageFields = {
    ListField{"message_id", FieldType::kId, "w.message_id", {}, true},
    ListField{"client_id", FieldType::kId, "w.client_id"},
    ListField{"post_id", FieldType::kId, "w.post_id"},
    ListField{"entry_id", FieldType::kId, "w.entry_id"},
    ListField{"state", FieldType::kWord, "w.state", kMessageStates},
    ListField{"platform_message_id", FieldType::kText, "w.platform_message_id"},
    ListField{"post_time", FieldType::kTime, "w.post_time"},
    ListField{"update_time", FieldType::kTime, "w.update_time"},
};
constexpr std::array kMessageOrders = {
    ListOrder{OrderColumn::kId, "message_id", true}};

constexpr Listed kClients = {.resource = Resource::kClient,
                             .table = "clients",
                             .id = "client_id",
                             .visible = "w.delete_time IS NULL",
                             .fields = kClientFields,
                             .orders = kClientOrders,
                             .columns = "SELECT" BROADCASTD_CLIENT_COLUMNS,
                             .joins = "c" BROADCASTD_CLIENT_JOINS};

constexpr Listed kChannels = {
    .resource = Resource::kChannel,
    .table = "channels",
    .id = "channel_id",
    .visible = OWNER_IS_PRESENT,
    .fields = kChannelFields,
    .orders = kChannelOrders,
    .columns = "SELECT" BROADCASTD_CHANNEL_COLUMNS("t"),
    .joins = "t"};

constexpr Listed kPairs = {
    .resource = Resource::kPair,
    .table = "channel_pairs",
    .id = "channel_pair_id",
    .visible = OWNER_IS_PRESENT,
    .fields = kPairFields,
    .orders = kPairOrders,
    .columns = "SELECT" BROADCASTD_PAIR_WITH_ENTRY_COLUMNS,
    .joins = "p" BROADCASTD_PAIR_WITH_ENTRY_JOINS};

constexpr Listed kEntries = {.resource = Resource::kEntry,
                             .table = "entries",
                             .id = "entry_id",
                             .visible = OWNER_IS_PRESENT,
                             .fields = kEntryFields,
                             .orders = kEntryOrders,
                             .columns = "SELECT" BROADCASTD_ENTRY_COLUMNS,
                             .joins = "e" BROADCASTD_ENTRY_JOINS};

// Also of clients that are gone.
constexpr Listed kAuditEvents = {
    .resource = Resource::kAuditEvent,
    .table = "audit_events",
    .id = "audit_event_id",
    .visible = "TRUE",
    .fields = kAuditEventFields,
    .orders = kAuditEventOrders,
    .columns = "SELECT" BROADCASTD_AUDIT_EVENT_COLUMNS,
    .joins = "a"};

constexpr Listed kOperations = {
    .resource = Resource::kOperation,
    .table = "operations",
    .id = "operation_id",
    .visible = OWNER_IS_PRESENT,
    .fields = kOperationFields,
    .orders = kOperationOrders,
    .columns = "SELECT" BROADCASTD_OPERATION_COLUMNS,
    .joins = "o"};

constexpr Listed kFeeds = {
    .resource = Resource::kFeed,
    .table = "feeds",
    .id = "feed_id",
    .visible = "w.delete_time IS NULL AND " OWNER_IS_PRESENT,
    .fields = kFeedFields,
    .orders = kFeedOrders,
    .columns = "SELECT" BROADCASTD_FEED_COLUMNS,
    .joins = "f" BROADCASTD_FEED_JOINS};

constexpr Listed kPosts = {
    .resource = Resource::kPost,
    .table = "posts",
    .id = "post_id",
    .visible =
        "(SELECT f.delete_time FROM feeds f "
        "WHERE f.feed_id = w.feed_id) IS NULL AND " OWNER_IS_PRESENT,
    .fields = kPostFields,
    .orders = kPostOrders,
    .columns = "SELECT" BROADCASTD_POST_COLUMNS,
    .joins = "p" BROADCASTD_POST_JOINS};

constexpr Listed kMessages = {
    .resource = Resource::kMessage,
    .table = "messages",
    .id = "message_id",
    .visible = OWNER_IS_PRESENT,
    .fields = kMessageFields,
    .orders = kMessageOrders,
    .columns = "SELECT" BROADCASTD_MESSAGE_COLUMNS("k.body"),
    .joins = "m" BROADCASTD_MESSAGE_JOINS};

#undef OWNER_IS_PRESENT
#undef ADDRESS_OF_PAIR
#undef ADDRESS_OF_ENTRY

}  // namespace

const Listed& ListedClients() { return kClients; }
const Listed& ListedChannels() { return kChannels; }
const Listed& ListedPairs() { return kPairs; }
const Listed& ListedEntries() { return kEntries; }
const Listed& ListedAuditEvents() { return kAuditEvents; }
const Listed& ListedOperations() { return kOperations; }
const Listed& ListedFeeds() { return kFeeds; }
const Listed& ListedPosts() { return kPosts; }
const Listed& ListedMessages() { return kMessages; }

}  // namespace broadcast::storage
