// Tables, and the line of progress.
#include "cli/text_table.h"

#include <gtest/gtest.h>

#include "cli/progress_text.h"

namespace broadcast::cli {
namespace {

TEST(TextTableTest, AlignsByWhatIsSeen) {
  TextTable table({{"NAME"}, {"COUNT", Align::kRight}, {"NOTE"}});
  table.Add({"新闻", "7", "ok"});
  table.Add({"Новости", "1234567", ""});
  EXPECT_EQ(table.Text(Palette(false)),
            "NAME       COUNT  NOTE\n"
            "新闻           7  ok\n"
            "Новости  1234567  -\n");
}

TEST(TextTableTest, ColoursTakeNoColumns) {
  TextTable table({{"A"}, {"B"}});
  table.Add({{"x", Color::kRed}, "y"});
  EXPECT_EQ(table.Text(Palette(true)),
            "\x1b[1mA\x1b[0m  \x1b[1mB\x1b[0m\n\x1b[31mx\x1b[0m  y\n");
}

TEST(TextTableTest, ATitleHasNoSayOverTheTerminal) {
  TextTable table({{"A"}});
  table.Add({"\x1b[2J\nx"});
  EXPECT_EQ(table.Text(Palette(false)), "A\n\ufffd[2J x\n");
}

TEST(FieldListTest, LeavesOutWhatIsEmpty) {
  FieldList fields;
  fields.Add("id", "1");
  fields.Add("reason", "");
  fields.Add("last error", "none");
  EXPECT_EQ(fields.Text(Palette(false)),
            "id:          1\n"
            "last error:  none\n");
}

TEST(ProgressTextTest, LeavesOutWhatDidNotHappen) {
  ProgressCounts counts{.state = "RUNNING", .planned = 40, .waiting = 40};
  EXPECT_EQ(ProgressText(counts), "RUNNING 0 of 40: 40 waiting");
  counts.sent = 10;
  counts.failed = 2;
  counts.waiting = 28;
  EXPECT_EQ(ProgressText(counts),
            "RUNNING 12 of 40: 10 sent, 2 failed, 28 waiting");
  EXPECT_EQ(ProgressText({.state = "PLANNING"}), "PLANNING 0 of 0");
}

TEST(ProgressTextTest, TellsNoPaceBeforeThereIsOne) {
  const ProgressCounts counts{
      .state = "RUNNING", .planned = 40, .sent = 12, .waiting = 28};
  EXPECT_EQ(PaceText(counts, 0, absl::Seconds(9)), "");
  EXPECT_EQ(PaceText(counts, 12, absl::Milliseconds(900)), "");
  EXPECT_EQ(PaceText(counts, 12, absl::Seconds(4)), " (3.0/s, 10s left)");
}

TEST(ProgressTextTest, EverythingButSentIsTrouble) {
  EXPECT_FALSE((ProgressCounts{.planned = 2, .sent = 2}).has_trouble());
  EXPECT_TRUE((ProgressCounts{.planned = 2, .unknown = 1}).has_trouble());
  EXPECT_TRUE((ProgressCounts{.planned = 2, .cancelled = 1}).has_trouble());
}

}  // namespace
}  // namespace broadcast::cli
