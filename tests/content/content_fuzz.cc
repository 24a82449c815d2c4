// Feeds random input to every rule and checks what must always hold. Built
// with clang only; see CMakeLists.txt.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "absl/strings/string_view.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "content/address.h"
#include "content/content.h"
#include "content/fields.h"

namespace broadcast {
namespace {

void Require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

void RequireReadable(const Violations& violations) {
  for (const FieldViolation& violation : violations.kept()) {
    Require(IsUtf8(violation.field), "a field path is UTF-8");
    Require(IsUtf8(violation.description), "a description is UTF-8");
    Require(violation.description.size() < 300, "a description is short");
  }
}

void FuzzContent(absl::string_view input, ParseMode parse_mode) {
  const std::string text(input);
  const Content content = {
      .text = text, .parse_mode = parse_mode, .button_rows = {{{text, text}}}};
  Violations violations;
  Validate(content, "content", violations);
  RequireReadable(violations);
  const std::string document = ToJson(content);
  if (!IsUtf8(text)) return;
  const absl::StatusOr<Content> read = FromJson(document);
  Require(read.ok() && *read == content, "content survives a round trip");
  const Checked<std::string> visible = VisibleText(text, parse_mode);
  Require(CharacterCount(visible.value) <= CharacterCount(text),
          "markup is never shorter than what it shows");
}

void FuzzAddress(absl::string_view input, AddressKind kind) {
  Violations violations;
  const std::string address =
      NormalizeAddress(kind, input, "address", violations);
  RequireReadable(violations);
  Require(address.empty() != violations.empty(), "an address or a violation");
  if (address.empty()) return;
  Require(address.size() <= limits::kMaxUrlLength, "an address is bounded");
  Require(NormalizeAddress(kind, address, "address", violations) == address,
          "a normalised address stays as it is");
}

void FuzzFields(absl::string_view input) {
  const std::string text(input);
  Violations violations;
  Uuid(text, "id", violations);
  RequestId(text, "request_id", violations);
  Title(text, "title", violations);
  Reason(text, "reason", violations);
  AccountName(text, "account", violations);
  const std::string labels =
      Labels({{text, text}, {"key", text}}, "labels", violations);
  Require(LabelsFromJson(labels).ok(), "labels survive a round trip");
  RequireReadable(violations);
  static_cast<void>(LabelsFromJson(text));
  static_cast<void>(FromJson(text));
}

}  // namespace
}  // namespace broadcast

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view input(reinterpret_cast<const char*>(data), size);
  for (const auto mode :
       {broadcast::ParseMode::kNone, broadcast::ParseMode::kHtml,
        broadcast::ParseMode::kMarkdownV2}) {
    broadcast::FuzzContent(input, mode);
  }
  for (const auto kind :
       {broadcast::AddressKind::kTelegram, broadcast::AddressKind::kWebhook,
        broadcast::AddressKind::kLog}) {
    broadcast::FuzzAddress(input, kind);
  }
  broadcast::FuzzFields(input);
  return 0;
}
