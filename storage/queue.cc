#include "storage/queue.h"

namespace broadcast::storage {
namespace {

// While requests wait, background work goes first this seldom.
constexpr int kBackgroundTurn = 8;

}  // namespace

bool JobQueue::Push(Job& job) {
  absl::MutexLock lock(&mu_);
  if (closed_ || requests_.size() + background_.size() >= capacity_) {
    return false;
  }
  auto& waiting = job.priority == Priority::kRequest ? requests_ : background_;
  waiting.push_back(std::move(job));
  return true;
}

std::vector<Job> JobQueue::Take(size_t most) {
  std::vector<Job> taken;
  absl::MutexLock lock(&mu_);
  mu_.Await(absl::Condition(
      +[](JobQueue* queue) ABSL_EXCLUSIVE_LOCKS_REQUIRED(queue->mu_) {
        return queue->closed_ || !queue->requests_.empty() ||
               !queue->background_.empty();
      },
      this));
  const auto take = [&taken](std::deque<Job>& waiting) {
    taken.push_back(std::move(waiting.front()));
    waiting.pop_front();
  };
  ++turn_;
  if (!background_.empty() &&
      (requests_.empty() || turn_ % kBackgroundTurn == 0)) {
    take(background_);
  }
  while (taken.size() < most && !requests_.empty()) take(requests_);
  return taken;
}

void JobQueue::Close() {
  absl::MutexLock lock(&mu_);
  closed_ = true;
}

size_t JobQueue::size() const {
  absl::MutexLock lock(&mu_);
  return requests_.size() + background_.size();
}

bool JobQueue::closed() const {
  absl::MutexLock lock(&mu_);
  return closed_;
}

}  // namespace broadcast::storage
