// What the channels of a test really show: carries out deliveries as platforms
// would, or fails at them. Telegram's rules of deletion hold in every one that
// is `aging`. A value; one thread at a time.
#ifndef BROADCASTD_TESTS_SYNC_SHOWN_CHANNELS_H_
#define BROADCASTD_TESTS_SYNC_SHOWN_CHANNELS_H_

#include <map>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "storage/outbox.h"
#include "storage/outcomes.h"

namespace broadcast::test {

// What becomes of one try.
enum class Fate {
  kDo,
  kFail,
  kLoseAnswer,  // of what posts: it is there, and nobody knows
  kLoseAll,     // likewise, and it is not there
  kForbid,      // of a deletion: refused for good
};

struct ShownMessage {
  std::string content;  // the JSON document
  absl::Time post_time;
  bool tombstone = false;
  bool untracked = false;    // the server never heard that it is there
  bool undeletable = false;  // nobody may delete it
};

class ShownChannels {
 public:
  using Messages = std::map<std::string, ShownMessage>;  // by platform id

  storage::OutcomeRecord Answer(const storage::TakenDelivery& taken, Fate fate,
                                absl::Time now) {
    storage::OutcomeRecord outcome;
    outcome.delivery_id = taken.delivery_id;
    outcome.fence = taken.fence;
    outcome.http_status = 200;
    if (fate == Fate::kFail) return Fails(outcome, "rejected");
    switch (taken.action) {
      case storage::DeliveryAction::kSend:
        return Post(taken, taken.content.value_or(""), fate, now, outcome);
      case storage::DeliveryAction::kCopy: {
        const Messages& source = by_address_[*taken.target_address];
        const auto original = source.find(*taken.target_platform_message_id);
        if (original == source.end()) return NotFound(outcome);
        return Post(taken, original->second.content, fate, now, outcome);
      }
      case storage::DeliveryAction::kEdit:
      case storage::DeliveryAction::kTombstone: {
        const auto message = Find(taken);
        if (message == Of(taken).end()) return NotFound(outcome);
        message->second.content = taken.content.value_or("");
        message->second.tombstone =
            taken.action == storage::DeliveryAction::kTombstone;
        return outcome;
      }
      case storage::DeliveryAction::kDelete:
        return Delete(taken, fate, now, outcome);
      case storage::DeliveryAction::kProbe:
        if (Find(taken) == Of(taken).end()) {
          outcome.reason = "message_not_found";
          ++lost;
        }
        return outcome;
    }
    return outcome;
  }

  const Messages& At(const std::string& address) {
    return by_address_[address];
  }

  // As a person does.
  void DeleteByHand(const std::string& address, const std::string& id) {
    by_address_[address].erase(id);
  }

  int64_t lost = 0;             // found out to be gone
  std::set<std::string> aging;  // addresses

 private:
  Messages& Of(const storage::TakenDelivery& taken) {
    return by_address_[taken.target_address.value_or(taken.address)];
  }
  Messages::iterator Find(const storage::TakenDelivery& taken) {
    return Of(taken).find(*taken.target_platform_message_id);
  }

  static storage::OutcomeRecord Fails(storage::OutcomeRecord outcome,
                                      const char* reason) {
    outcome.state = storage::DeliveryState::kFailed;
    outcome.reason = reason;
    return outcome;
  }
  storage::OutcomeRecord NotFound(const storage::OutcomeRecord& outcome) {
    ++lost;
    return Fails(outcome, "message_not_found");
  }

  storage::OutcomeRecord Post(const storage::TakenDelivery& taken,
                              const std::string& content, Fate fate,
                              absl::Time now, storage::OutcomeRecord outcome) {
    const std::string id = absl::StrCat(next_++);
    if (fate != Fate::kLoseAll) {
      by_address_[taken.address][id] = {.content = content,
                                        .post_time = now,
                                        .untracked = fate == Fate::kLoseAnswer};
    }
    if (fate == Fate::kLoseAnswer || fate == Fate::kLoseAll) {
      outcome.state = storage::DeliveryState::kUnknown;
      outcome.reason = "timeout";
      return outcome;
    }
    outcome.platform_message_id = id;
    return outcome;
  }

  storage::OutcomeRecord Delete(const storage::TakenDelivery& taken, Fate fate,
                                absl::Time now,
                                storage::OutcomeRecord outcome) {
    const auto message = Find(taken);
    if (message == Of(taken).end()) return outcome;  // it is gone: done
    if (fate == Fate::kForbid) message->second.undeletable = true;
    const bool old = aging.count(taken.address) > 0 &&
                     now - message->second.post_time > absl::Hours(48);
    if (message->second.undeletable || old) {
      outcome = Fails(outcome, "message_undeletable");
      outcome.target_undeletable = true;
      return outcome;
    }
    Of(taken).erase(message);
    return outcome;
  }

  std::map<std::string, Messages> by_address_;
  int64_t next_ = 1;
};

}  // namespace broadcast::test

#endif  // BROADCASTD_TESTS_SYNC_SHOWN_CHANNELS_H_
