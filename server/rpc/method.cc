#include "rpc/method.h"

#include <google/protobuf/descriptor.h>

#include "absl/strings/str_cat.h"
#include "broadcast/v1/authorization.pb.h"

namespace broadcast::rpc {

std::optional<auth::Permission> RequiredScopeOf(const RpcName& name) {
  const google::protobuf::MethodDescriptor* method =
      google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
          absl::StrCat(name.service, ".", name.method));
  if (method == nullptr) return std::nullopt;
  return auth::Permission::Parse(
      method->options().GetExtension(v1::required_scope));
}

}  // namespace broadcast::rpc
