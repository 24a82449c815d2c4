#include "cli/json_text.h"

#include "google/protobuf/util/json_util.h"

namespace broadcast::cli {

std::string JsonText(const google::protobuf::Message& message, JsonForm form) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = form == JsonForm::kIndented;
  options.always_print_primitive_fields = true;
  options.preserve_proto_field_names = true;
  std::string text;
  // Only an Any of an unknown type cannot be written, and ToProto() leaves
  // those out.
  (void)google::protobuf::util::MessageToJsonString(message, &text, options);
  if (text.empty() || text.back() != '\n') text.push_back('\n');
  return text;
}

}  // namespace broadcast::cli
