#include "rpc/policy.h"

#include <utility>

namespace broadcast::rpc {
namespace {

storage::StoredContent Stored(const std::optional<Content>& content) {
  if (!content.has_value()) return {};
  std::string document = ToJson(*content);
  std::string id = ContentId(document);
  return {.content_id = std::move(id), .body = std::move(document)};
}

}  // namespace

entries::FiringPolicy FiringPolicyOf(const Policy& policy) {
  return {.accounts = &policy.accounts,
          .default_open_content = Stored(policy.default_open_content),
          .default_closed_content = Stored(policy.default_closed_content)};
}

feeds::FeedPolicy FeedPolicyOf(const Policy& policy) {
  return {.accounts = &policy.accounts,
          .ids = policy.ids,
          .default_tracking = policy.default_tracking};
}

}  // namespace broadcast::rpc
