#include "rpc/message_methods.h"

#include <string>

#include "base/status_macros.h"
#include "content/fields.h"
#include "rpc/convert/mask.h"
#include "rpc/convert/message.h"

namespace broadcast::rpc {
namespace {

// Empty if it is not given.
std::string UuidOrNone(const std::string& text, absl::string_view field,
                       Violations& violations) {
  return text.empty() ? "" : Uuid(text, field, violations);
}

}  // namespace

absl::StatusOr<storage::ListPlan> ListMessagesMethod::Parse(
    const Request& request, const storage::Scope& scope) {
  Violations violations;
  const std::string channel_id =
      UuidOrNone(request.channel_id(), "channel_id", violations);
  const std::string feed_id =
      UuidOrNone(request.feed_id(), "feed_id", violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return storage::PlanMessageList(ListFromProto(request), scope, channel_id,
                                  feed_id);
}

absl::StatusOr<storage::Page<storage::Message>> ListMessagesMethod::Load(
    storage::Transaction& transaction, const storage::Scope&,
    const Command& plan) {
  return storage::ListMessages(transaction, plan);
}

void ListMessagesMethod::Answer(const Result& page, const Policy&,
                                Response& response) {
  for (const storage::Message& message : page.rows) {
    MessageToProto(message, *response.add_messages());
  }
  response.set_next_page_token(page.next_page_token);
}

}  // namespace broadcast::rpc
