#include "settings/option_values.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/scope_names.h"
#include "base/status_macros.h"
#include "net/listen_address.h"
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
  std::string operator()(const ListValue& v) const {
    return absl::StrJoin(v.words(), ", ");
  }
  std::string operator()(const SecretFileValue&) const { return ""; }
};

// The words of `text`, each of `words` and there once, with nothing but
// `separator` between.
absl::StatusOr<std::string> ReadList(absl::string_view text,
                                     absl::Span<const absl::string_view> words,
                                     char separator) {
  std::vector<absl::string_view> read;
  for (absl::string_view word :
       absl::StrSplit(text, separator, absl::SkipWhitespace())) {
    word = absl::StripAsciiWhitespace(word);
    if (std::find(words.begin(), words.end(), word) == words.end()) {
      return Refused(word,
                     absl::StrCat("write any of ", absl::StrJoin(words, ", "),
                                  separator == ' ' ? ", with blanks between"
                                                   : ", with commas between"));
    }
    if (std::find(read.begin(), read.end(), word) != read.end()) {
      return Refused(word, "it is there twice; remove one");
    }
    read.push_back(word);
  }
  return absl::StrJoin(read, std::string(1, separator));
}

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
  std::string operator()(const ListValue& v) const {
    return settings.*v.member;
  }
  std::string operator()(const SecretFileValue& v) const {
    const SecretSource& source = settings.*v.member;
    return source.kind == SecretSource::Kind::kFile ? source.name : "";
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
    ASSIGN_OR_RETURN(settings.*v.member,
                     ReadDuration(text, v.min, v.max, v.unit));
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

  absl::Status operator()(const ListValue& v) const {
    ASSIGN_OR_RETURN(const std::string list,
                     ReadList(text, v.words(), v.separator));
    if (list.empty() && !v.may_be_empty) {
      return Refused(text, absl::StrCat("write any of ", Allowed()(v)));
    }
    settings.*v.member = list;
    return absl::OkStatus();
  }

  absl::Status operator()(const SecretFileValue& v) const {
    settings.*v.member = {};
    if (!text.empty()) {
      settings.*v.member = {SecretSource::Kind::kFile, std::string(text)};
    }
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
  absl::string_view before = "Range: ";
  if (std::holds_alternative<WordValue>(option.value)) before = "One of ";
  if (std::holds_alternative<ListValue>(option.value)) before = "Any of ";
  return absl::StrCat(before, allowed, ".");
}

absl::StatusOr<absl::Duration> ReadDuration(absl::string_view text,
                                            absl::Duration min,
                                            absl::Duration max,
                                            absl::Duration unit) {
  absl::Duration duration;
  if (!absl::ParseDuration(text, &duration)) {
    return Refused(text,
                   "write a number with the unit h, m, s or ms, like 1h30m");
  }
  if (duration < min || duration > max) {
    return Refused(text, absl::StrCat("write ", DurationText(min), " to ",
                                      DurationText(max)));
  }
  if (absl::Trunc(duration, unit) != duration) {
    return Refused(text, unit == absl::Seconds(1) ? "write whole seconds"
                                                  : "write whole milliseconds");
  }
  return duration;
}

absl::StatusOr<std::string> ReadScopes(absl::string_view text) {
  return ReadList(text, ScopeNames(), ' ');
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
  absl::Status status = net::ListenAddress::Parse(text).status();
  if (status.ok()) return status;
  return absl::InvalidArgumentError(
      absl::StrCat(QuoteForMessage(text), " ", status.message()));
}

absl::Status CheckMetricsListen(absl::string_view text) {
  if (text.empty()) return absl::OkStatus();
  if (absl::StartsWith(text, "unix:")) {
    return Refused(text, "metrics need HOST:PORT; empty switches them off");
  }
  return CheckListen(text);
}

absl::Status CheckDatabase(absl::string_view text) {
  if (!absl::StartsWith(text, "sqlite:") && absl::StrContains(text, "***")) {
    return absl::InvalidArgumentError(
        "holds *** in place of a password, as printed; write the URL again "
        "without password and name its file with database_password_file");
  }
  return storage::Location::Parse(text, "").status();
}

namespace {

// A URL without user, query and fragment: https, or http where that stays on
// this machine. `what` is it and how it is written, `risk` is that of http.
absl::Status CheckUrl(absl::string_view text, absl::string_view what,
                      absl::string_view risk) {
  absl::string_view rest = text;
  const bool secure = absl::ConsumePrefix(&rest, "https://");
  const bool plain = !secure && absl::ConsumePrefix(&rest, "http://");
  const bool graphic =
      std::all_of(rest.begin(), rest.end(), absl::ascii_isgraph);
  const absl::string_view authority = rest.substr(0, rest.find('/'));
  // A port is optional here, and `]` ends an address of IPv6 without one.
  const bool has_port =
      absl::StrContains(authority.substr(authority.rfind(']') + 1), ":");
  const auto host = net::ListenAddress::Parse(
      has_port ? std::string(authority) : absl::StrCat(authority, ":443"));
  if ((!secure && !plain) || !graphic || !host.ok() || !host->path.empty() ||
      absl::StrContains(rest, "?") || absl::StrContains(rest, "#")) {
    return Refused(text, absl::StrCat("write ", what));
  }
  if (plain && !host->IsLoopback()) {
    return Refused(text,
                   absl::StrCat("over http anybody on the way could ", risk,
                                "; write https, or a loopback host"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckIssuer(absl::string_view text) {
  if (text.empty()) return absl::OkStatus();
  return CheckUrl(
      text,
      "the issuer's URL as its tokens have it in iss, like https://HOST/PATH",
      "replace its keys");
}

absl::Status CheckTelegramUrl(absl::string_view text) {
  if (absl::EndsWith(text, "/")) {
    return Refused(text, "write it without the / at its end");
  }
  return CheckUrl(text, "the URL of a Bot API, like https://api.telegram.org",
                  "read the bot's token");
}

absl::Status CheckFailPoint(absl::string_view text) {
  if (std::all_of(text.begin(), text.end(), [](char c) {
        return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '_' ||
               c == ':';
      })) {
    return absl::OkStatus();
  }
  return Refused(text, "write the name of a point, like c4");
}

absl::Status CheckClaim(absl::string_view text) {
  if (!text.empty() &&
      std::all_of(text.begin(), text.end(), absl::ascii_isgraph)) {
    return absl::OkStatus();
  }
  return Refused(text, "write the name of a claim, without blanks");
}

}  // namespace broadcast
