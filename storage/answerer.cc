#include "storage/answerer.h"

#include <utility>

namespace broadcast::storage {
namespace {

constexpr size_t kMostBatches = 4;

}  // namespace

void AnsweredJobs::Tell() {
  for (size_t i = 0; i < jobs.size(); ++i) jobs[i].done(answers[i]);
}

void Answerer::Start() {
  thread_ = std::thread([this] { Loop(); });
}

bool Answerer::HasRoom() const { return batches_.size() < kMostBatches; }

bool Answerer::HasWork() const { return stopping_ || !batches_.empty(); }

void Answerer::HandOver(AnsweredJobs batch) {
  absl::MutexLock lock(&mu_);
  mu_.Await(absl::Condition(this, &Answerer::HasRoom));
  batches_.push_back(std::move(batch));
}

void Answerer::Loop() {
  while (true) {
    AnsweredJobs batch;
    {
      absl::MutexLock lock(&mu_);
      mu_.Await(absl::Condition(this, &Answerer::HasWork));
      if (batches_.empty()) return;
      batch = std::move(batches_.front());
      batches_.pop_front();
    }
    batch.Tell();
  }
}

void Answerer::Stop() {
  {
    absl::MutexLock lock(&mu_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

}  // namespace broadcast::storage
