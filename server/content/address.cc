#include "content/address.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "content/checked.h"
#include "content/url.h"

namespace broadcast {
namespace {

constexpr size_t kMinNameLength = 5;
constexpr size_t kMaxNameLength = 32;

Checked<std::string> TelegramName(absl::string_view name) {
  const bool good =
      name.size() >= kMinNameLength && name.size() <= kMaxNameLength &&
      absl::ascii_isalpha(name[0]) &&
      std::all_of(name.begin(), name.end(),
                  [](char c) { return absl::ascii_isalnum(c) || c == '_'; });
  if (!good) {
    return {.problem = absl::StrCat(
                "must be a public name such as @my_channel: @ and ",
                kMinNameLength, " to ", kMaxNameLength,
                " letters, digits or underscores, the first a letter")};
  }
  return {.value = absl::StrCat("@", absl::AsciiStrToLower(name))};
}

Checked<std::string> TelegramAddress(absl::string_view text) {
  if (absl::StartsWith(text, "@")) return TelegramName(text.substr(1));
  const absl::string_view digits =
      absl::StartsWith(text, "-") ? text.substr(1) : text;
  const bool number =
      !digits.empty() &&
      std::all_of(digits.begin(), digits.end(), absl::ascii_isdigit);
  if (!number) {
    return {.problem =
                "must be a Telegram chat id such as -1001234567890, or "
                "a public name such as @my_channel"};
  }
  int64_t chat_id = 0;
  if (!absl::SimpleAtoi(text, &chat_id) || chat_id == 0) {
    return {.problem =
                "must be a Telegram chat id: a signed 64-bit integer "
                "but 0"};
  }
  return {.value = absl::StrCat(chat_id)};
}

std::string WebhookProblem(const Url& url) {
  if (url.scheme != "https") {
    return "must be an https URL such as https://example.com/hook";
  }
  if (url.has_user_info) {
    return "must have no user information before its host; the account signs "
           "what is sent";
  }
  if (url.has_fragment) return "must have no fragment: drop '#' and the rest";
  return "";
}

Checked<std::string> WebhookAddress(absl::string_view text) {
  if (!std::all_of(text.begin(), text.end(), absl::ascii_isascii)) {
    return {.problem =
                "must be ASCII: write an international host in "
                "punycode and percent-encode the rest"};
  }
  const Checked<Url> parsed = ParseUrl(text);
  const Url& url = parsed.value;
  std::string problem = parsed.ok() ? WebhookProblem(url) : parsed.problem;
  if (!problem.empty()) return {.problem = std::move(problem)};
  int port = 443;
  if (!url.port.empty() && !absl::SimpleAtoi(url.port, &port)) port = 0;
  std::string address = absl::StrCat(
      "https://", url.host, port == 443 ? "" : absl::StrCat(":", port),
      absl::StartsWith(url.path_and_query, "/") ? "" : "/", url.path_and_query);
  if (address.size() > limits::kMaxUrlLength) {
    return {.problem = absl::StrCat("has ", address.size(), " bytes; at most ",
                                    limits::kMaxUrlLength, " are allowed")};
  }
  return {.value = std::move(address)};
}

Checked<std::string> LogAddress(absl::string_view text) {
  const bool good =
      text.size() <= limits::kMaxLogAddressLength &&
      std::all_of(text.begin(), text.end(), [](char c) {
        return absl::ascii_isalnum(c) || c == '.' || c == '_' || c == '-';
      });
  if (!good) {
    return {.problem =
                absl::StrCat("must be 1 to ", limits::kMaxLogAddressLength,
                             " of the characters A-Z, a-z, 0-9, '.', "
                             "'_' and '-'")};
  }
  return {.value = std::string(text)};
}

Checked<std::string> Normalize(AddressKind kind, absl::string_view text) {
  if (text.empty()) return {.problem = "must not be empty: give a destination"};
  switch (kind) {
    case AddressKind::kTelegram:
      return TelegramAddress(text);
    case AddressKind::kWebhook:
      return WebhookAddress(text);
    case AddressKind::kLog:
      return LogAddress(text);
  }
  return {.problem = "is of a kind that cannot be sent to"};
}

}  // namespace

std::string NormalizeAddress(AddressKind kind, absl::string_view text,
                             absl::string_view field, Violations& violations) {
  Checked<std::string> address = Normalize(kind, text);
  if (address.ok()) return std::move(address.value);
  violations.Add(field, address.problem);
  return "";
}

}  // namespace broadcast
