// Colours of a terminal. Values; any thread.
#ifndef BROADCASTD_CLI_PAINT_H_
#define BROADCASTD_CLI_PAINT_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace broadcast::cli {

enum class Color { kNone, kGreen, kYellow, kRed, kBold, kFaint };

class Palette {
 public:
  explicit Palette(bool enabled) : enabled_(enabled) {}

  std::string Paint(absl::string_view text, Color color) const {
    if (!enabled_ || color == Color::kNone || text.empty()) {
      return std::string(text);
    }
    return absl::StrCat("\x1b[", Code(color), "m", text, "\x1b[0m");
  }

 private:
  static absl::string_view Code(Color color) {
    switch (color) {
      case Color::kGreen:
        return "32";
      case Color::kYellow:
        return "33";
      case Color::kRed:
        return "31";
      case Color::kBold:
        return "1";
      case Color::kFaint:
        return "2";
      case Color::kNone:
        break;
    }
    return "0";
  }

  bool enabled_;
};

}  // namespace broadcast::cli

#endif  // BROADCASTD_CLI_PAINT_H_
