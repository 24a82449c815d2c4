// What lines of files to be imported say, and every way in which one is wrong.
#include "moving/import_lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "feeds/default_feed.h"
#include "moving/csv_lines.h"
#include "support/status_matchers.h"

namespace broadcast::moving {
namespace {

using test::Must;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TEST(CsvLinesTest, ReadsQuotesBlanksAndLineEnds) {
  const auto lines =
      Must(ReadCsv("\xEF\xBB\xBF"
                   "a, b\r\n\"x \"\"y\"\",\nz\" , 2\n\n,\n3,4"));
  ASSERT_THAT(lines, SizeIs(4));
  EXPECT_THAT(lines[0].fields, ElementsAre("a", "b"));
  EXPECT_THAT(lines[1].fields, ElementsAre("x \"y\",\nz", "2"));
  EXPECT_EQ(lines[1].number, 2);
  EXPECT_THAT(lines[2].fields, ElementsAre("", ""));
  EXPECT_EQ(lines[2].number, 5);
  EXPECT_THAT(lines[3].fields, ElementsAre("3", "4"));
  EXPECT_EQ(lines[3].number, 6);
}

TEST(CsvLinesTest, RefusesBrokenQuotes) {
  EXPECT_THAT(ReadCsv("a\n\"b").status().message(),
              HasSubstr("2: a quote is not closed"));
  EXPECT_THAT(ReadCsv("\"a\"b").status().message(), HasSubstr("1: there is"));
}

TEST(MessageLinesTest, AreReadByTheNamesOfTheirColumns) {
  const auto read = ReadMessageLines(
      "external_id,chat_id,message_id,post_time\n"
      "a,-01001,007,2026-01-31T12:00:00Z\n"
      "b,-1001,8,2026-01-31 12:00:00.5\n"
      "b,-1001,8,\n"
      "c,@Some_Name,9,\n");
  ASSERT_THAT(read.problems, IsEmpty()) << read.problems[0].text;
  ASSERT_THAT(read.lines, SizeIs(3));
  EXPECT_EQ(read.repeated, 1);
  EXPECT_EQ(read.lines[0].number, 2);
  EXPECT_EQ(read.lines[0].chat, "-1001");
  EXPECT_EQ(read.lines[0].message_id, "7");
  EXPECT_EQ(read.lines[0].external_id, "a");
  EXPECT_EQ(*read.lines[1].post_time - *read.lines[0].post_time,
            absl::Milliseconds(500));
  EXPECT_EQ(read.lines[2].chat, "@some_name");
}

struct Bad {
  const char* text;
  int number;
  const char* column;
  const char* part;
};

template <typename Line>
void ExpectProblem(const ReadLines<Line>& read, const Bad& bad) {
  ASSERT_THAT(read.problems, SizeIs(1)) << bad.text;
  EXPECT_EQ(read.problems[0].number, bad.number) << bad.text;
  EXPECT_EQ(read.problems[0].column, bad.column) << bad.text;
  EXPECT_THAT(read.problems[0].text, HasSubstr(bad.part)) << bad.text;
}

#define HEAD "chat_id,message_id,external_id,post_time\n"
constexpr Bad kBadMessages[] = {
    {"", 1, "", "empty"},
    {"chat_id,message_id\n", 1, "external_id", "missing"},
    {"chat_id,message_id,external_id,x\n", 1, "x", "no column"},
    {"chat_id,message_id,external_id,chat_id\n", 1, "chat_id", "twice"},
    {HEAD "-1,2,a\n", 2, "", "3 fields; write 4"},
    {HEAD "news,2,a,\n", 2, "chat_id", "chat id"},
    {HEAD "-1,0,a,\n", 2, "message_id", "from 1 on"},
    {HEAD "-1,2,,\n", 2, "external_id", "1 to 128"},
    {HEAD "-1,2,a b,\n", 2, "external_id", "must"},
    {HEAD "-1,2,a,yesterday\n", 2, "post_time", "2026-01-31T12:00:00Z"},
    {HEAD "-1,2,a,\n-1,2,b,\n", 3, "external_id", "line 2"},
    {HEAD "-1,2,a,\n-1,3,a,\n", 3, "message_id", "line 2"},
    {HEAD "-1,2,\"a,\n", 2, "", "not closed"},
};
#undef HEAD

TEST(MessageLinesTest, EveryProblemNamesLineAndColumn) {
  for (const Bad& bad : kBadMessages) {
    ExpectProblem(ReadMessageLines(bad.text), bad);
  }
}

TEST(MessageLinesTest, AllProblemsAreTold) {
  const auto read = ReadMessageLines(
      "chat_id,message_id,external_id\nx,y,\n-1,1,a\n-1,0,b\n");
  EXPECT_THAT(read.problems, SizeIs(4));
  EXPECT_THAT(read.lines, SizeIs(1));
}

TEST(PairLinesTest, HaveDefaultsForWhatTheyLeaveOut) {
  const auto read = ReadPairLines("open_chat_id,closed_chat_id\n-1,-2\n");
  ASSERT_THAT(read.problems, IsEmpty());
  ASSERT_THAT(read.lines, SizeIs(1));
  EXPECT_EQ(read.lines[0].client_id, feeds::kDefaultClientId);
  EXPECT_TRUE(read.lines[0].active);
  EXPECT_FALSE(read.lines[0].interval.has_value());
  EXPECT_FALSE(read.lines[0].next_send_time.has_value());
  EXPECT_EQ(read.lines[0].success_count, 0);
}

TEST(PairLinesTest, SayScheduleStateAndCounters) {
  const auto read = ReadPairLines(
      "open_chat_id,closed_chat_id,client_id,active,interval_hours,"
      "next_send_time,last_send_time,last_trigger_time,broadcast_count,"
      "failure_count,consecutive_failure_count,manual_trigger_count\n"
      "-1,-2,11111111-1111-4111-8111-111111111111,False,0.0833,"
      "2026-01-02T00:00:00Z,2026-01-01T00:00:00Z,2025-12-31T00:00:00+01:00,"
      "10,3,1,4\n");
  ASSERT_THAT(read.problems, IsEmpty()) << read.problems[0].text;
  ASSERT_THAT(read.lines, SizeIs(1));
  const PairLine& line = read.lines[0];
  EXPECT_EQ(line.client_id, "11111111-1111-4111-8111-111111111111");
  EXPECT_FALSE(line.active);
  EXPECT_EQ(line.interval, absl::Minutes(5));
  EXPECT_EQ(*line.next_send_time - *line.last_send_time, absl::Hours(24));
  EXPECT_EQ(*line.last_send_time - *line.last_trigger_time, absl::Hours(25));
  EXPECT_EQ(line.success_count, 7);
  EXPECT_EQ(line.failure_count, 3);
  EXPECT_EQ(line.consecutive_failure_count, 1);
  EXPECT_EQ(line.manual_trigger_count, 4);
}

#define HEAD "open_chat_id,closed_chat_id,"
constexpr Bad kBadPairs[] = {
    {HEAD "active\n-1,-1,\n", 2, "closed_chat_id", "two different"},
    {HEAD "active\n-1,-2,2\n", 2, "active", "true or false"},
    {HEAD "client_id\n-1,-2,x\n", 2, "client_id", "UUID"},
    {HEAD "interval_hours\n-1,-2,0\n", 2, "interval_hours", "hours"},
    {HEAD "interval_hours\n-1,-2,inf\n", 2, "interval_hours", "hours"},
    {HEAD "success_count\n-1,-2,-1\n", 2, "success_count", "0 or more"},
    {HEAD "broadcast_count,success_count\n-1,-2,3,2\n", 2, "broadcast_count",
     "sum"},
    {HEAD "broadcast_count,failure_count\n-1,-2,3,4\n", 2, "broadcast_count",
     "sum"},
    {HEAD "active\n-1,-2,1\n-1,-2,0\n", 3, "open_chat_id", "line 2"},
};
#undef HEAD

TEST(PairLinesTest, EveryProblemNamesLineAndColumn) {
  for (const Bad& bad : kBadPairs) {
    ExpectProblem(ReadPairLines(bad.text), bad);
  }
}

}  // namespace
}  // namespace broadcast::moving
