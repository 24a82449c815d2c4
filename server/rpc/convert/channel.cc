#include "rpc/convert/channel.h"

#include <optional>

#include "base/errors.h"
#include "base/etag.h"
#include "base/status_macros.h"
#include "content/address.h"
#include "content/fields.h"
#include "rpc/convert/time.h"

namespace broadcast::rpc {
namespace {

std::optional<storage::Platform> PlatformFromProto(v1::Platform platform) {
  switch (platform) {
    case v1::PLATFORM_TELEGRAM:
      return storage::Platform::kTelegram;
    case v1::PLATFORM_EMAIL:
      return storage::Platform::kEmail;
    case v1::PLATFORM_WEBHOOK:
      return storage::Platform::kWebhook;
    case v1::PLATFORM_LOG:
      return storage::Platform::kLog;
    default:
      return std::nullopt;
  }
}

// Nothing for a platform whose addresses are not known yet.
std::optional<AddressKind> KindOf(storage::Platform platform) {
  switch (platform) {
    case storage::Platform::kTelegram:
      return AddressKind::kTelegram;
    case storage::Platform::kWebhook:
      return AddressKind::kWebhook;
    case storage::Platform::kLog:
      return AddressKind::kLog;
    case storage::Platform::kEmail:
      return std::nullopt;
  }
  return std::nullopt;
}

channels::ChannelSpec SpecFromProto(bool present, const v1::ChannelSpec& proto,
                                    const std::string& field, IdSource& ids,
                                    Violations& violations) {
  if (!present) {
    violations.Add(field, "is required");
    return {};
  }
  Destination destination = DestinationFromProto(
      proto.platform(), proto.address(), field, violations);
  return {.new_id = ids.Next(),
          .platform = destination.platform,
          .address = std::move(destination.address),
          .account = AccountName(proto.account(), Subfield(field, "account"),
                                 violations),
          .title = Title(proto.title(), Subfield(field, "title"), violations)};
}

absl::Status CheckAccount(const channels::ChannelSpec& spec,
                          const std::string& client_id,
                          const std::string& field, const Policy& policy) {
  RETURN_IF_ERROR(CheckPlatform(spec, field));
  if (!channels::HasAccount(policy.accounts, spec.account, spec.platform,
                            client_id)) {
    return error::ChannelAccountUnknown(Subfield(field, "account"),
                                        spec.account, ToText(spec.platform));
  }
  return absl::OkStatus();
}

}  // namespace

v1::Platform PlatformToProto(storage::Platform platform) {
  switch (platform) {
    case storage::Platform::kTelegram:
      return v1::PLATFORM_TELEGRAM;
    case storage::Platform::kEmail:
      return v1::PLATFORM_EMAIL;
    case storage::Platform::kWebhook:
      return v1::PLATFORM_WEBHOOK;
    case storage::Platform::kLog:
      return v1::PLATFORM_LOG;
  }
  return v1::PLATFORM_UNSPECIFIED;
}

void ChannelToProto(const storage::Channel& channel, v1::Channel& proto) {
  proto.set_channel_id(channel.channel_id);
  proto.set_client_id(channel.client_id);
  proto.set_platform(PlatformToProto(channel.platform));
  proto.set_address(channel.address);
  proto.set_account(channel.account);
  proto.set_title(channel.title);
  proto.set_state(channel.state == storage::ChannelState::kActive
                      ? v1::Channel::STATE_ACTIVE
                      : v1::Channel::STATE_DISABLED);
  proto.set_state_reason(channel.state_reason);
  *proto.mutable_create_time() = TimeToProto(channel.create_time);
  *proto.mutable_update_time() = TimeToProto(channel.update_time);
  proto.set_etag(EtagOf(channel.revision));
}

void ChannelPairToProto(const storage::ChannelPair& pair,
                        v1::ChannelPair& proto) {
  proto.set_channel_pair_id(pair.channel_pair_id);
  proto.set_client_id(pair.client_id);
  ChannelToProto(pair.open_channel, *proto.mutable_open_channel());
  ChannelToProto(pair.closed_channel, *proto.mutable_closed_channel());
  *proto.mutable_create_time() = TimeToProto(pair.create_time);
}

channels::ChannelSpec ChannelFromProto(const v1::ChannelSpec& proto,
                                       const std::string& field, IdSource& ids,
                                       Violations& violations) {
  return SpecFromProto(true, proto, field, ids, violations);
}

absl::Status CheckPlatform(const channels::ChannelSpec& spec,
                           const std::string& field) {
  return KindOf(spec.platform).has_value()
             ? absl::OkStatus()
             : error::ChannelPlatformUnsupported(Subfield(field, "platform"),
                                                 ToText(spec.platform));
}

Destination DestinationFromProto(v1::Platform platform,
                                 const std::string& address,
                                 absl::string_view field,
                                 Violations& violations) {
  const auto known = PlatformFromProto(platform);
  if (!known.has_value()) {
    violations.Add(Subfield(field, "platform"),
                   "must be one of PLATFORM_TELEGRAM, PLATFORM_WEBHOOK and "
                   "PLATFORM_LOG");
    return {};
  }
  Destination destination{.platform = *known};
  if (const auto kind = KindOf(*known); kind.has_value()) {
    destination.address = NormalizeAddress(
        *kind, address, Subfield(field, "address"), violations);
  }
  return destination;
}

absl::Status PairFromProto(bool has_open, const v1::ChannelSpec& open,
                           bool has_closed, const v1::ChannelSpec& closed,
                           const Policy& policy, channels::PairSpec& pair,
                           Violations& violations) {
  const std::string open_field = pair.Field("open_channel");
  const std::string closed_field = pair.Field("closed_channel");
  const size_t before = violations.kept().size() + violations.omitted();
  pair.open =
      SpecFromProto(has_open, open, open_field, *policy.ids, violations);
  pair.closed =
      SpecFromProto(has_closed, closed, closed_field, *policy.ids, violations);
  if (violations.kept().size() + violations.omitted() > before) {
    return absl::OkStatus();
  }
  // Addresses of a platform that cannot be sent to are not read.
  if (KindOf(pair.open.platform).has_value() &&
      pair.open.platform == pair.closed.platform &&
      pair.open.address == pair.closed.address) {
    violations.Add(closed_field,
                   "must be another destination than the open channel");
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(CheckAccount(pair.open, pair.client_id, open_field, policy));
  return CheckAccount(pair.closed, pair.client_id, closed_field, policy);
}

}  // namespace broadcast::rpc
