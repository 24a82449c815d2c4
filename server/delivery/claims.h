// Which lanes this process owns: takes those that are free, renews their
// leases, shares them with other replicas, and gives them back. A lane is
// trusted until its lease might have ended, counted on the steady clock from
// before the round trip that renewed it. The dispatcher's; used by its loop.
//
// With SQLite the process that holds the file owns every lane.
#ifndef BROADCASTD_DELIVERY_CLAIMS_H_
#define BROADCASTD_DELIVERY_CLAIMS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "delivery/context.h"
#include "delivery/lane.h"
#include "delivery/take_over.h"
#include "storage/lanes.h"
#include "storage/outbox.h"

namespace broadcast::delivery {

class Claims {
 public:
  // `context` and the lanes outlive this.
  Claims(Context* context, const std::vector<Lane*>& lanes,
         storage::LaneChooser lane_of);

  // Begins what is due; answers when to be called again.
  SteadyTime Round(SteadyTime now);

  // Takes no lane any more; goes on renewing those that it has.
  void TakeNoMore() { closing_ = true; }

  // Gives all back.
  void ReleaseAll();
  // Nothing is owned, nor being taken or given back.
  bool released() const;

  int64_t owned() const;

 private:
  enum class Stage { kFree, kTaking, kOwned, kLeaving, kReleasing };
  struct Hold {
    Lane* lane = nullptr;
    Stage stage = Stage::kFree;
    SteadyTime asked;  // before the round trip that took it
  };
  struct Survey;

  bool shared() const;  // with other replicas
  std::chrono::nanoseconds TrustOf() const;

  SteadyTime Ensure(SteadyTime now);
  SteadyTime Look(SteadyTime now);
  SteadyTime Announce(SteadyTime now);
  void Surveyed(const Survey& survey);
  void TakeAll(SteadyTime now);
  void Take(Hold& hold, SteadyTime now);
  void Taken(Hold& hold, const absl::Status& status, TakeOver taken);
  void FindLost(Hold& hold, TakeOver taken);
  void Own(Hold& hold, TakeOver taken);
  SteadyTime Renew(SteadyTime now);
  void Renewed(const std::vector<storage::LaneClaim>& asked,
               const std::vector<std::string>& held, SteadyTime asked_at);
  void Release(Hold& hold);
  void TellOwned() const;

  // claims_stray.cc
  SteadyTime SettleStray(SteadyTime now);

  // Constant after construction.
  Context* const context_;
  const storage::LaneChooser lane_of_;

  std::vector<Hold> holds_;
  bool ensured_ = false;
  bool ensuring_ = false;
  bool looking_ = false;
  bool renewing_ = false;
  bool announcing_ = false;
  bool announced_ = false;
  bool forgetting_ = false;
  bool settling_ = false;
  bool closing_ = false;
  SteadyTime announce_at_ = SteadyTime::min();
  SteadyTime look_at_ = SteadyTime::min();
  SteadyTime renew_at_ = SteadyTime::max();
  SteadyTime settle_at_ = SteadyTime::min();
};

}  // namespace broadcast::delivery

#endif  // BROADCASTD_DELIVERY_CLAIMS_H_
