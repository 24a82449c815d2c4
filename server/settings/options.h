// The table of all options that variables and the file may set too: --help,
// --print-config and docs/configuration.md come from it. Constants; any
// thread.
#ifndef BROADCASTD_SETTINGS_OPTIONS_H_
#define BROADCASTD_SETTINGS_OPTIONS_H_

#include <string>
#include <variant>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "settings/settings.h"

namespace broadcast {

// What kind of value an option has, and where Settings keeps it.
struct TextValue {
  std::string Settings::*member;
  absl::Status (*check)(absl::string_view text);  // null: any text
};
struct SwitchValue {
  bool Settings::*member;
};
struct CountValue {
  int Settings::*member;
  int min;
  int max;
};
struct BytesValue {
  int Settings::*member;
  int min;
  int max;
};
struct DurationValue {
  absl::Duration Settings::*member;
  absl::Duration min;
  absl::Duration max;
  absl::Duration unit;  // the value is a multiple of it
};
struct WordValue {
  absl::Span<const absl::string_view> words;
  int (*get)(const Settings&);  // an index of `words`
  void (*set)(Settings&, int);
};

// Words of `words()`, each at most once.
struct ListValue {
  std::string Settings::*member;  // as given, but for blanks
  absl::Span<const absl::string_view> (*words)();
  char separator;
  bool may_be_empty;
};
// Only says which file: a secret's other sources are no options.
struct SecretFileValue {
  SecretSource Settings::*member;
};

struct Option {
  absl::string_view group;
  absl::string_view name;
  absl::string_view placeholder;  // of the value, in --help
  absl::string_view help;         // without range and default
  std::variant<TextValue, SwitchValue, CountValue, BytesValue, DurationValue,
               WordValue, ListValue, SecretFileValue>
      value;
};

// In the order of --help; those of a group stand together.
absl::Span<const Option> Options();

// The option of that name, or null.
const Option* FindOption(absl::string_view name);

}  // namespace broadcast

#endif  // BROADCASTD_SETTINGS_OPTIONS_H_
