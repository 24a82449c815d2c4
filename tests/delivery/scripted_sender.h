// A sender that a test tells what to report. It remembers every attempt that
// was begun, and holds those that it is told to hold. Any thread.
#ifndef BROADCASTD_DELIVERY_SCRIPTED_SENDER_H_
#define BROADCASTD_DELIVERY_SCRIPTED_SENDER_H_

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "senders/sender.h"

namespace broadcast::delivery {

class ScriptedSender final : public senders::Sender {
 public:
  // What to report of an attempt; nothing: hold it.
  using Script =
      std::function<std::optional<senders::Report>(const senders::Attempt&)>;

  static senders::Report Done(int message) {
    return {.verdict = senders::Verdict::kDone,
            .phase = senders::Phase::kResponseRead,
            .message_id = absl::StrCat(message),
            .http_status = 200};
  }

  const senders::Capabilities& capabilities() const override {
    static const auto& all = *new senders::Capabilities{
        .edits = true, .deletes = true, .copies = true};
    return all;
  }

  void Start(senders::Attempt attempt,
             std::function<void(senders::Report)> done) override {
    std::optional<senders::Report> report;
    {
      absl::MutexLock lock(&mu_);
      attempts_.push_back(attempt);
      if (script_) {
        report = script_(attempt);
      } else {
        report = Done(++messages_);
      }
      if (!report.has_value()) held_.push_back(std::move(done));
    }
    if (report.has_value()) done(*report);
  }

  void Probe(std::string address, absl::Duration,
             std::function<void(senders::ProbeResult)> done) override {
    senders::ProbeResult result;
    {
      absl::MutexLock lock(&mu_);
      probed_.push_back(address);
      result = probe_;
    }
    done(result);
  }

  // Runs under the sender's lock.
  void Play(Script script) {
    absl::MutexLock lock(&mu_);
    script_ = std::move(script);
  }
  void HoldAll() {
    Play([](const senders::Attempt&) { return std::nullopt; });
  }
  void AnswerProbesWith(senders::ProbeResult result) {
    absl::MutexLock lock(&mu_);
    probe_ = std::move(result);
  }

  // Reports of all that are held, and holds no more.
  void LetGo() {
    std::vector<std::function<void(senders::Report)>> held;
    int first = 0;
    {
      absl::MutexLock lock(&mu_);
      script_ = nullptr;
      held.swap(held_);
      first = messages_;
      messages_ += static_cast<int>(held.size());
    }
    for (auto& done : held) done(Done(++first));
  }

  std::vector<senders::Attempt> attempts() const {
    absl::MutexLock lock(&mu_);
    return attempts_;
  }
  size_t begun() const {
    absl::MutexLock lock(&mu_);
    return attempts_.size();
  }
  // How often each delivery was begun.
  std::map<std::string, int> times() const {
    absl::MutexLock lock(&mu_);
    std::map<std::string, int> times;
    for (const senders::Attempt& attempt : attempts_) {
      ++times[attempt.delivery_id];
    }
    return times;
  }
  std::vector<std::string> probed() const {
    absl::MutexLock lock(&mu_);
    return probed_;
  }

 private:
  mutable absl::Mutex mu_;
  Script script_ ABSL_GUARDED_BY(mu_);
  senders::ProbeResult probe_ ABSL_GUARDED_BY(mu_);
  std::vector<senders::Attempt> attempts_ ABSL_GUARDED_BY(mu_);
  std::vector<std::string> probed_ ABSL_GUARDED_BY(mu_);
  std::vector<std::function<void(senders::Report)>> held_ ABSL_GUARDED_BY(mu_);
  int messages_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace broadcast::delivery

#endif  // BROADCASTD_DELIVERY_SCRIPTED_SENDER_H_
