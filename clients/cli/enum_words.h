// The words of the contract's enums, as its filters spell them. Pure; any
// thread.
#ifndef BROADCASTD_CLI_ENUM_WORDS_H_
#define BROADCASTD_CLI_ENUM_WORDS_H_

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "google/protobuf/generated_enum_reflection.h"

namespace broadcast::cli {

// The name of `value` without its prefix: `ACTIVE` of STATE_ACTIVE; the number
// of one that this program is too old to know; empty for UNSPECIFIED.
template <typename Enum>
std::string WordOf(Enum value) {
  if (static_cast<int>(value) == 0) return "";
  const google::protobuf::EnumDescriptor* type =
      google::protobuf::GetEnumDescriptor<Enum>();
  const google::protobuf::EnumValueDescriptor* known =
      type->FindValueByNumber(static_cast<int>(value));
  if (known == nullptr) return absl::StrCat(static_cast<int>(value));
  std::string prefix;
  for (const char letter : type->name()) {
    if (absl::ascii_isupper(letter) && !prefix.empty()) prefix.push_back('_');
    prefix.push_back(absl::ascii_toupper(letter));
  }
  return std::string(
      absl::StripPrefix(known->name(), absl::StrCat(prefix, "_")));
}

}  // namespace broadcast::cli

#endif  // BROADCASTD_CLI_ENUM_WORDS_H_
