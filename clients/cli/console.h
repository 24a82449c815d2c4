// Standard output, standard error and the terminal. Results go to the one,
// everything else to the other. One thread.
#ifndef BROADCASTD_CLI_CONSOLE_H_
#define BROADCASTD_CLI_CONSOLE_H_

#include <string>

#include "absl/strings/string_view.h"
#include "cli/paint.h"

namespace broadcast::cli {

enum class ColorMode { kAuto, kAlways, kNever };

class Console {
 public:
  // `no_color`: the variable NO_COLOR is set.
  Console(ColorMode mode, bool no_color);
  Console(const Console&) = delete;
  ~Console() { EndStatus(); }

  // Writes to standard output. Never painted here: see palette().
  void Print(absl::string_view text);

  // Writes a line to standard error.
  void Note(absl::string_view line);

  // Writes to standard error as it is.
  void Complain(absl::string_view text);

  // Shows one line in place of the one before, on a terminal only.
  void ShowStatus(absl::string_view line);

  // Takes that line away.
  void EndStatus();

  // Asks, and returns whether the answer is yes. Only if can_ask().
  bool Ask(absl::string_view question);

  bool can_ask() const;
  bool shows_status() const { return error_is_terminal_; }

  // Returns false if what was printed cannot be written: who read it is gone,
  // or the disk is full.
  bool Flush();

  const Palette& palette() const { return out_palette_; }
  const Palette& error_palette() const { return error_palette_; }

 private:
  bool error_is_terminal_;
  Palette out_palette_;
  Palette error_palette_;
  bool status_shown_ = false;
};

}  // namespace broadcast::cli

#endif  // BROADCASTD_CLI_CONSOLE_H_
