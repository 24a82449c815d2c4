// The columns of feeds, posts and messages: the SELECT lists as text, and the
// fields they fill in the same order. Private to storage's files of feeds.
#ifndef BROADCASTD_STORAGE_FEED_COLUMNS_H_
#define BROADCASTD_STORAGE_FEED_COLUMNS_H_

#include "storage/columns.h"
#include "storage/feed_records.h"
#include "storage/sql.h"

// feeds f, with the content of its tombstone k.
#define BROADCASTD_FEED_COLUMNS                                           \
  " f.feed_id, f.client_id, f.name, f.display_name, f.state, f.tracking," \
  " k.content_id, k.body, f.labels, f.revision, f.create_time,"           \
  " f.update_time "
#define BROADCASTD_FEED_JOINS \
  " LEFT JOIN contents k ON k.content_id = f.tombstone_content_id "

// posts p, with its content k.
#define BROADCASTD_POST_COLUMNS                                              \
  " p.post_id, p.feed_id, p.client_id, p.external_id, k.content_id, k.body," \
  " p.state, p.close_reason, p.expire_time, p.labels, p.revision,"           \
  " p.create_time, p.update_time, p.close_time "
#define BROADCASTD_POST_JOINS " JOIN contents k ON k.content_id = p.content_id "

// messages m, and its content as the text `body`.
#define BROADCASTD_MESSAGE_COLUMNS(body)                          \
  " m.message_id, m.channel_id, m.client_id, m.entry_id, m.side," \
  " m.operation_id, m.feed_id, m.post_id, m.address,"             \
  " m.platform_message_id, m.content_id, " body                   \
  ", m.state, m.post_time,"                                       \
  " m.update_time "
#define BROADCASTD_MESSAGE_JOINS \
  " JOIN contents k ON k.content_id = m.content_id "

namespace broadcast::storage {

template <>
struct Columns<Feed> {
  template <typename V>
  static void Visit(V& v, Feed& feed) {
    v(feed.feed_id);
    v(feed.client_id);
    v(feed.name);
    v(feed.display_name);
    v(feed.state);
    v(feed.tracking);
    VisitContent(v, feed.tombstone_content);
    v(feed.labels);
    v(feed.revision);
    v(feed.create_time);
    v(feed.update_time);
  }
};

template <>
struct Columns<Post> {
  template <typename V>
  static void Visit(V& v, Post& post) {
    v(post.post_id);
    v(post.feed_id);
    v(post.client_id);
    v(post.external_id);
    VisitContent(v, post.content);
    v(post.state);
    v(post.close_reason);
    v(post.expire_time);
    v(post.labels);
    v(post.revision);
    v(post.create_time);
    v(post.update_time);
    v(post.close_time);
  }
};

template <>
struct Columns<Message> {
  template <typename V>
  static void Visit(V& v, Message& message) {
    v(message.message_id);
    v(message.channel_id);
    v(message.client_id);
    v(message.entry_id);
    v(message.side);
    v(message.operation_id);
    v(message.feed_id);
    v(message.post_id);
    v(message.address);
    v(message.platform_message_id);
    v(message.content_id);
    v(message.content);
    v(message.state);
    v(message.post_time);
    v(message.update_time);
  }
};

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_FEED_COLUMNS_H_
