// The one thread on which everything happens, and what is to be done later, by
// the clock of the platform. Run() is called by one thread; Stop() may be by
// any; the rest only on the thread of the loop, or before it runs.
#ifndef BROADCASTD_TELEGRAM_EVENT_LOOP_H_
#define BROADCASTD_TELEGRAM_EVENT_LOOP_H_

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <map>

#include "telegram/moving_clock.h"

namespace broadcast::telegram {

class EventLoop {
 public:
  explicit EventLoop(MovingClock& clock);

  boost::asio::io_context& io() { return io_; }

  // Runs `task` when the clock shows `time` or more; at once if it does.
  void At(int64_t time, std::function<void()> task);

  // To be called when the clock was moved or frozen.
  void ClockMoved() { Arm(); }

  void StopOnSignals();
  void Run();
  void Stop();

 private:
  void Arm();
  void RunDue();

  MovingClock& clock_;
  boost::asio::io_context io_;
  boost::asio::steady_timer timer_;
  boost::asio::signal_set signals_;
  std::multimap<int64_t, std::function<void()>> tasks_;
};

}  // namespace broadcast::telegram

#endif  // BROADCASTD_TELEGRAM_EVENT_LOOP_H_
