#include "rpc/watches.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/error_detail.h"
#include "base/errors.h"
#include "base/limits.h"
#include "base/status_macros.h"
#include "storage/operations.h"

namespace broadcast::rpc {
namespace {

using storage::Event;
using storage::Scope;
using storage::Transaction;

// Between two looks, so that many commits are one.
constexpr std::chrono::milliseconds kPause{10};
// Of an operation whose events tell nothing of its progress.
constexpr std::chrono::milliseconds kOperationPeriod{500};
// A watch is told at least so often that it goes on.
constexpr std::chrono::seconds kSilence{30};
// Of one look, so that no snapshot lives long.
constexpr size_t kMaxGroups = 64;
constexpr size_t kMaxOperations = 256;

// Of one watch alone: the others go on.
bool IsOwnFault(const absl::Status& status) {
  return (status.code() == absl::StatusCode::kOutOfRange ||
          status.code() == absl::StatusCode::kInvalidArgument) &&
         !ReasonOf(status).empty();
}

}  // namespace

// Watches that are at the same place are read for once.
struct Watches::Group {
  Scope scope = Scope::AllClients();
  std::string token;
  std::vector<std::shared_ptr<EventWatch>> watches;
  bool behind = false;
  bool silent = false;  // for too long

  // What was read, if it was this group's turn.
  bool read = false;
  absl::Status status;
  std::vector<Event> events;
  std::string next;
  bool more = false;
};

struct Watches::Round {
  struct Looked {
    std::shared_ptr<OperationWatch> watch;
    bool due = false;
    bool read = false;
    std::optional<storage::Operation> operation;
  };

  std::vector<Group> groups;
  std::vector<Looked> operations;

  // What is new since the look before.
  std::string tail;
  bool everything = false;  // more than was read
  std::set<std::string> clients;
  std::set<std::string> operation_ids;
  bool more = false;  // left for the next look
};

bool EventWatch::Fits(const Event& event) const {
  const storage::EventFilter& filter = wanted_.filter;
  return (!filter.operation_id.has_value() ||
          filter.operation_id == event.operation_id) &&
         (!filter.entry_id.has_value() || filter.entry_id == event.entry_id) &&
         (wanted_.kinds.empty() || wanted_.kinds.contains(event.kind));
}

template <typename W>
absl::Status Watches::AddTo(std::map<const Watch*, std::shared_ptr<W>>& watches,
                            std::shared_ptr<W> watch) {
  {
    const std::lock_guard<std::mutex> lock(mu_);
    if (draining_ || stopping_) return error::ShuttingDown();
    if (events_.size() + operations_.size() >= limits::kMaxWatches) {
      return error::QueueFull();
    }
    const Watch* const key = watch.get();
    watches.emplace(key, std::move(watch));
    ++count_;
    woken_ = true;
    if (!thread_.joinable()) thread_ = std::thread([this] { Loop(); });
  }
  changed_.notify_one();
  return absl::OkStatus();
}

absl::Status Watches::Add(std::shared_ptr<EventWatch> watch) {
  return AddTo(events_, std::move(watch));
}

absl::Status Watches::Add(std::shared_ptr<OperationWatch> watch) {
  return AddTo(operations_, std::move(watch));
}

void Watches::Remove(const Watch* watch) {
  const std::lock_guard<std::mutex> lock(mu_);
  count_ -= static_cast<int>(events_.erase(watch) + operations_.erase(watch));
}

void Watches::Wake() {
  if (count_ == 0) return;
  {
    const std::lock_guard<std::mutex> lock(mu_);
    woken_ = true;
  }
  changed_.notify_one();
}

void Watches::Drain() {
  std::vector<std::shared_ptr<Watch>> ended;
  {
    const std::lock_guard<std::mutex> lock(mu_);
    draining_ = true;
    for (const auto& [key, watch] : events_) ended.push_back(watch);
    for (const auto& [key, watch] : operations_) ended.push_back(watch);
  }
  for (const auto& watch : ended) watch->End(error::ShuttingDown());
}

void Watches::Stop() {
  Drain();
  std::thread thread;
  {
    const std::lock_guard<std::mutex> lock(mu_);
    stopping_ = true;
    thread = std::move(thread_);
  }
  changed_.notify_one();
  if (thread.joinable()) thread.join();
}

void Watches::Loop() {
  bool more = false;
  while (Pause(more)) more = Look();
}

bool Watches::Pause(bool more) {
  std::unique_lock<std::mutex> lock(mu_);
  changed_.wait_for(lock, kPause, [this] { return stopping_; });
  const auto wanted = [this] { return woken_ || stopping_; };
  if (events_.empty() && operations_.empty()) {
    // Whoever comes next begins anew.
    changed_.wait(lock, wanted);
    tail_.clear();
  } else if (!more) {
    changed_.wait_for(lock, kPeriod, wanted);
  }
  woken_ = false;
  return !stopping_;
}

bool Watches::Look() {
  Round round = Begin();
  const absl::Status read =
      database_->Read(storage::ReadKind::kScan, [&](Transaction& transaction) {
        // A body may be run again.
        Round attempt = round;
        RETURN_IF_ERROR(Read(transaction, attempt));
        round = std::move(attempt);
        return absl::OkStatus();
      });
  if (!read.ok()) {
    // They are told when the database is back.
    if (!failing_) {
      log_->Write(Severity::kWarning, "watches.failed",
                  {{"reason", ReasonOf(read)}});
    }
    failing_ = true;
    return false;
  }
  failing_ = false;
  return Tell(round);
}

Watches::Round Watches::Begin() {
  Round round;
  const SteadyTime now = clock_->Steady();
  std::map<std::pair<std::string, std::string>, Group> groups;
  const std::lock_guard<std::mutex> lock(mu_);
  for (const auto& [key, watch] : events_) {
    if (!watch->HasRoom()) {
      watch->behind_ = true;
      continue;
    }
    Group& group = groups[{watch->wanted_.scope.Key(), watch->token_}];
    group.scope = watch->wanted_.scope;
    group.token = watch->token_;
    group.behind = group.behind || watch->behind_;
    group.silent = group.silent || (watch->told_.has_value() &&
                                    now - *watch->told_ >= kSilence);
    group.watches.push_back(watch);
  }
  for (auto& [key, group] : groups) round.groups.push_back(std::move(group));
  if (const size_t count = round.groups.size(); count > kMaxGroups) {
    std::rotate(
        round.groups.begin(),
        round.groups.begin() + static_cast<std::ptrdiff_t>(turn_ % count),
        round.groups.end());
    turn_ += kMaxGroups;
  }
  for (const auto& [key, watch] : operations_) {
    round.operations.push_back(
        {.watch = watch,
         .due = !watch->read_.has_value() ||
                now - *watch->read_ >= kOperationPeriod});
  }
  // If not all can be looked at, those that have waited longest are.
  std::sort(round.operations.begin(), round.operations.end(),
            [](const auto& a, const auto& b) {
              return a.watch->read_ < b.watch->read_;
            });
  return round;
}

absl::Status Watches::Read(Transaction& transaction, Round& round) const {
  // First, so that what comes meanwhile is new to the next look as well.
  RETURN_IF_ERROR(ReadTail(transaction, round));
  size_t groups = 0;
  for (Group& group : round.groups) {
    const auto& client = group.scope.client_id();
    const bool news = round.everything ||
                      (client.has_value() ? round.clients.contains(*client)
                                          : round.tail != tail_);
    if (!group.behind && !group.silent && !news) continue;
    group.behind = true;
    if (++groups > kMaxGroups) {
      round.more = true;
      continue;
    }
    RETURN_IF_ERROR(ReadGroup(transaction, group));
  }
  size_t operations = 0;
  for (Round::Looked& looked : round.operations) {
    const OperationWatch& watch = *looked.watch;
    if (!looked.due && !round.everything &&
        !round.operation_ids.contains(watch.operation_id_)) {
      continue;
    }
    if (++operations > kMaxOperations) break;
    ASSIGN_OR_RETURN(
        looked.operation,
        storage::FindOperation(transaction, watch.scope_, watch.operation_id_));
    looked.read = true;
  }
  return absl::OkStatus();
}

absl::Status Watches::ReadTail(Transaction& transaction, Round& round) const {
  if (!tail_.empty()) {
    auto page =
        storage::ReadEvents(transaction, Scope::AllClients(), tail_, {}, kPage);
    if (page.ok()) {
      round.tail = page->token;
      round.everything = page->more;
      round.more = page->more;
      for (const Event& event : page->rows) {
        if (event.client_id.has_value()) round.clients.insert(*event.client_id);
        if (event.operation_id.has_value()) {
          round.operation_ids.insert(*event.operation_id);
        }
      }
      return absl::OkStatus();
    }
    if (!IsOwnFault(page.status())) return page.status();
  }
  round.everything = true;
  ASSIGN_OR_RETURN(round.tail,
                   storage::NewestEventToken(transaction, Scope::AllClients()));
  return absl::OkStatus();
}

absl::Status Watches::ReadGroup(Transaction& transaction, Group& group) const {
  group.read = true;
  // Asked first: what is behind it is not passed over.
  ASSIGN_OR_RETURN(const std::string newest,
                   storage::NewestEventToken(transaction, group.scope));
  group.next = newest;
  if (group.token.empty()) return absl::OkStatus();
  auto page =
      storage::ReadEvents(transaction, group.scope, group.token, {}, kPage);
  if (!page.ok()) {
    if (!IsOwnFault(page.status())) return page.status();
    group.status = page.status();
    return absl::OkStatus();
  }
  // Without any, the place may be brought forward: or it would be told to have
  // expired after days without an event of this client.
  if (!page->rows.empty() || page->more) group.next = page->token;
  group.more = page->more;
  group.events = std::move(page->rows);
  return absl::OkStatus();
}

bool Watches::Tell(Round& round) {
  tail_ = round.tail;
  const SteadyTime now = clock_->Steady();
  bool more = round.more;
  for (const Group& group : round.groups) {
    more = more || group.more;
    for (const auto& watch : group.watches) {
      watch->behind_ = group.read ? group.more : group.behind;
      if (!group.read) continue;
      if (!group.status.ok()) {
        watch->End(group.status);
        continue;
      }
      std::vector<Event> fitting;
      for (const Event& event : group.events) {
        if (watch->Fits(event)) fitting.push_back(event);
      }
      watch->token_ = group.next;
      if (fitting.empty() && watch->told_.has_value() &&
          now - *watch->told_ < kSilence) {
        continue;
      }
      watch->told_ = now;
      watch->Tell(fitting, group.next);
    }
  }
  for (const Round::Looked& looked : round.operations) {
    if (!looked.read) continue;
    looked.watch->read_ = now;
    if (looked.operation.has_value()) {
      looked.watch->Tell(*looked.operation);
    } else {
      looked.watch->End(error::OperationNotFound(looked.watch->operation_id_));
    }
  }
  return more;
}

}  // namespace broadcast::rpc
