// The parts that requests share: which fields an Update names, and how a List
// is asked. Pure; any thread.
#ifndef BROADCASTD_RPC_CONVERT_MASK_H_
#define BROADCASTD_RPC_CONVERT_MASK_H_

#include <google/protobuf/field_mask.pb.h>
#include <google/protobuf/message.h>

#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "content/violations.h"
#include "storage/list.h"

namespace broadcast::rpc {

// The fields that an Update changes: those of its update_mask; without one,
// the updatable fields that are set; with `*`, all that are updatable. A path
// that is not updatable is a violation, as is a change of nothing.
class Mask {
 public:
  template <typename Request>
  Mask(const Request& request, const google::protobuf::Message& resource,
       const std::vector<std::string>& updatable, Violations& violations)
      : Mask(request.has_update_mask() ? &request.update_mask() : nullptr,
             resource, updatable, violations) {}

  bool Names(absl::string_view field) const {
    return fields_.count(std::string(field)) != 0;
  }

 private:
  Mask(const google::protobuf::FieldMask* mask,
       const google::protobuf::Message& resource,
       const std::vector<std::string>& updatable, Violations& violations);

  std::set<std::string> fields_;
};

template <typename Request>
storage::ListRequest ListFromProto(const Request& request) {
  return {.page_size = request.page_size(),
          .page_token = request.page_token(),
          .filter = request.filter(),
          .order_by = request.order_by()};
}

}  // namespace broadcast::rpc

#endif  // BROADCASTD_RPC_CONVERT_MASK_H_
