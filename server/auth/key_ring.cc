#include "auth/key_ring.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace broadcast::auth {
namespace {

// Whoever sends tokens with made-up key ids makes us look no more often.
constexpr absl::Duration kShortestInterval = absl::Seconds(1);

bool SameKeys(const KeySet& a, const KeySet& b) {
  return std::equal(a.entries().begin(), a.entries().end(), b.entries().begin(),
                    b.entries().end(),
                    [](const KeySet::Entry& one, const KeySet::Entry& other) {
                      return one.key->fingerprint() ==
                                 other.key->fingerprint() &&
                             one.key->key_id() == other.key->key_id() &&
                             one.retire_time == other.retire_time;
                    });
}

}  // namespace

KeyRing::KeyRing(std::vector<std::unique_ptr<KeySource>> sources,
                 const Options& options, const Clock* clock, Log* log)
    : options_(options),
      clock_(clock),
      log_(log),
      keys_(std::make_shared<const KeySet>()) {
  for (auto& source : sources) {
    sources_.push_back(Source{.from = std::move(source)});
  }
}

absl::StatusOr<std::unique_ptr<KeyRing>> KeyRing::Open(
    std::vector<std::unique_ptr<KeySource>> sources, const Options& options,
    const Clock* clock, Log* log) {
  std::unique_ptr<KeyRing> ring(
      new KeyRing(std::move(sources), options, clock, log));
  for (Source& source : ring->sources_) {
    const absl::Status asked = ring->Ask(source);
    if (!asked.ok() && !absl::IsUnavailable(asked)) {
      return absl::InvalidArgumentError(asked.message());
    }
  }
  ring->Publish();
  return ring;
}

KeyRing::Current KeyRing::keys() const {
  absl::MutexLock lock(&mu_);
  return {keys_, generation_};
}

void KeyRing::Wake() {
  absl::MutexLock lock(&mu_);
  woken_ = true;
}

absl::Status KeyRing::Ask(Source& source) {
  source.next_question =
      clock_->Steady() + absl::ToChronoNanoseconds(source.from->peace());
  auto loaded = source.from->Load();
  if (loaded.ok()) {
    source.last_good = *std::move(loaded);
    source.failing = false;
    return absl::OkStatus();
  }
  const std::string problem =
      absl::StrCat(source.from->name(), ": ", loaded.status().message());
  if (!source.failing) {
    log_->Write(Severity::kError, "auth.keys_not_loaded",
                {{"source", source.from->name()},
                 {"problem", problem},
                 {"kept_keys", static_cast<int64_t>(source.last_good.size())}});
  }
  source.failing = true;
  return absl::Status(loaded.status().code(), problem);
}

void KeyRing::Reload() {
  for (Source& source : sources_) {
    if (clock_->Steady() < source.next_question) continue;
    Ask(source).IgnoreError();
    // At once: the next source may keep us waiting.
    Publish();
  }
  // Also what retires.
  Publish();
}

void KeyRing::Publish() {
  std::vector<KeyPointer> fresh;
  for (const Source& source : sources_) {
    fresh.insert(fresh.end(), source.last_good.begin(), source.last_good.end());
  }
  const KeySetPointer former = keys().keys;
  auto next = std::make_shared<const KeySet>(
      Succeed(*former, fresh, clock_->Now(), options_.overlap));
  if (SameKeys(*former, *next)) return;
  const auto count = static_cast<int64_t>(next->entries().size());
  {
    absl::MutexLock lock(&mu_);
    keys_ = std::move(next);
    ++generation_;
  }
  log_->Write(
      Severity::kInfo, "auth.keys_changed",
      {{"keys", count}, {"of_sources", static_cast<int64_t>(fresh.size())}});
}

bool KeyRing::ShouldLook() const { return woken_ || stopping_; }

void KeyRing::Start() {
  thread_ = std::thread([this] { Loop(); });
}

void KeyRing::Loop() {
  absl::Duration waited = absl::ZeroDuration();
  while (true) {
    {
      absl::MutexLock lock(&mu_);
      // The short pause first: a wake within it waits for its end.
      if (mu_.AwaitWithTimeout(absl::Condition(&stopping_),
                               kShortestInterval)) {
        return;
      }
      waited += kShortestInterval;
      if (waited < options_.reload_interval && !ShouldLook()) {
        continue;
      }
      woken_ = false;
    }
    waited = absl::ZeroDuration();
    Reload();
  }
}

void KeyRing::Stop() {
  {
    absl::MutexLock lock(&mu_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

}  // namespace broadcast::auth
