#include "cli/text_table.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "cli/display_width.h"

namespace broadcast::cli {
namespace {

constexpr size_t kGap = 2;

// The text of one field in its column; `last` ones get no blanks behind them.
std::string Field(const Cell& cell, size_t width, Align align, bool last,
                  const Palette& palette) {
  const size_t taken = DisplayWidth(cell.text);
  const std::string blanks(width > taken ? width - taken : 0, ' ');
  const std::string painted = palette.Paint(cell.text, cell.color);
  if (align == Align::kRight) return absl::StrCat(blanks, painted);
  return last ? painted : absl::StrCat(painted, blanks);
}

}  // namespace

TextTable::TextTable(std::vector<Column> columns)
    : columns_(std::move(columns)) {}

void TextTable::Add(std::vector<Cell> row) {
  row.resize(columns_.size(), Cell(""));
  for (Cell& cell : row) {
    cell.text = cell.text.empty() ? "-" : Printable(cell.text);
  }
  rows_.push_back(std::move(row));
}

std::string TextTable::Text(const Palette& palette) const {
  std::vector<size_t> widths;
  std::vector<Cell> titles;
  for (size_t i = 0; i < columns_.size(); ++i) {
    titles.emplace_back(std::string(columns_[i].title), Color::kBold);
    widths.push_back(DisplayWidth(columns_[i].title));
    for (const std::vector<Cell>& row : rows_) {
      widths[i] = std::max(widths[i], DisplayWidth(row[i].text));
    }
  }
  std::string text;
  const auto add_line = [&](const std::vector<Cell>& row) {
    for (size_t i = 0; i < row.size(); ++i) {
      if (i > 0) text.append(kGap, ' ');
      text += Field(row[i], widths[i], columns_[i].align, i + 1 == row.size(),
                    palette);
    }
    text.push_back('\n');
  };
  add_line(titles);
  for (const std::vector<Cell>& row : rows_) add_line(row);
  return text;
}

void FieldList::Add(absl::string_view name, Cell value) {
  if (value.text.empty()) return;
  value.text = Printable(value.text);
  fields_.emplace_back(std::string(name), std::move(value));
}

std::string FieldList::Text(const Palette& palette) const {
  size_t width = 0;
  for (const auto& [name, value] : fields_) {
    width = std::max(width, DisplayWidth(name) + 1);
  }
  std::string text;
  for (const auto& [name, value] : fields_) {
    const std::string title = absl::StrCat(name, ":");
    absl::StrAppend(&text, palette.Paint(title, Color::kBold),
                    std::string(width + kGap - DisplayWidth(title), ' '),
                    palette.Paint(value.text, value.color), "\n");
  }
  return text;
}

}  // namespace broadcast::cli
