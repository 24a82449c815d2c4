// The columns of an operation: the SELECT list as text, and the fields it
// fills in the same order. Private to storage's files of delivery.
#ifndef BROADCASTD_STORAGE_OPERATION_COLUMNS_H_
#define BROADCASTD_STORAGE_OPERATION_COLUMNS_H_

#include "storage/delivery_records.h"
#include "storage/sql.h"

// operations o.
#define BROADCASTD_OPERATION_COLUMNS                                           \
  " o.operation_id, o.client_id, o.entry_id, o.feed_id, o.occurrence, o.kind," \
  " o.state, o.reason, o.planned, o.sent, o.failed, o.unknown, o.expired,"     \
  " o.cancelled, o.abandoned, o.edits_sent, o.deletes_sent,"                   \
  " o.tombstones_sent, o.probes_sent, o.undeletable, o.lost, o.last_error,"    \
  " o.cancel_time, o.create_time,"                                             \
  " o.update_time, o.finish_time "

namespace broadcast::storage {

template <>
struct Columns<Operation> {
  template <typename V>
  static void Visit(V& v, Operation& operation) {
    v(operation.operation_id);
    v(operation.client_id);
    v(operation.entry_id);
    v(operation.feed_id);
    v(operation.occurrence);
    v(operation.kind);
    v(operation.state);
    v(operation.reason);
    v(operation.progress.planned);
    v(operation.progress.sent);
    v(operation.progress.failed);
    v(operation.progress.unknown);
    v(operation.progress.expired);
    v(operation.progress.cancelled);
    v(operation.progress.abandoned);
    v(operation.sent_actions.edits);
    v(operation.sent_actions.deletes);
    v(operation.sent_actions.tombstones);
    v(operation.sent_actions.probes);
    v(operation.sent_actions.undeletable);
    v(operation.sent_actions.lost);
    v(operation.last_error);
    v(operation.cancel_time);
    v(operation.create_time);
    v(operation.update_time);
    v(operation.finish_time);
  }
};

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_OPERATION_COLUMNS_H_
