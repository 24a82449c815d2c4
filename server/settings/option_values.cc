#include "settings/option_values.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"
#include "settings/listen_address.h"
#include "settings/settings_text.h"
#include "storage/location.h"

namespace broadcast {
namespace {

constexpr int kKibi = 1 << 10;
constexpr int kMebi = 1 << 20;

absl::Status Refused(absl::string_view text, absl::string_view remedy) {
  return absl::InvalidArgumentError(
      absl::StrCat(QuoteForMessage(text), " is refused; ", remedy));
}

std::string DurationText(absl::Duration value) {
  return value == absl::ZeroDuration() ? "0s" : absl::FormatDuration(value);
}

std::string BytesText(int value) {
  if (value != 0 && value % kMebi == 0) {
    return absl::StrCat(value / kMebi, "MiB");
  }
  if (value != 0 && value % kKibi == 0) {
    return absl::StrCat(value / kKibi, "KiB");
  }
  return absl::StrCat(value);
}

// What is allowed, for --help and for messages. One overload a kind of value,
// for std::visit.
struct Allowed {
  std::string operator()(const TextValue&) const { return ""; }
  std::string operator()(const SwitchValue&) const { return ""; }
  std::string operator()(const CountValue& v) const {
    return absl::StrCat(v.min, " to ", v.max);
  }
  std::string operator()(const BytesValue& v) const {
    return absl::StrCat(BytesText(v.min), " to ", BytesText(v.max));
  }
  std::string operator()(const DurationValue& v) const {
    return absl::StrCat(DurationText(v.min), " to ", DurationText(v.max));
  }
  std::string operator()(const WordValue& v) const {
    return absl::StrJoin(v.words, ", ");
  }
};

struct Write {
  const Settings& settings;

  std::string operator()(const TextValue& v) const {
    return settings.*v.member;
  }
  std::string operator()(const SwitchValue& v) const {
    return settings.*v.member ? "true" : "false";
  }
  std::string operator()(const CountValue& v) const {
    return absl::StrCat(settings.*v.member);
  }
  std::string operator()(const BytesValue& v) const {
    return BytesText(settings.*v.member);
  }
  std::string operator()(const DurationValue& v) const {
    return DurationText(settings.*v.member);
  }
  std::string operator()(const WordValue& v) const {
    return std::string(v.words[v.get(settings)]);
  }
};

struct Read {
  absl::string_view text;
  Settings& settings;

  absl::Status operator()(const TextValue& v) const {
    if (v.check != nullptr) RETURN_IF_ERROR(v.check(text));
    settings.*v.member = std::string(text);
    return absl::OkStatus();
  }

  absl::Status operator()(const SwitchValue& v) const {
    const bool on = text == "true" || text == "1";
    if (!on && text != "false" && text != "0") {
      return Refused(text, "write true or false");
    }
    settings.*v.member = on;
    return absl::OkStatus();
  }

  absl::Status operator()(const CountValue& v) const {
    int count;
    if (!absl::SimpleAtoi(text, &count) || count < v.min || count > v.max) {
      return Refused(text, absl::StrCat("write a number, ", Allowed()(v)));
    }
    settings.*v.member = count;
    return absl::OkStatus();
  }

  absl::Status operator()(const BytesValue& v) const {
    absl::string_view digits = text;
    int64_t unit = 1;
    if (absl::ConsumeSuffix(&digits, "KiB")) unit = kKibi;
    if (absl::ConsumeSuffix(&digits, "MiB")) unit = kMebi;
    int count;
    if (!absl::SimpleAtoi(digits, &count) || count * unit < v.min ||
        count * unit > v.max) {
      return Refused(text, absl::StrCat("write a number of bytes, or with the "
                                        "unit KiB or MiB, ",
                                        Allowed()(v)));
    }
    settings.*v.member = static_cast<int>(count * unit);
    return absl::OkStatus();
  }

  absl::Status operator()(const DurationValue& v) const {
    absl::Duration duration;
    if (!absl::ParseDuration(text, &duration)) {
      return Refused(text,
                     "write a number with the unit h, m, s or ms, like 1h30m");
    }
    if (duration < v.min || duration > v.max) {
      return Refused(text, absl::StrCat("write ", Allowed()(v)));
    }
    if (absl::Trunc(duration, v.unit) != duration) {
      return Refused(text, v.unit == absl::Seconds(1)
                               ? "write whole seconds"
                               : "write whole milliseconds");
    }
    settings.*v.member = duration;
    return absl::OkStatus();
  }

  absl::Status operator()(const WordValue& v) const {
    const auto found = std::find(v.words.begin(), v.words.end(), text);
    if (found == v.words.end()) {
      return Refused(text, absl::StrCat("write one of ", Allowed()(v)));
    }
    v.set(settings, static_cast<int>(found - v.words.begin()));
    return absl::OkStatus();
  }
};

}  // namespace

absl::Status ReadValue(const Option& option, absl::string_view text,
                       Settings& settings) {
  return std::visit(Read{text, settings}, option.value);
}

std::string WriteValue(const Option& option, const Settings& settings) {
  return std::visit(Write{settings}, option.value);
}

std::string WriteTomlValue(const Option& option, const Settings& settings) {
  const std::string text = WriteValue(option, settings);
  const bool bare = std::holds_alternative<SwitchValue>(option.value) ||
                    std::holds_alternative<CountValue>(option.value);
  return bare ? text : QuoteForToml(text);
}

std::string AllowedValues(const Option& option) {
  const std::string allowed = std::visit(Allowed(), option.value);
  if (allowed.empty()) return "";
  const bool words = std::holds_alternative<WordValue>(option.value);
  return absl::StrCat(words ? "One of " : "Range: ", allowed, ".");
}

absl::Status CheckContentText(absl::string_view text) {
  const std::optional<int> characters = CountCharacters(text);
  if (!characters.has_value()) {
    return absl::InvalidArgumentError("is not UTF-8; write it as UTF-8");
  }
  if (*characters > limits::kMaxTextLength) {
    return absl::InvalidArgumentError(
        absl::StrCat("has ", *characters, " characters; write at most ",
                     limits::kMaxTextLength));
  }
  for (const char c : text) {
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') ||
        c == 0x7F) {
      return absl::InvalidArgumentError(
          "holds a control character; write line ends and tabs at most");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckListen(absl::string_view text) {
  return ListenAddress::Parse(text).status();
}

absl::Status CheckMetricsListen(absl::string_view text) {
  if (text.empty()) return absl::OkStatus();
  if (absl::StartsWith(text, "unix:")) {
    return Refused(text, "metrics need HOST:PORT; empty switches them off");
  }
  return ListenAddress::Parse(text).status();
}

absl::Status CheckDatabase(absl::string_view text) {
  if (!absl::StartsWith(text, "sqlite:") && absl::StrContains(text, "***")) {
    return absl::InvalidArgumentError(
        "holds *** in place of a password, as printed; write the URL again "
        "without password and name its file with database_password_file");
  }
  return storage::Location::Parse(text, "").status();
}

}  // namespace broadcast
