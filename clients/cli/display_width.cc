#include "cli/display_width.h"

#include <algorithm>
#include <cstdint>
#include <iterator>

namespace broadcast::cli {
namespace {

struct Range {
  uint32_t first;
  uint32_t last;
};

// Marks that combine, joiners and selectors. Sorted.
constexpr Range kZeroWidth[] = {
    {0x0300, 0x036f},   {0x0483, 0x0489}, {0x0591, 0x05bd}, {0x05bf, 0x05bf},
    {0x05c1, 0x05c2},   {0x05c4, 0x05c5}, {0x0610, 0x061a}, {0x064b, 0x065f},
    {0x0670, 0x0670},   {0x06d6, 0x06dc}, {0x06df, 0x06e4}, {0x0900, 0x0902},
    {0x093c, 0x093c},   {0x0941, 0x0948}, {0x094d, 0x094d}, {0x0e31, 0x0e31},
    {0x0e34, 0x0e3a},   {0x0e47, 0x0e4e}, {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff},
    {0x200b, 0x200f},   {0x202a, 0x202e}, {0x2060, 0x2064}, {0x20d0, 0x20f0},
    {0xfe00, 0xfe0f},   {0xfe20, 0xfe2f}, {0xfeff, 0xfeff}, {0x1f3fb, 0x1f3ff},
    {0xe0100, 0xe01ef},
};

// East Asian wide and full-width characters, and emoji. Sorted.
constexpr Range kWide[] = {
    {0x1100, 0x115f},   {0x231a, 0x231b},   {0x2329, 0x232a},
    {0x23e9, 0x23ec},   {0x23f0, 0x23f0},   {0x23f3, 0x23f3},
    {0x25fd, 0x25fe},   {0x2614, 0x2615},   {0x2648, 0x2653},
    {0x267f, 0x267f},   {0x2693, 0x2693},   {0x26a1, 0x26a1},
    {0x26aa, 0x26ab},   {0x26bd, 0x26be},   {0x26c4, 0x26c5},
    {0x26ce, 0x26ce},   {0x26d4, 0x26d4},   {0x26ea, 0x26ea},
    {0x26f2, 0x26f3},   {0x26f5, 0x26f5},   {0x26fa, 0x26fa},
    {0x26fd, 0x26fd},   {0x2705, 0x2705},   {0x270a, 0x270b},
    {0x2728, 0x2728},   {0x274c, 0x274c},   {0x274e, 0x274e},
    {0x2753, 0x2755},   {0x2757, 0x2757},   {0x2795, 0x2797},
    {0x27b0, 0x27b0},   {0x27bf, 0x27bf},   {0x2b1b, 0x2b1c},
    {0x2b50, 0x2b50},   {0x2b55, 0x2b55},   {0x2e80, 0x303e},
    {0x3041, 0x33ff},   {0x3400, 0x4dbf},   {0x4e00, 0x9fff},
    {0xa000, 0xa4cf},   {0xa960, 0xa97c},   {0xac00, 0xd7a3},
    {0xf900, 0xfaff},   {0xfe30, 0xfe6f},   {0xff00, 0xff60},
    {0xffe0, 0xffe6},   {0x1f004, 0x1f004}, {0x1f0cf, 0x1f0cf},
    {0x1f18e, 0x1f18e}, {0x1f191, 0x1f19a}, {0x1f1e6, 0x1f320},
    {0x1f32d, 0x1f335}, {0x1f337, 0x1f37c}, {0x1f37e, 0x1f393},
    {0x1f3a0, 0x1f3ca}, {0x1f3cf, 0x1f3d3}, {0x1f3e0, 0x1f3f0},
    {0x1f3f4, 0x1f3f4}, {0x1f3f8, 0x1f3fa}, {0x1f400, 0x1f43e},
    {0x1f440, 0x1f440}, {0x1f442, 0x1f4fc}, {0x1f4ff, 0x1f53d},
    {0x1f54b, 0x1f54e}, {0x1f550, 0x1f567}, {0x1f57a, 0x1f57a},
    {0x1f595, 0x1f596}, {0x1f5a4, 0x1f5a4}, {0x1f5fb, 0x1f64f},
    {0x1f680, 0x1f6c5}, {0x1f6cc, 0x1f6cc}, {0x1f6d0, 0x1f6d2},
    {0x1f6d5, 0x1f6d7}, {0x1f6eb, 0x1f6ec}, {0x1f6f4, 0x1f6fc},
    {0x1f7e0, 0x1f7eb}, {0x1f90c, 0x1f93a}, {0x1f93c, 0x1f945},
    {0x1f947, 0x1f9ff}, {0x1fa70, 0x1faff}, {0x20000, 0x3fffd},
};

template <size_t kCount>
bool IsIn(const Range (&ranges)[kCount], uint32_t point) {
  const Range* range = std::lower_bound(
      std::begin(ranges), std::end(ranges), point,
      [](const Range& range, uint32_t point) { return range.last < point; });
  return range != std::end(ranges) && range->first <= point;
}

struct Character {
  uint32_t point = 0;
  size_t bytes = 1;
  bool valid = false;
};

constexpr uint32_t kReplacement = 0xfffd;

// The first character of `text`, which is not empty.
Character First(absl::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return {.point = lead, .bytes = 1, .valid = true};
  const size_t bytes = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < bytes) return {kReplacement};
  uint32_t point = lead & (0xff >> (bytes + 1));
  for (size_t i = 1; i < bytes; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xc0) != 0x80) return {kReplacement};
    point = (point << 6) | (next & 0x3f);
  }
  return {.point = point, .bytes = bytes, .valid = true};
}

size_t WidthOf(const Character& character) {
  if (!character.valid) return 1;
  if (IsIn(kZeroWidth, character.point)) return 0;
  return IsIn(kWide, character.point) ? 2 : 1;
}

bool MayBePrinted(const Character& character) {
  const uint32_t point = character.point;
  const bool control = point < 0x20 || (point >= 0x7f && point < 0xa0);
  const bool separator = point == 0x2028 || point == 0x2029;
  const bool direction = (point >= 0x202a && point <= 0x202e) ||
                         (point >= 0x2066 && point <= 0x2069) ||
                         point == 0x200e || point == 0x200f || point == 0x061c;
  return character.valid && !control && !separator && !direction;
}

}  // namespace

size_t DisplayWidth(absl::string_view text) {
  size_t width = 0;
  while (!text.empty()) {
    const Character character = First(text);
    width += WidthOf(character);
    text.remove_prefix(character.bytes);
  }
  return width;
}

std::string Printable(absl::string_view text) {
  std::string printable;
  while (!text.empty()) {
    const Character character = First(text);
    if (MayBePrinted(character)) {
      printable.append(text.data(), character.bytes);
    } else if (character.point == '\n' || character.point == '\t') {
      printable.push_back(' ');
    } else {
      printable.append("\ufffd");
    }
    text.remove_prefix(character.bytes);
  }
  return printable;
}

std::string CutToWidth(absl::string_view text, size_t columns) {
  size_t width = 0;
  size_t kept = 0;
  while (kept < text.size()) {
    const Character character = First(text.substr(kept));
    width += WidthOf(character);
    if (width > columns) break;
    kept += character.bytes;
  }
  return std::string(text.substr(0, kept));
}

}  // namespace broadcast::cli
