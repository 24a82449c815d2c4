// Tables of text, aligned by what a terminal shows. Values; one thread at a
// time.
#ifndef BROADCASTD_CLI_TEXT_TABLE_H_
#define BROADCASTD_CLI_TEXT_TABLE_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "cli/paint.h"

namespace broadcast::cli {

// One field of a table. What is in it is made printable.
struct Cell {
  // NOLINTNEXTLINE(google-explicit-constructor): rows are lists of texts.
  Cell(std::string text, Color color = Color::kNone)
      : text(std::move(text)), color(color) {}
  // NOLINTNEXTLINE(google-explicit-constructor)
  Cell(const char* text) : text(text) {}

  std::string text;
  Color color = Color::kNone;
};

enum class Align { kLeft, kRight };

struct Column {
  absl::string_view title;
  Align align = Align::kLeft;
};

class TextTable {
 public:
  explicit TextTable(std::vector<Column> columns);

  // As many cells as columns. An empty one is shown as `-`.
  void Add(std::vector<Cell> row);

  bool empty() const { return rows_.empty(); }

  // The titles, then the rows: a line each, without blanks at its end.
  std::string Text(const Palette& palette) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

// What is known of one thing: `NAME:  value`, a line each; lines without a
// value are left out.
class FieldList {
 public:
  void Add(absl::string_view name, Cell value);

  std::string Text(const Palette& palette) const;

 private:
  std::vector<std::pair<std::string, Cell>> fields_;
};

}  // namespace broadcast::cli

#endif  // BROADCASTD_CLI_TEXT_TABLE_H_
