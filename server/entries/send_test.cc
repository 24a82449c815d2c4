#include "entries/send_test.h"

#include "base/errors.h"
#include "base/limits.h"
#include "base/status_macros.h"
#include "content/address.h"
#include "content/violations.h"
#include "storage/channels.h"
#include "storage/contents.h"
#include "storage/entries.h"
#include "storage/once.h"
#include "storage/operations.h"

namespace broadcast::entries {
namespace {

using storage::Platform;
using storage::Scope;
using storage::Side;
using storage::Transaction;

constexpr absl::string_view kField = "address";

absl::StatusOr<AddressKind> AddressKindOf(Platform platform) {
  switch (platform) {
    case Platform::kTelegram:
      return AddressKind::kTelegram;
    case Platform::kWebhook:
      return AddressKind::kWebhook;
    case Platform::kLog:
      return AddressKind::kLog;
    case Platform::kEmail:
      break;
  }
  return error::ChannelPlatformUnsupported(kField, ToText(platform));
}

// The address as it is sent to, unless it is not for the client to write to.
absl::StatusOr<std::string> Destination(Transaction& transaction,
                                        const FiringSide& side,
                                        const std::string& address) {
  ASSIGN_OR_RETURN(const AddressKind kind, AddressKindOf(side.platform));
  Violations violations;
  std::string normal = NormalizeAddress(kind, address, kField, violations);
  RETURN_IF_ERROR(violations.ToStatus());
  ASSIGN_OR_RETURN(const auto registered,
                   storage::FindChannelByAddress(transaction, side.client_id,
                                                 side.platform, normal));
  if (registered.has_value() && registered->client_id != side.client_id) {
    return error::ChannelTaken(kField);
  }
  return normal;
}

absl::StatusOr<SentTest> Decide(Transaction& transaction, const Scope& scope,
                                const FiringPolicy& policy,
                                const SendTestCommand& command) {
  ASSIGN_OR_RETURN(const auto entry,
                   storage::FindEntry(transaction, scope, command.entry_id));
  if (!entry.has_value()) return error::EntryNotFound(command.entry_id);
  const FiringSides sides = SidesOf(*entry, policy);
  const FiringSide& side = command.side == Side::kOpen ? sides[0] : sides[1];
  ASSIGN_OR_RETURN(std::string address,
                   Destination(transaction, side, command.address));
  if (!side.content_id.has_value()) {
    return error::EntryContentMissing(command.entry_id, ToText(side.side));
  }
  if (AccountOf(side, policy) == nullptr) {
    return error::AccountUnavailable(side.account);
  }
  if (side.is_default) {
    RETURN_IF_ERROR(
        storage::StoreContents(transaction, {&DefaultOf(side.side, policy)}));
  }
  const absl::Time now = transaction.now();
  storage::NewOperation made{
      .operation = {.operation_id = command.operation_id,
                    .client_id = side.client_id,
                    .entry_id = side.entry_id,
                    .kind = storage::OperationKind::kTest},
      .deliveries = {DeliveryOf(
          side, policy, command.delivery_id,
          {.not_before = now, .deadline = now + limits::kTestTime})}};
  made.deliveries[0].address = std::move(address);
  RETURN_IF_ERROR(storage::AgainIfCollected(
      storage::InsertOperations(transaction, scope, absl::MakeSpan(&made, 1))));
  SentTest sent;
  ASSIGN_OR_RETURN(
      sent.operation,
      storage::FindOperation(transaction, scope, command.operation_id));
  return sent;
}

}  // namespace

absl::StatusOr<SentTest> SendTest(Transaction& transaction, const Scope& scope,
                                  const storage::RequestKey& request,
                                  const FiringPolicy& policy,
                                  const SendTestCommand& command) {
  return storage::Once(
      transaction, request,
      [&] { return Decide(transaction, scope, policy, command); },
      [](const SentTest& sent) { return sent.operation->operation_id; },
      [&](const std::string& operation_id) -> absl::StatusOr<SentTest> {
        SentTest sent;
        ASSIGN_OR_RETURN(sent.operation, storage::FindOperation(
                                             transaction, scope, operation_id));
        return sent;
      });
}

}  // namespace broadcast::entries
