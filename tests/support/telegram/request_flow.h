// The way of one request: who asks, what goes wrong on purpose, whether the
// limits let it through, what it does, how late the answer is, and the journal
// before the answer. One thread.
#ifndef BROADCASTD_TELEGRAM_REQUEST_FLOW_H_
#define BROADCASTD_TELEGRAM_REQUEST_FLOW_H_

#include <cstdint>
#include <memory>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "telegram/bot_methods.h"
#include "telegram/event_loop.h"
#include "telegram/fault_rules.h"
#include "telegram/flood_limits.h"
#include "telegram/http_message.h"
#include "telegram/latency_model.h"
#include "telegram/request_journal.h"

namespace broadcast::telegram {

class RequestFlow {
 public:
  // All of them must outlive it.
  RequestFlow(Platform platform, EventLoop& loop, FloodLimits& limits,
              FaultRules& faults, LatencyModel& latency,
              RequestJournal& journal);

  void Handle(const HttpRequest& http, Respond respond);

  // Requests that have no answer yet.
  int64_t in_flight() const { return in_flight_; }

 private:
  struct Flight;
  using FlightPtr = std::shared_ptr<Flight>;

  // Reads who asks for what; the refusal, if there is one.
  std::optional<BotAnswer> Read(const HttpRequest& http, Flight& flight);
  void MeetFault(const FlightPtr& flight);
  void Admit(const FlightPtr& flight);
  void AskLimits(const FlightPtr& flight);
  // `now` is when it was let through, to the microsecond: the journal must
  // count by the same times as the limits.
  void Process(const FlightPtr& flight, int64_t now);
  void AnswerLater(const FlightPtr& flight, const BotAnswer& answer);
  void ReplyLater(const FlightPtr& flight, HttpReply reply);
  void Send(const FlightPtr& flight);

  const Platform platform_;
  EventLoop& loop_;
  FloodLimits& limits_;
  FaultRules& faults_;
  LatencyModel& latency_;
  RequestJournal& journal_;
  int64_t in_flight_ = 0;
  // How many are held, by bot and chat.
  absl::flat_hash_map<std::pair<int64_t, int64_t>, int> held_;
};

}  // namespace broadcast::telegram

#endif  // BROADCASTD_TELEGRAM_REQUEST_FLOW_H_
