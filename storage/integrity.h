// Looks for data that disagrees with itself, a bounded step at a time, so that
// no snapshot lives long. Every step is one read (ReadKind::kScan) whose every
// statement agrees with itself whatever is written meanwhile. Errors of the
// database come as sql_error.h makes them. Used within one transaction, by its
// thread.
//
//   IntegrityCheck check;
//   while (!check.done()) {
//     RETURN_IF_ERROR(database.Read(ReadKind::kScan, [&](Transaction& read) {
//       ASSIGN_OR_RETURN(check, IntegrityStep(read, scope, check));
//       return absl::OkStatus();
//     }));
//   }
#ifndef BROADCASTD_STORAGE_INTEGRITY_H_
#define BROADCASTD_STORAGE_INTEGRITY_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/scope.h"
#include "storage/transaction.h"
#include "storage/unconfigured_pairs.h"

namespace broadcast::storage {

enum class FindingKind {
  kPairWithoutEntry,
  // Or of another client than its pair, or than the pair's channels.
  kEntryWithoutPair,
  kClientWithoutEntry,  // though it has channels
  kClientCounterMismatch,
  kEntryCounterMismatch,
  // Its counts disagree with its deliveries, or it is finished while some wait.
  kOperationCounterMismatch,
  kDeliveryStateMismatch,  // it waits, is under way, and has ended: not one
  kChannelQueueMismatch,   // the queue disagrees with what is in it
  // It is said to be sending, and no operation of its own runs.
  kEntryOperationMismatch,
  // It is to be posted and no delivery of it waits, or the other way round; or
  // it is of another feed than its post.
  kMessageStateMismatch,
};
inline constexpr size_t kFindingKinds = 10;

struct IntegrityFinding {
  int64_t count = 0;
  std::set<std::string> sample_ids;  // the first, limits::kMaxSampleIds
};

struct IntegrityReport {
  absl::Time check_time;  // of the first step
  int64_t clients = 0;    // examined
  int64_t channels = 0;
  int64_t channel_pairs = 0;
  int64_t entries = 0;
  int64_t operations = 0;
  int64_t deliveries = 0;
  std::array<IntegrityFinding, kFindingKinds> findings;  // by FindingKind

  IntegrityFinding& operator[](FindingKind kind) {
    return findings[static_cast<size_t>(kind)];
  }
  const IntegrityFinding& operator[](FindingKind kind) const {
    return findings[static_cast<size_t>(kind)];
  }
  bool clean() const;
};

// How far a check has come. A value; a new one starts at the beginning.
class IntegrityCheck {
 public:
  bool done() const { return stage_ == Stage::kDone; }
  const IntegrityReport& report() const { return report_; }

 private:
  friend class IntegrityWalk;
  enum class Stage {
    kStart,
    kClients,
    kPairs,
    kEntries,
    kOperations,
    kQueues,
    kMessages,
    kDone
  };

  Stage stage_ = Stage::kStart;
  WalkCursor cursor_;
  IntegrityReport report_;
};

// Examines the next pairs, entries, queues of channels or messages in `scope`,
// up to limits::kMaxRowsExaminedPerPage, or clients with the number of their
// rows, or operations with their deliveries, and answers how far the check is
// then. Clients that are being deleted, and all that is theirs, are left out.
absl::StatusOr<IntegrityCheck> IntegrityStep(Transaction& transaction,
                                             const Scope& scope,
                                             IntegrityCheck check);

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_INTEGRITY_H_
