#include "entries/firing.h"

namespace broadcast::entries {
namespace {

using storage::Channel;
using storage::OnUnknown;
using storage::Platform;
using storage::Side;

void FillDefault(FiringSide& side, const FiringPolicy& policy) {
  if (side.content_id.has_value()) return;
  side.content_id = DefaultOf(side.side, policy).content_id;
  side.is_default = side.content_id.has_value();
}

FiringSide SideOf(const storage::Entry& entry, Side side,
                  const FiringPolicy& policy) {
  const bool open = side == Side::kOpen;
  const Channel& channel = open ? entry.channel_pair.open_channel
                                : entry.channel_pair.closed_channel;
  FiringSide made{.side = side,
                  .client_id = entry.client_id(),
                  .entry_id = entry.entry_id,
                  .channel_id = channel.channel_id,
                  .account = channel.account,
                  .platform = channel.platform,
                  .channel_state = channel.state,
                  .content_id = open ? entry.open_content.content_id
                                     : entry.closed_content.content_id};
  if (!made.content_id.has_value()) {
    made.content_id =
        open ? entry.client_open_content_id : entry.client_closed_content_id;
  }
  FillDefault(made, policy);
  return made;
}

// A chat that got a message twice has been annoyed; whoever serves a webhook
// knows the message by its id, and a log takes anything.
OnUnknown OnUnknownOf(Platform platform) {
  switch (platform) {
    case Platform::kTelegram:
      return OnUnknown::kHold;
    case Platform::kEmail:
    case Platform::kWebhook:
    case Platform::kLog:
      return OnUnknown::kResend;
  }
  return OnUnknown::kHold;
}

}  // namespace

FiringSides SidesOf(const storage::DueEntry& entry,
                    const FiringPolicy& policy) {
  FiringSides sides{{{.side = Side::kOpen,
                      .client_id = entry.client_id,
                      .entry_id = entry.entry_id,
                      .channel_id = entry.open_channel_id,
                      .account = entry.open_account,
                      .platform = entry.open_platform,
                      .channel_state = entry.open_state,
                      .content_id = entry.open_content_id},
                     {.side = Side::kClosed,
                      .client_id = entry.client_id,
                      .entry_id = entry.entry_id,
                      .channel_id = entry.closed_channel_id,
                      .account = entry.closed_account,
                      .platform = entry.closed_platform,
                      .channel_state = entry.closed_state,
                      .content_id = entry.closed_content_id}}};
  for (FiringSide& side : sides) FillDefault(side, policy);
  return sides;
}

FiringSides SidesOf(const storage::Entry& entry, const FiringPolicy& policy) {
  return {SideOf(entry, Side::kOpen, policy),
          SideOf(entry, Side::kClosed, policy)};
}

absl::string_view ProblemOf(const FiringSide& side,
                            const FiringPolicy& policy) {
  if (side.channel_state != storage::ChannelState::kActive) {
    return kChannelDisabled;
  }
  if (!side.content_id.has_value()) return kNoContent;
  if (AccountOf(side, policy) == nullptr) return kAccountUnavailable;
  return "";
}

const channels::Account* AccountOf(const FiringSide& side,
                                   const FiringPolicy& policy) {
  const auto found = policy.accounts->find(side.account);
  return channels::HasAccount(*policy.accounts, side.account, side.platform,
                              side.client_id)
             ? &found->second
             : nullptr;
}

storage::NewDelivery DeliveryOf(const FiringSide& side,
                                const FiringPolicy& policy,
                                const std::string& delivery_id,
                                const Timing& timing) {
  return {.delivery_id = delivery_id,
          .client_id = side.client_id,
          .channel_id = side.channel_id,
          .lane_id = channels::LaneOf(side.account, *AccountOf(side, policy),
                                      side.channel_id),
          .entry_id = side.entry_id,
          .side = side.side,
          .action = storage::DeliveryAction::kSend,
          .content_id = side.content_id,
          .on_unknown = OnUnknownOf(side.platform),
          .not_before = timing.not_before,
          .deadline = timing.deadline};
}

const storage::StoredContent& DefaultOf(Side side, const FiringPolicy& policy) {
  return side == Side::kOpen ? policy.default_open_content
                             : policy.default_closed_content;
}

}  // namespace broadcast::entries
