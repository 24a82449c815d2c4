// Tells those who watch what happens. One thread looks for new events while
// somebody watches: at most each 250 ms, or as soon as it is woken because this
// process has committed something. It tells each watch what fits it, so that
// many watches cost little more than one.
//
// A watch that has no room is passed over: its place in the events stays where
// it is, and it is told later. So nothing is lost, and a slow caller costs no
// memory.
//
// Calls own the one Watches, together with the watches under way. Any thread.
#ifndef BROADCASTD_RPC_WATCHES_H_
#define BROADCASTD_RPC_WATCHES_H_

#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "base/clock.h"
#include "base/log.h"
#include "storage/database.h"
#include "storage/delivery_records.h"
#include "storage/events.h"
#include "storage/scope.h"

namespace broadcast::rpc {

// One who watches. Told on the thread of Watches, or on the one that drains;
// none of it may block.
class Watch {
 public:
  virtual ~Watch() = default;

  // False while what it was told last is still on its way.
  virtual bool HasRoom() = 0;

  // It is told nothing after this.
  virtual void End(const absl::Status& status) = 0;
};

class EventWatch : public Watch {
 public:
  struct Wanted {
    storage::Scope scope = storage::Scope::AllClients();
    std::string token;  // begin behind it; empty: with what is to come
    storage::EventFilter filter;
    std::set<std::string> kinds;  // empty: all
  };
  explicit EventWatch(Wanted wanted)
      : wanted_(std::move(wanted)), token_(wanted_.token) {}

  // At most Watches::kPage events that fit, in their order, and the token to
  // go on behind them. Without events it tells only that the watch goes on.
  virtual void Tell(const std::vector<storage::Event>& events,
                    const std::string& token) = 0;

  bool Fits(const storage::Event& event) const;

 private:
  friend class Watches;

  const Wanted wanted_;
  // The thread's own.
  std::string token_;
  bool behind_ = true;  // there may be events behind token_
  std::optional<SteadyTime> told_;
};

class OperationWatch : public Watch {
 public:
  OperationWatch(storage::Scope scope, std::string operation_id)
      : scope_(std::move(scope)), operation_id_(std::move(operation_id)) {}

  // As it is now; it may be as it was.
  virtual void Tell(const storage::Operation& operation) = 0;

 private:
  friend class Watches;

  const storage::Scope scope_;
  const std::string operation_id_;
  std::optional<SteadyTime> read_;  // the thread's own
};

class Watches {
 public:
  static constexpr std::chrono::milliseconds kPeriod{250};
  static constexpr int64_t kPage = 128;  // events that are told at once

  // All outlive Stop.
  Watches(storage::Database* database, const Clock* clock, Log* log)
      : database_(database), clock_(clock), log_(log) {}
  ~Watches() { Stop(); }

  // Returns RESOURCE_EXHAUSTED (QUEUE_FULL) if limits::kMaxWatches watch
  // already, UNAVAILABLE (SHUTTING_DOWN) while draining. Until Remove, `watch`
  // is told.
  absl::Status Add(std::shared_ptr<EventWatch> watch);
  absl::Status Add(std::shared_ptr<OperationWatch> watch);
  void Remove(const Watch* watch);

  // Something was committed, or a watch has room again. Never waits.
  void Wake();

  // Ends all watches with UNAVAILABLE (SHUTTING_DOWN) and takes no more.
  void Drain();

  // Drains, and ends the thread.
  void Stop();

 private:
  struct Group;
  struct Round;

  template <typename W>
  absl::Status AddTo(std::map<const Watch*, std::shared_ptr<W>>& watches,
                     std::shared_ptr<W> watch);
  void Loop();
  // Waits for the next round; false when it is time to stop.
  bool Pause(bool more);
  // One look. True if there is more to tell at once.
  bool Look();
  Round Begin();
  absl::Status Read(storage::Transaction& transaction, Round& round) const;
  absl::Status ReadTail(storage::Transaction& transaction, Round& round) const;
  absl::Status ReadGroup(storage::Transaction& transaction, Group& group) const;
  bool Tell(Round& round);

  // Constant after construction.
  storage::Database* const database_;
  const Clock* const clock_;
  Log* const log_;

  // The thread's own.
  std::string tail_;  // all events before it were seen; empty: none yet
  bool failing_ = false;
  size_t turn_ = 0;  // whose it is when not all can be read for at once

  std::atomic<int> count_{0};  // of watches

  // Standard ones: they alone can wait by the steady clock. Guard what follows.
  std::mutex mu_;
  std::condition_variable changed_;
  std::map<const Watch*, std::shared_ptr<EventWatch>> events_;
  std::map<const Watch*, std::shared_ptr<OperationWatch>> operations_;
  bool woken_ = false;
  bool draining_ = false;
  bool stopping_ = false;
  std::thread thread_;  // started with the first watch
};

}  // namespace broadcast::rpc

#endif  // BROADCASTD_RPC_WATCHES_H_
