// What text takes on a terminal, and what of it may go there.
#include "cli/display_width.h"

#include <gtest/gtest.h>

namespace broadcast::cli {
namespace {

TEST(DisplayWidthTest, CountsColumnsNotBytes) {
  EXPECT_EQ(DisplayWidth(""), 0);
  EXPECT_EQ(DisplayWidth("news"), 4);
  EXPECT_EQ(DisplayWidth("Новости"), 7);
  EXPECT_EQ(DisplayWidth("新闻"), 4);
  EXPECT_EQ(DisplayWidth("📣"), 2);
  EXPECT_EQ(DisplayWidth("e\u0301"), 1);
  EXPECT_EQ(DisplayWidth("\xff\xfe"), 2);
  EXPECT_EQ(DisplayWidth("\xe6\x96"), 2);
}

TEST(DisplayWidthTest, NothingMovesTheCursor) {
  EXPECT_EQ(Printable("Новости 📣"), "Новости 📣");
  EXPECT_EQ(Printable("a\nb\tc"), "a b c");
  EXPECT_EQ(Printable("\x1b[31mred"), "\ufffd[31mred");
  EXPECT_EQ(Printable("\u009b31m"), "\ufffd31m");
  EXPECT_EQ(Printable("\u202egnp"), "\ufffdgnp");
  EXPECT_EQ(Printable("\xff"), "\ufffd");
  EXPECT_EQ(Printable("\x7f"), "\ufffd");
}

TEST(DisplayWidthTest, CutsBetweenCharacters) {
  EXPECT_EQ(CutToWidth("新闻", 4), "新闻");
  EXPECT_EQ(CutToWidth("新闻", 3), "新");
  EXPECT_EQ(CutToWidth("新闻", 1), "");
  EXPECT_EQ(CutToWidth("e\u0301e", 1), "e\u0301");
}

}  // namespace
}  // namespace broadcast::cli
