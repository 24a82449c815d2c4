#include "delivery/loop.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace broadcast::delivery {
namespace {

// A clock that jumped must not put a wait off for ever.
constexpr std::chrono::seconds kLongestWait{60};

}  // namespace

void Mailbox::Post(Task task) {
  {
    const std::lock_guard<std::mutex> lock(mu_);
    if (closed_) return;
    tasks_.push_back(std::move(task));
    if (tasks_.size() > 1) return;  // it has been told
  }
  posted_.notify_one();
}

Loop::Loop(const Clock* clock, Round round)
    : clock_(clock), round_(std::move(round)) {}

Loop::~Loop() { Stop(); }

void Loop::Start() {
  thread_ = std::thread([this] { Run(); });
}

void Loop::Stop() {
  std::vector<Task> dropped;
  {
    const std::lock_guard<std::mutex> lock(mailbox_->mu_);
    mailbox_->closed_ = true;
    dropped.swap(mailbox_->tasks_);
  }
  mailbox_->posted_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Loop::Run() {
  std::vector<Task> tasks;
  SteadyTime until = clock_->Steady();
  while (Collect(until, tasks)) {
    for (Task& task : tasks) std::move(task)();
    tasks.clear();
    until = round_(clock_->Steady());
  }
}

bool Loop::Collect(SteadyTime until, std::vector<Task>& tasks) {
  const SteadyTime now = clock_->Steady();
  std::unique_lock<std::mutex> lock(mailbox_->mu_);
  if (until > now) {
    mailbox_->posted_.wait_for(
        lock, std::min<std::chrono::nanoseconds>(until - now, kLongestWait),
        [this] { return mailbox_->closed_ || !mailbox_->tasks_.empty(); });
  }
  tasks.swap(mailbox_->tasks_);
  return !mailbox_->closed_;
}

}  // namespace broadcast::delivery
