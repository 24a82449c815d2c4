// Keeps operations' counts while deliveries end, and settles those that are
// through: their entries' counters, once, and the events that tell of it.
// Private to storage. Within one transaction: Lock, then any of the changes,
// then Write once. Errors of the database come as sql_error.h makes them. Used
// within one transaction, by its thread.
#ifndef BROADCASTD_STORAGE_SETTLEMENT_H_
#define BROADCASTD_STORAGE_SETTLEMENT_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/delivery_records.h"
#include "storage/entry_counters.h"
#include "storage/transaction.h"

namespace broadcast::storage {

// An operation with what only settling needs.
struct CountedOperation {
  Operation operation;
  int64_t sends = 0;  // of all planned: those that post
  int64_t sends_sent = 0;
  int64_t sends_unknown = 0;
  absl::Time deadline;
  int64_t settled = 0;
  bool changed = false;  // since it was locked
};

class Settlement {
 public:
  // An entry is disabled at so many failures in a row; 0: never.
  Settlement(Transaction& transaction, int64_t disable_threshold)
      : transaction_(transaction), disable_threshold_(disable_threshold) {}

  // Locks operations and then the entries of those that may be through once
  // so many of what waits of each has ended.
  absl::Status Lock(const std::map<std::string, int64_t>& endings);

  // Nothing for one that was not there to be locked.
  const Operation* Find(const std::string& operation_id) const;
  bool IsCancelled(const std::string& operation_id) const;
  // And some of it is still to be ended: nothing may wait again meanwhile.
  absl::StatusOr<bool> IsBeingCancelled(const std::string& operation_id);
  // How many of its deliveries are under way.
  absl::StatusOr<int64_t> CountSending(const std::string& operation_id);

  // What waited or was under way has ended as `to`; or what had ended as
  // `from` did so as `to` instead; or waits again. Of locked operations.
  void End(const std::string& operation_id, DeliveryAction action,
           DeliveryState to, const std::string& reason);
  // Besides, of a deletion: its message is there for good, or is tried again.
  void AddUndeletable(const std::string& operation_id, int64_t by);
  // Besides, of what finds its message gone.
  void AddLost(const std::string& operation_id);
  void EndOtherwise(const std::string& operation_id, DeliveryAction action,
                    DeliveryState from, DeliveryState to,
                    const std::string& reason);
  void WaitAgain(const std::string& operation_id, DeliveryAction action,
                 DeliveryState from);

  // One more delivery.
  void Plan(const std::string& operation_id, DeliveryAction action,
            absl::Time deadline);
  void Extend(const std::string& operation_id, absl::Time deadline);

  // One in state planning runs from now on.
  void EndPlanning(const std::string& operation_id);

  void MarkCancelled(const std::string& operation_id);
  void ClearCancelled(const std::string& operation_id);

  // Told with the others.
  void Tell(Event event) { events_.push_back(std::move(event)); }

  absl::Status Write();

  // After Write.
  int64_t finished() const { return finished_; }
  const std::vector<std::string>& disabled_entries() const {
    return disabled_entries_;
  }

 private:
  void Tell(const char* kind, const Operation& operation);
  CountedOperation& Change(const std::string& operation_id);
  absl::Status Finish(CountedOperation& counted);
  absl::Status SettleEntry(const CountedOperation& counted);
  void Disable(EntryCounters& entry);
  absl::Status WriteOperations();
  absl::Status WriteEntries();

  Transaction& transaction_;
  const int64_t disable_threshold_;
  std::map<std::string, CountedOperation> operations_;
  std::map<std::string, EntryCounters> entries_;
  std::set<std::string> settled_entries_;
  std::vector<Event> events_;
  int64_t finished_ = 0;
  std::vector<std::string> disabled_entries_;
};

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_SETTLEMENT_H_
