// The columns of each resource, in one place: the SELECT list as text, and the
// fields it fills in the same order. Private to storage's table files. The
// text names tables by the aliases below; a statement joins them so.
#ifndef BROADCASTD_STORAGE_COLUMNS_H_
#define BROADCASTD_STORAGE_COLUMNS_H_

#include <type_traits>

#include "storage/records.h"
#include "storage/sql.h"

// clients c, with the contents of its defaults co and cc.
#define BROADCASTD_CLIENT_COLUMNS                             \
  " c.client_id, c.display_name, c.pair_quota, c.pair_count," \
  " co.content_id, co.body, cc.content_id, cc.body,"          \
  " c.labels, c.revision, c.create_time, c.update_time "
#define BROADCASTD_CLIENT_JOINS                                         \
  " LEFT JOIN contents co ON co.content_id = c.default_open_content_id" \
  " LEFT JOIN contents cc ON cc.content_id = c.default_closed_content_id "

// One channel under alias `t`.
#define BROADCASTD_CHANNEL_COLUMNS(t)                                          \
  " " t ".channel_id, " t ".client_id, " t ".platform, " t ".address, " t      \
  ".account, " t ".title, " t ".state, " t ".state_reason, " t ".revision, " t \
  ".create_time, " t ".update_time "

// channel_pairs p with its channels po and pc.
#define BROADCASTD_PAIR_COLUMNS                \
  " p.channel_pair_id, p.client_id, "          \
  "p.create_time," BROADCASTD_CHANNEL_COLUMNS( \
      "po") "," BROADCASTD_CHANNEL_COLUMNS("pc")
#define BROADCASTD_PAIR_JOINS                              \
  " JOIN channels po ON po.channel_id = p.open_channel_id" \
  " JOIN channels pc ON pc.channel_id = p.closed_channel_id "

// entries e with its contents eo and ec, and its client c.
#define BROADCASTD_ENTRY_OWN_COLUMNS                             \
  " e.entry_id, e.state, e.state_reason, e.last_outcome,"        \
  " e.current_operation_id, e.interval_us, e.next_send_time,"    \
  " e.last_send_time, e.last_trigger_time, e.next_trigger_time," \
  " e.broadcast_count, e.success_count, e.partial_count,"        \
  " e.failure_count, e.consecutive_failure_count,"               \
  " e.manual_trigger_count, e.occurrence_count,"                 \
  " e.replace_previous, e.last_error, e.last_error_time,"        \
  " eo.content_id, eo.body, ec.content_id, ec.body,"             \
  " c.default_open_content_id, c.default_closed_content_id,"     \
  " e.labels, e.revision, e.create_time, e.update_time "
#define BROADCASTD_ENTRY_COLUMNS \
  BROADCASTD_PAIR_COLUMNS "," BROADCASTD_ENTRY_OWN_COLUMNS
#define BROADCASTD_ENTRY_CONTENT_JOINS                          \
  " LEFT JOIN contents eo ON eo.content_id = e.open_content_id" \
  " LEFT JOIN contents ec ON ec.content_id = e.closed_content_id "
#define BROADCASTD_ENTRY_JOINS                    \
  " JOIN channel_pairs p ON p.channel_pair_id = " \
  "e.channel_pair_id" BROADCASTD_PAIR_JOINS       \
  " JOIN clients c ON c.client_id = "             \
  "e.client_id" BROADCASTD_ENTRY_CONTENT_JOINS

// channel_pairs p with its entry e, which may be NULL, and its client c.
#define BROADCASTD_PAIR_WITH_ENTRY_COLUMNS \
  BROADCASTD_PAIR_COLUMNS ", e.entry_id," BROADCASTD_ENTRY_OWN_COLUMNS
#define BROADCASTD_PAIR_WITH_ENTRY_JOINS         \
  BROADCASTD_PAIR_JOINS                          \
  "JOIN clients c ON c.client_id = p.client_id " \
  "LEFT JOIN entries e ON e.channel_pair_id = "  \
  "p.channel_pair_id" BROADCASTD_ENTRY_CONTENT_JOINS

// audit_events a.
#define BROADCASTD_AUDIT_EVENT_COLUMNS                          \
  " a.audit_event_id, a.create_time, a.principal, a.client_id," \
  " a.method, a.event, a.peer, a.request_id, a.outcome,"        \
  " a.resources, a.row_count "

namespace broadcast::storage {

template <typename V>
void VisitContent(V& v, StoredContent& content) {
  v(content.content_id);
  v(content.body);
}

template <>
struct Columns<Client> {
  template <typename V>
  static void Visit(V& v, Client& client) {
    v(client.client_id);
    v(client.display_name);
    v(client.pair_quota);
    v(client.pair_count);
    VisitContent(v, client.default_open_content);
    VisitContent(v, client.default_closed_content);
    v(client.labels);
    v(client.revision);
    v(client.create_time);
    v(client.update_time);
  }
};

template <>
struct Columns<Channel> {
  template <typename V>
  static void Visit(V& v, Channel& channel) {
    v(channel.channel_id);
    v(channel.client_id);
    v(channel.platform);
    v(channel.address);
    v(channel.account);
    v(channel.title);
    v(channel.state);
    v(channel.state_reason);
    v(channel.revision);
    v(channel.create_time);
    v(channel.update_time);
  }
};

template <>
struct Columns<ChannelPair> {
  template <typename V>
  static void Visit(V& v, ChannelPair& pair) {
    v(pair.channel_pair_id);
    v(pair.client_id);
    v(pair.create_time);
    Columns<Channel>::Visit(v, pair.open_channel);
    Columns<Channel>::Visit(v, pair.closed_channel);
  }
};

template <>
struct Columns<PairIds> {
  template <typename V>
  static void Visit(V& v, PairIds& pair) {
    v(pair.channel_pair_id);
    v(pair.client_id);
    v(pair.open_channel_id);
    v(pair.closed_channel_id);
    v(pair.entry_id);
  }
};

// The columns of an entry besides its pair's.
template <typename V>
void VisitEntryOwn(V& v, Entry& entry) {
  v(entry.entry_id);
  v(entry.state);
  v(entry.state_reason);
  v(entry.last_outcome);
  v(entry.current_operation_id);
  v(entry.interval);
  v(entry.next_send_time);
  v(entry.last_send_time);
  v(entry.last_trigger_time);
  v(entry.next_trigger_time);
  v(entry.broadcast_count);
  v(entry.success_count);
  v(entry.partial_count);
  v(entry.failure_count);
  v(entry.consecutive_failure_count);
  v(entry.manual_trigger_count);
  v(entry.occurrence_count);
  v(entry.replace_previous);
  v(entry.last_error);
  v(entry.last_error_time);
  VisitContent(v, entry.open_content);
  VisitContent(v, entry.closed_content);
  v(entry.client_open_content_id);
  v(entry.client_closed_content_id);
  v(entry.labels);
  v(entry.revision);
  v(entry.create_time);
  v(entry.update_time);
}

template <>
struct Columns<Entry> {
  template <typename V>
  static void Visit(V& v, Entry& entry) {
    Columns<ChannelPair>::Visit(v, entry.channel_pair);
    VisitEntryOwn(v, entry);
  }
};

template <>
struct Columns<PairWithEntry> {
  template <typename V>
  static void Visit(V& v, PairWithEntry& pair) {
    Columns<ChannelPair>::Visit(v, pair.channel_pair);
    std::optional<std::string> entry_id;
    v(entry_id);
    // The rest of a row without an entry is NULL, and stays unread.
    if (std::is_same_v<V, Row> && !entry_id.has_value()) return;
    pair.entry.emplace().channel_pair = pair.channel_pair;
    VisitEntryOwn(v, *pair.entry);
  }
};

template <>
struct Columns<AuditEvent> {
  template <typename V>
  static void Visit(V& v, AuditEvent& event) {
    v(event.audit_event_id);
    v(event.create_time);
    v(event.principal);
    v(event.client_id);
    v(event.method);
    v(event.event);
    v(event.peer);
    v(event.request_id);
    v(event.outcome);
    v(event.resources);
    v(event.row_count);
  }
};

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_COLUMNS_H_
