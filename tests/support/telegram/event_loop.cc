#include "telegram/event_loop.h"

#include <chrono>
#include <csignal>
#include <utility>

namespace broadcast::telegram {

EventLoop::EventLoop(MovingClock& clock)
    : clock_(clock), io_(1), timer_(io_), signals_(io_) {}

void EventLoop::At(int64_t time, std::function<void()> task) {
  if (time <= clock_.Now()) return task();
  const auto at = tasks_.emplace(time, std::move(task));
  if (at == tasks_.begin()) Arm();
}

void EventLoop::Arm() {
  timer_.cancel();
  if (tasks_.empty()) return;
  const int64_t wait = tasks_.begin()->first - clock_.Now();
  if (clock_.frozen() && wait > 0) return;
  timer_.expires_after(std::chrono::microseconds(wait));
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) RunDue();
  });
}

void EventLoop::RunDue() {
  const int64_t now = clock_.Now();
  while (!tasks_.empty() && tasks_.begin()->first <= now) {
    const auto task = std::move(tasks_.begin()->second);
    tasks_.erase(tasks_.begin());
    task();
  }
  Arm();
}

void EventLoop::StopOnSignals() {
  signals_.add(SIGTERM);
  signals_.add(SIGINT);
  signals_.async_wait([this](const boost::system::error_code& error, int) {
    if (!error) io_.stop();
  });
}

void EventLoop::Run() {
  const auto work = boost::asio::make_work_guard(io_);
  io_.run();
}

void EventLoop::Stop() { io_.stop(); }

}  // namespace broadcast::telegram
