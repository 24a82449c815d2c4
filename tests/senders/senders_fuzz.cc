// Feeds random answers to what reads and classifies them, and checks what must
// always hold. Built with clang only; see CMakeLists.txt.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "http/retry_after.h"
#include "invariants.h"
#include "senders/classify_telegram.h"
#include "senders/classify_webhook.h"
#include "senders/redact.h"
#include "senders/telegram_answer.h"

namespace broadcast::senders {
namespace {

void Require(const std::string& broken) {
  if (broken.empty()) return;
  std::fprintf(stderr, "does not hold: %s\n", broken.c_str());
  std::abort();
}

// The first bytes are what the transport says; the others are the body.
http::Response ResponseOf(absl::string_view input) {
  const auto byte = [&input]() -> int {
    if (input.empty()) return 0;
    const int value = static_cast<unsigned char>(input[0]);
    input.remove_prefix(1);
    return value;
  };
  constexpr int kFailures = static_cast<int>(http::Failure::kInternal) + 1;
  http::Response response = {
      .failure = static_cast<http::Failure>(byte() % kFailures),
      .phase = static_cast<http::Phase>(byte() % 4)};
  const int status = 200 + byte() * 2 + byte() % 2;
  if (response.failure == http::Failure::kNone) {
    response.phase = http::Phase::kResponseRead;
  }
  if (response.phase == http::Phase::kResponseRead) response.status = status;
  response.body = std::string(input);
  response.retry_after =
      http::ParseRetryAfter(input.substr(0, 40), absl::UnixEpoch());
  return response;
}

void FuzzAnswer(absl::string_view input) {
  const http::Response response = ResponseOf(input);
  for (const Action action : {Action::kSend, Action::kEdit, Action::kDelete,
                              Action::kCopy, Action::kProbe}) {
    const bool once = action == Action::kSend || action == Action::kCopy;
    Require(BrokenInvariant(
        ClassifyTelegram(
            {.action = action, .address = "-5", .source_address = "-6"},
            response),
        action, once, response));
  }
  Require(BrokenInvariant(ClassifyTelegramQuestion(response), Action::kEdit,
                          false, response));
  Require(BrokenInvariant(ClassifyWebhook(response), Action::kSend, false,
                          response));
  static_cast<void>(ParseTelegramChat(response.body));
  static_cast<void>(ParseTelegramMember(response.body, input.size() % 2 == 0));
  const std::string detail = Redact(input);
  if (detail.size() > kMaxDetailBytes || !IsUtf8(detail)) {
    Require("a detail is short, and text");
  }
}

}  // namespace
}  // namespace broadcast::senders

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  broadcast::senders::FuzzAnswer(
      absl::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
