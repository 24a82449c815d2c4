// What the Bot API answers, and what we make of it: every verdict is held
// against the invariants of all platforms. Free functions; the test's thread.
#ifndef BROADCASTD_SENDERS_TELEGRAM_ANSWERS_H_
#define BROADCASTD_SENDERS_TELEGRAM_ANSWERS_H_

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "invariants.h"
#include "senders/classify_telegram.h"

namespace broadcast::senders {

// Done twice it would be there twice.
inline bool Once(Action action) {
  return action == Action::kSend || action == Action::kCopy;
}

inline http::Response Answer(int status, std::string body) {
  return {
      .phase = Phase::kResponseRead, .status = status, .body = std::move(body)};
}

inline std::string Error(int code, absl::string_view description,
                         absl::string_view parameters = "") {
  return absl::StrCat(
      R"({"ok":false,"error_code":)", code, R"(,"description":")", description,
      "\"",
      parameters.empty() ? "" : absl::StrCat(",\"parameters\":", parameters),
      "}");
}

inline Report Classify(Action action, const http::Response& response) {
  const Report report = ClassifyTelegram(
      {.action = action, .address = "-1001", .source_address = "-1002"},
      response);
  EXPECT_EQ(BrokenInvariant(report, action, Once(action), response), "");
  return report;
}

// What an error of this code and description is taken for.
struct Case {
  int code;
  const char* description;
  Verdict verdict;
  const char* reason;
};

}  // namespace broadcast::senders

#endif  // BROADCASTD_SENDERS_TELEGRAM_ANSWERS_H_
