#include "cli/console.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "cli/display_width.h"

namespace broadcast::cli {
namespace {

constexpr size_t kColumnsIfUnknown = 80;

bool Paints(ColorMode mode, bool no_color, int descriptor) {
  if (mode != ColorMode::kAuto) return mode == ColorMode::kAlways;
  return !no_color && isatty(descriptor) == 1;
}

size_t ColumnsOfTerminal() {
  winsize size = {};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) {
    return kColumnsIfUnknown;
  }
  return size.ws_col;
}

void Write(std::FILE* file, absl::string_view text) {
  std::fwrite(text.data(), 1, text.size(), file);
}

}  // namespace

Console::Console(ColorMode mode, bool no_color)
    : error_is_terminal_(isatty(STDERR_FILENO) == 1),
      out_palette_(Paints(mode, no_color, STDOUT_FILENO)),
      error_palette_(Paints(mode, no_color, STDERR_FILENO)) {}

void Console::Print(absl::string_view text) {
  EndStatus();
  Write(stdout, text);
}

void Console::Note(absl::string_view line) {
  Complain(absl::StrCat(line, "\n"));
}

void Console::Complain(absl::string_view text) {
  EndStatus();
  // What was found out before comes before what went wrong then.
  std::fflush(stdout);
  Write(stderr, text);
}

void Console::ShowStatus(absl::string_view line) {
  if (!error_is_terminal_) return;
  Write(stderr, absl::StrCat("\r", CutToWidth(line, ColumnsOfTerminal() - 1),
                             "\x1b[K"));
  status_shown_ = true;
}

void Console::EndStatus() {
  if (!status_shown_) return;
  Write(stderr, "\r\x1b[K");
  status_shown_ = false;
}

bool Console::can_ask() const {
  return error_is_terminal_ && isatty(STDIN_FILENO) == 1;
}

bool Console::Ask(absl::string_view question) {
  Complain(absl::StrCat(question, " [y/N] "));
  std::string answer;
  if (!std::getline(std::cin, answer)) {
    Complain("\n");
    return false;
  }
  const std::string word =
      absl::AsciiStrToLower(absl::StripAsciiWhitespace(answer));
  return word == "y" || word == "yes";
}

bool Console::Flush() { return std::fflush(stdout) == 0 && !ferror(stdout); }

}  // namespace broadcast::cli
