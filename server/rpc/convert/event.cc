#include "rpc/convert/event.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include <cmath>
#include <string>

#include "absl/strings/str_cat.h"
#include "rpc/convert/time.h"

namespace broadcast::rpc {
namespace {

// Words and numbers; what is neither is left out.
void DetailToProto(const std::string& json, v1::Event& proto) {
  google::protobuf::Struct detail;
  if (!google::protobuf::util::JsonStringToMessage(json, &detail).ok()) return;
  for (const auto& [key, value] : detail.fields()) {
    switch (value.kind_case()) {
      case google::protobuf::Value::kStringValue:
        (*proto.mutable_detail())[key] = value.string_value();
        break;
      case google::protobuf::Value::kNumberValue: {
        const double number = value.number_value();
        (*proto.mutable_detail())[key] =
            std::trunc(number) == number && std::abs(number) < 9e15
                ? absl::StrCat(static_cast<int64_t>(number))
                : absl::StrCat(number);
        break;
      }
      case google::protobuf::Value::kBoolValue:
        (*proto.mutable_detail())[key] = value.bool_value() ? "true" : "false";
        break;
      default:
        break;
    }
  }
}

}  // namespace

void EventToProto(const storage::Event& event, v1::Event& proto) {
  proto.set_resume_token(event.token);
  proto.set_kind(event.kind);
  proto.set_client_id(event.client_id.value_or(""));
  proto.set_operation_id(event.operation_id.value_or(""));
  proto.set_entry_id(event.entry_id.value_or(""));
  proto.set_channel_id(event.channel_id.value_or(""));
  proto.set_delivery_id(event.delivery_id.value_or(""));
  DetailToProto(event.detail, proto);
  *proto.mutable_create_time() = TimeToProto(event.create_time);
}

}  // namespace broadcast::rpc
