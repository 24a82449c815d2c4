#include "sync/read_plan.h"

#include <utility>

#include "base/errors.h"
#include "base/limits.h"
#include "base/status_macros.h"
#include "storage/channels.h"
#include "storage/feeds.h"
#include "storage/plan_reads.h"

namespace broadcast::sync {
namespace {

using storage::Channel;
using storage::Scope;
using storage::Transaction;

constexpr int kPagesPerRead = 10;
constexpr int64_t kChannelsPerRead = 100;

void Count(Verdict verdict, Actions& actions) {
  switch (verdict) {
    case Verdict::kPost:
    case Verdict::kCopy:
      ++actions.posts;
      break;
    case Verdict::kEdit:
      ++actions.edits;
      break;
    case Verdict::kDelete:
      ++actions.deletes;
      break;
    case Verdict::kTombstone:
      ++actions.tombstones;
      break;
    case Verdict::kKeep:
    case Verdict::kUndeletable:
    case Verdict::kUnknown:
      break;
  }
}

}  // namespace

PlanReader::PlanReader(Scope scope, feeds::FeedPolicy policy,
                       PlanQuestion question)
    : scope_(std::move(scope)),
      policy_(policy),
      question_(std::move(question)) {}

absl::Status PlanReader::Read(Transaction& transaction) {
  next_ = at_;
  next_channels_.clear();
  const size_t sampled = next_.samples.size();
  if (!next_.begun) RETURN_IF_ERROR(Begin(transaction));
  for (int page = 0; page < kPagesPerRead && !next_.done; ++page) {
    if (next_.leg < next_.legs.size()) {
      RETURN_IF_ERROR(ReadLeg(transaction));
    } else if (next_.more_channels) {
      RETURN_IF_ERROR(FindMoreChannels(transaction));
    } else {
      next_.done = true;
    }
  }
  return next_.samples.size() == sampled ? absl::OkStatus()
                                         : NameSamples(transaction);
}

void PlanReader::Keep() {
  at_ = std::move(next_);
  for (PlannedChannel& channel : next_channels_) {
    channels_.push_back(std::move(channel));
  }
  next_channels_.clear();
}

absl::Status PlanReader::Check() const {
  return !question_.expected.has_value() ||
                 question_.expected->hash == at_.fingerprint.Hash()
             ? absl::OkStatus()
             : error::PlanChanged();
}

WholePlan PlanReader::TakePlan() {
  return {.as_of = at_.as_of,
          .counts = at_.counts,
          .actions = at_.actions,
          .probes = at_.probes,
          .samples = std::move(at_.samples),
          .hash = at_.fingerprint.Hash(),
          .channels = std::move(channels_)};
}

absl::Status PlanReader::Begin(Transaction& transaction) {
  next_.begun = true;
  const absl::Time now = transaction.now();
  next_.as_of = question_.as_of.value_or(now);
  if (question_.expected.has_value()) {
    next_.as_of = question_.expected->as_of;
    if (now - next_.as_of > limits::kPlanValidity) return error::PlanExpired();
    // No plan was ever shown for a time that is yet to come.
    if (next_.as_of > now) return error::PlanChanged();
  }
  return BeginWith(transaction);
}

absl::Status PlanReader::BeginWith(Transaction& transaction) {
  if (!question_.legs.empty()) {
    next_.legs = question_.legs;
    return absl::OkStatus();
  }
  if (question_.channel_id.has_value()) return FindChannel(transaction);
  if (question_.feed_id.has_value()) return FindFeedChannels(transaction);
  next_.more_channels = true;
  return absl::OkStatus();
}

absl::Status PlanReader::FindChannel(Transaction& transaction) {
  const std::string& id = *question_.channel_id;
  ASSIGN_OR_RETURN(const auto channel,
                   storage::FindChannel(transaction, scope_, id));
  if (!channel.has_value()) return error::ChannelNotFound(id);
  if (channel->state != storage::ChannelState::kActive) {
    return error::ChannelNotActive(id, ToText(channel->state));
  }
  if (feeds::AccountOf(*channel, policy_) == nullptr) {
    return error::AccountUnavailable(channel->account);
  }
  AddLeg(*channel);
  return absl::OkStatus();
}

absl::Status PlanReader::FindFeedChannels(Transaction& transaction) {
  const std::string& id = *question_.feed_id;
  ASSIGN_OR_RETURN(const auto feed, storage::FindFeed(transaction, scope_, id));
  if (!feed.has_value()) return error::FeedNotFound(id);
  if (!feeds::Tracks(*feed, policy_)) return error::TrackingDisabled(id);
  ASSIGN_OR_RETURN(const auto channels,
                   storage::ReadFeedChannels(transaction, scope_, id));
  for (const Channel& channel : channels) AddLeg(channel);
  return absl::OkStatus();
}

absl::Status PlanReader::FindMoreChannels(Transaction& transaction) {
  next_.legs.clear();
  next_.leg = 0;
  ASSIGN_OR_RETURN(const auto ids, storage::ReadFeedChannelIds(
                                       transaction, scope_, next_.after_channel,
                                       kChannelsPerRead));
  next_.more_channels = static_cast<int64_t>(ids.size()) == kChannelsPerRead;
  for (const std::string& id : ids) {
    next_.after_channel = id;
    ASSIGN_OR_RETURN(const auto channel,
                     storage::FindChannel(transaction, scope_, id));
    if (channel.has_value()) AddLeg(*channel);
  }
  return absl::OkStatus();
}

void PlanReader::AddLeg(const Channel& channel) {
  if (!feeds::IsReachable(channel, policy_)) return;
  next_.legs.push_back(
      {.channel = channel,
       .feed_id = question_.feed_id,
       .rules = RulesOf(question_.mode, channel.platform, next_.as_of)});
}

absl::Status PlanReader::ReadLeg(Transaction& transaction) {
  const Leg& leg = next_.legs[next_.leg];
  if (next_.feed_done) {
    ASSIGN_OR_RETURN(const auto feed_id,
                     NextFeed(transaction, scope_, leg, next_.at.feed_id));
    if (!feed_id.has_value()) {
      NextLeg();
      return absl::OkStatus();
    }
    next_.at = {.feed_id = *feed_id};
    next_.feed_done = false;
  }
  ASSIGN_OR_RETURN(const auto turn, FindTurn(transaction, scope_, policy_, leg,
                                             next_.at.feed_id, std::nullopt));
  if (!turn.has_value()) {
    next_.feed_done = true;
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const FeedPage page,
                   ReadFeedPage(transaction, scope_, leg, *turn,
                                next_.at.post_id, next_.as_of));
  const Merged merged =
      Merge(page.page(), leg.rules, [&](const Decision& decision) {
        Take(leg, decision);
        return true;
      });
  if (merged.last.has_value()) next_.at = *merged.last;
  next_.feed_done = merged.done;
  return absl::OkStatus();
}

void PlanReader::NextLeg() {
  ++next_.leg;
  next_.listed = false;
  next_.told = false;
  next_.at = {};
  next_.feed_done = true;
}

void PlanReader::Take(const Leg& leg, const Decision& decision) {
  next_.counts.Add(CountsOf(leg, decision));
  if (IsProbed(leg, decision)) {
    ++next_.probes;
    List(leg.channel);
  }
  if (!Acts(decision, leg.rules)) return;
  List(leg.channel);
  if (!next_.told) next_.fingerprint.AddChannel(leg.channel.channel_id);
  next_.told = true;
  next_.fingerprint.Add(decision);
  Count(decision.verdict, next_.actions);
  Sample(leg, decision);
}

bool PlanReader::IsProbed(const Leg& leg, const Decision& decision) const {
  return question_.verify && feeds::CanProbe(leg.channel.platform) &&
         decision.message != nullptr && CanBeProbed(decision.message->presence);
}

void PlanReader::List(const Channel& channel) {
  if (next_.listed) return;
  next_.listed = true;
  next_channels_.push_back(
      {.channel_id = channel.channel_id, .client_id = channel.client_id});
}

void PlanReader::Sample(const Leg& leg, const Decision& decision) {
  if (next_.samples.size() >= limits::kMaxSampleIds) return;
  SampleAction sample{.verdict = decision.verdict,
                      .channel_id = leg.channel.channel_id,
                      .place = decision.place()};
  if (decision.message != nullptr) {
    sample.message_id = decision.message->message_id;
  } else {
    sample.message_id = decision.post->original_id.value_or("");
  }
  next_.samples.push_back(std::move(sample));
}

absl::Status PlanReader::NameSamples(Transaction& transaction) {
  std::vector<std::string> post_ids;
  post_ids.reserve(next_.samples.size());
  for (const SampleAction& sample : next_.samples) {
    post_ids.push_back(sample.place.post_id);
  }
  ASSIGN_OR_RETURN(const auto names,
                   storage::FindExternalIds(transaction, scope_, post_ids));
  for (SampleAction& sample : next_.samples) {
    const auto name = names.find(sample.place.post_id);
    if (name != names.end()) sample.external_id = name->second;
  }
  return absl::OkStatus();
}

}  // namespace broadcast::sync
