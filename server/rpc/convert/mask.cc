#include "rpc/convert/mask.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace broadcast::rpc {
namespace {

bool IsSet(const google::protobuf::Message& resource,
           const std::string& field) {
  const auto* described = resource.GetDescriptor()->FindFieldByName(field);
  if (described->is_repeated()) {
    return resource.GetReflection()->FieldSize(resource, described) > 0;
  }
  return resource.GetReflection()->HasField(resource, described);
}

}  // namespace

Mask::Mask(const google::protobuf::FieldMask* mask,
           const google::protobuf::Message& resource,
           const std::vector<std::string>& updatable, Violations& violations) {
  const std::string choices =
      absl::StrCat("must name some of ", absl::StrJoin(updatable, ", "),
                   ", or be * for all of them");
  if (mask == nullptr) {
    for (const std::string& field : updatable) {
      if (IsSet(resource, field)) fields_.insert(field);
    }
  } else {
    for (const std::string& path : mask->paths()) {
      if (path == "*") {
        fields_.insert(updatable.begin(), updatable.end());
      } else if (std::find(updatable.begin(), updatable.end(), path) !=
                 updatable.end()) {
        fields_.insert(path);
      } else {
        violations.Add("update_mask", choices);
        return;
      }
    }
  }
  if (fields_.empty()) violations.Add("update_mask", choices);
}

}  // namespace broadcast::rpc
