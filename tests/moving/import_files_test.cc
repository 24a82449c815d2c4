// Files of another system, imported on both backends: what they leave, twice as
// well as once, and what is wrong with them.
#include "moving/import_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "absl/strings/str_cat.h"
#include "content/content.h"
#include "feeds/default_feed.h"
#include "feeds/upsert_posts.h"
#include "moving/import_pairs.h"
#include "storage/channel_successors.h"
#include "storage/channels.h"
#include "storage/feeds.h"
#include "support/registry_seed.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"
#include "support/test_database.h"
#include "sync/read_plan.h"

namespace broadcast::moving {
namespace {

using feeds::kDefaultClientId;
using storage::Scope;
using storage::Transaction;
using test::Must;
using testing::AllOf;
using testing::HasSubstr;

class ImportFilesTest : public test::DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    accounts_["group_bot"] = {.platform = storage::Platform::kTelegram};
    policy_ = {.accounts = &accounts_, .ids = &ids_};
    SetUpFeed({});
  }

  void SetUpFeed(const std::vector<std::string>& chats) {
    Must(Write([&](Transaction& write) -> absl::Status {
      ASSIGN_OR_RETURN(
          const auto made,
          feeds::SetUpDefaultFeed(write, ids_,
                                  {.account = "group_bot", .chats = chats}));
      feed_id_ = made.feed.feed_id;
      return absl::OkStatus();
    }));
  }

  void Publish(const std::string& external_id) {
    std::string document = ToJson({.text = "post " + external_id});
    std::string content_id = broadcast::ContentId(document);
    const feeds::UpsertPostsCommand command{
        .feed_id = feed_id_,
        .posts = {{.field = "post",
                   .new_id = ids_.Next(),
                   .external_id = external_id,
                   .content = {.content_id = std::move(content_id),
                               .body = std::move(document)}}},
        .operation_id = ids_.Next()};
    Must(Write([&](Transaction& write) {
      return feeds::UpsertPosts(write, all_, {}, policy_, command).status();
    }));
  }

  absl::StatusOr<Imported> Import(const std::string& messages,
                                  const std::string& pairs = "",
                                  bool dry_run = false) {
    ImportOptions options{.dry_run = dry_run,
                          .policy = {.account = "group_bot",
                                     .default_interval = absl::Hours(24),
                                     .trigger_cooldown = absl::Minutes(5)}};
    if (!messages.empty()) {
      options.messages = folder_.File("messages.csv");
      std::ofstream(options.messages) << "chat_id,message_id,external_id\n"
                                      << messages;
    }
    if (!pairs.empty()) {
      options.pairs = folder_.File("pairs.csv");
      std::ofstream(options.pairs) << pairs;
    }
    return ImportFiles(database(), ids_, options);
  }

  // What a sync of the default feed would do.
  sync::WholePlan Plan() {
    sync::PlanReader reader(all_, policy_, {.feed_id = feed_id_});
    while (!reader.done()) {
      Must(Read([&](Transaction& read) { return reader.Read(read); }));
      reader.Keep();
    }
    return reader.TakePlan();
  }

  int64_t Count(const std::string& table) {
    return raw().Number("SELECT count(*) FROM " + table);
  }

  const Scope all_ = Scope::AllClients();
  const test::TempDir folder_;
  IdSource ids_{&clock(), 11};
  channels::Accounts accounts_;
  feeds::FeedPolicy policy_;
  std::string feed_id_;
};

TEST_P(ImportFilesTest, ImportedMessagesArePostedByNoSync) {
  for (const char* post : {"a", "b", "c"}) Publish(post);
  const Imported imported =
      Must(Import("-1001,1,a\n-1001,2,b\n-1002,1,a\n-1002,1,a\n"));
  EXPECT_EQ(imported.messages.imported, 3);
  EXPECT_EQ(imported.messages.unchanged, 1);
  EXPECT_EQ(ToText(imported),
            "messages: 3 imported, 1 were there already\n"
            "pairs: 0 imported, 0 were there already\n");
  SetUpFeed({"-1001", "-1002"});
  const sync::WholePlan plan = Plan();
  EXPECT_EQ(plan.counts.tracked, 3);
  EXPECT_EQ(plan.actions.posts, 3);  // c in both, b in the second
  EXPECT_EQ(plan.actions.edits, 0);
  EXPECT_EQ(plan.actions.deletes + plan.actions.tombstones, 0);
  EXPECT_EQ(Count("deliveries"), 0);
}

TEST_P(ImportFilesTest, TheSameAgainChangesNothing) {
  for (const char* post : {"a", "b"}) Publish(post);
  Must(Import("-1001,1,a\n-1001,2,b\n"));
  // Also where the message is gone by now.
  raw().Execute(
      "UPDATE messages SET state = 'deleted' WHERE platform_message_id = '2'");
  const Imported again = Must(Import("-1001,1,a\n-1001,2,b\n"));
  EXPECT_EQ(again.messages.imported, 0);
  EXPECT_EQ(again.messages.unchanged, 2);
  EXPECT_EQ(Count("messages"), 2);
  EXPECT_EQ(Count("messages WHERE state = 'deleted'"), 1);
}

TEST_P(ImportFilesTest, ADryRunLeavesNothing) {
  Publish("a");
  const Imported imported =
      Must(Import("-1001,1,a\n", "open_chat_id,closed_chat_id\n-5,-6\n", true));
  EXPECT_EQ(imported.messages.imported, 1);
  EXPECT_EQ(imported.pairs.imported, 1);
  EXPECT_THAT(ToText(imported), HasSubstr("1 would be imported"));
  EXPECT_EQ(Count("messages"), 0);
  EXPECT_EQ(Count("channels"), 0);
  EXPECT_EQ(Count("entries"), 0);
}

TEST_P(ImportFilesTest, OneBadLineKeepsAllFromBeingImported) {
  for (const char* post : {"a", "b", "c"}) Publish(post);
  Must(Import("-1001,1,a\n"));
  test::Plant(raw(), {.client = 1, .pairs = 1});
  raw().Execute(
      "UPDATE channels SET platform = 'telegram', address = '-77' "
      "WHERE channel_id = '" +
      test::OpenId(1, 0) + "'");
  const absl::Status refused =
      Import("-1001,9,a\n-1001,2,b\n-1001,3,nowhere\n-1001,1,c\n-77,4,c\n")
          .status();
  EXPECT_TRUE(absl::IsInvalidArgument(refused));
  EXPECT_THAT(
      refused.message(),
      AllOf(HasSubstr("nothing was imported"),
            HasSubstr("messages.csv:2: external_id: has a message in that "
                      "chat already, 1;"),
            HasSubstr("messages.csv:4: external_id: is no post"),
            HasSubstr("messages.csv:5: message_id: is known"),
            HasSubstr("messages.csv:6: chat_id: is a channel of another")));
  EXPECT_EQ(Count("messages"), 1);
  EXPECT_THAT(Import("-1001,x,a\n").status().message(),
              HasSubstr("messages.csv:2: message_id: must be"));
}

TEST_P(ImportFilesTest, GoesInBoundedTransactions) {
  std::string messages;
  for (int i = 0; i < 450; ++i) {
    const std::string post = absl::StrCat("post-", i);
    Publish(post);
    absl::StrAppend(&messages, "-1001,", i + 1, ",", post, "\n");
  }
  EXPECT_EQ(Must(Import(messages)).messages.imported, 450);
  EXPECT_EQ(Must(Import(messages)).messages.unchanged, 450);
  SetUpFeed({"-1001"});
  EXPECT_EQ(Plan().actions.all(), 0);
}

TEST_P(ImportFilesTest, ManyProblemsAreCut) {
  std::string messages;
  for (int i = 0; i < 150; ++i) {
    absl::StrAppend(&messages, "-1001,", i + 1, ",post-", i, "\n");
  }
  EXPECT_THAT(Import(messages).status().message(),
              AllOf(HasSubstr("messages.csv:101:"),
                    testing::Not(HasSubstr("messages.csv:102:")),
                    HasSubstr("and 50 more")));
}

TEST_P(ImportFilesTest, AFileThatIsNotThereIsNamed) {
  EXPECT_THAT(ImportFiles(database(), ids_, {.messages = "/nowhere.csv"})
                  .status()
                  .message(),
              HasSubstr("/nowhere.csv: cannot be read"));
}

constexpr char kPairHead[] =
    "open_chat_id,closed_chat_id,active,interval_hours,next_send_time,"
    "last_trigger_time,broadcast_count,failure_count,"
    "consecutive_failure_count,manual_trigger_count\n";

TEST_P(ImportFilesTest, PairsKeepScheduleStateAndCounters) {
  const Imported imported =
      Must(Import("", absl::StrCat(kPairHead,
                                   "-1,-2,true,12,2031-01-01T00:00:00Z,"
                                   "2030-12-31T00:00:00Z,10,2,1,4\n"
                                   "-3,-4,no,,,,,,,\n")));
  EXPECT_EQ(imported.pairs.imported, 2);
  const auto rows = raw().Rows(
      "SELECT e.state, e.state_reason, e.interval_us, e.next_send_time, "
      "e.last_trigger_time, e.next_trigger_time, e.broadcast_count, "
      "e.success_count, e.failure_count, e.consecutive_failure_count, "
      "e.manual_trigger_count, e.last_outcome FROM entries e "
      "ORDER BY e.state");
  ASSERT_EQ(rows.size(), 2u);
  const int64_t next = absl::ToUnixMicros(
      absl::FromCivil(absl::CivilDay(2031, 1, 1), absl::UTCTimeZone()));
  const int64_t trigger = next - absl::ToInt64Microseconds(absl::Hours(24));
  EXPECT_THAT(rows[0],
              testing::ElementsAre("active", "", "43200000000",
                                   absl::StrCat(next), absl::StrCat(trigger),
                                   absl::StrCat(trigger + 300000000), "10", "8",
                                   "2", "1", "4", "failed"));
  EXPECT_EQ(rows[1][0], "paused");
  EXPECT_EQ(rows[1][1], "imported as inactive");
  EXPECT_EQ(rows[1][2], "86400000000");
  EXPECT_EQ(Count(absl::StrCat("clients WHERE pair_count = 2 AND client_id = '",
                               kDefaultClientId, "'")),
            1);
  EXPECT_EQ(Count("operations"), 0);
}

TEST_P(ImportFilesTest, PairsThatAreThereStayAsTheyAre) {
  const std::string pairs =
      absl::StrCat(kPairHead, "-1,-2,true,12,2031-01-01T00:00:00Z,,,,,\n");
  Must(Import("", pairs));
  raw().Execute("UPDATE entries SET next_send_time = 5, revision = 9");
  const Imported again = Must(Import("", pairs));
  EXPECT_EQ(again.pairs.imported, 0);
  EXPECT_EQ(again.pairs.unchanged, 1);
  EXPECT_EQ(Count("entries WHERE next_send_time = 5 AND revision = 9"), 1);
  // One without an entry gets it.
  raw().Execute("DELETE FROM entries");
  EXPECT_EQ(Must(Import("", pairs)).pairs.imported, 1);
  EXPECT_EQ(Count("channel_pairs"), 1);
  EXPECT_EQ(Count("clients WHERE pair_count = 1"), 1);
}

TEST_P(ImportFilesTest, APairOfAMigratedChatIsThatOfItsSuccessor) {
  const std::string pairs = "open_chat_id,closed_chat_id\n-1,-2\n";
  Must(Import("", pairs));
  const std::string from =
      raw().Text("SELECT channel_id FROM channels WHERE address = '-1'");
  const storage::Channel to{.channel_id = ids_.Next(),
                            .client_id = kDefaultClientId,
                            .platform = storage::Platform::kTelegram,
                            .address = "-9",
                            .account = "group_bot"};
  Must(Write([&](Transaction& write) -> absl::Status {
    const storage::Channel* row = &to;
    RETURN_IF_ERROR(
        storage::InsertChannels(write, all_, absl::MakeSpan(&row, 1)).status());
    return storage::RecordSuccessor(write, all_, from, to.channel_id);
  }));
  raw().Execute("UPDATE channel_pairs SET open_channel_id = '" + to.channel_id +
                "'");
  EXPECT_EQ(Must(Import("", pairs)).pairs.unchanged, 1);
  EXPECT_EQ(Count("channel_pairs"), 1);
  EXPECT_EQ(
      Must(Import("", "open_chat_id,closed_chat_id\n-1,-3\n")).pairs.imported,
      1);
  EXPECT_EQ(
      Count("channel_pairs WHERE open_channel_id = '" + to.channel_id + "'"),
      2);
  EXPECT_THAT(
      Import("", "open_chat_id,closed_chat_id\n-1,-9\n").status().message(),
      HasSubstr("pairs.csv:2: open_chat_id: has been migrated"));
}

TEST_P(ImportFilesTest, PairsMayBeOfOtherClients) {
  test::Plant(raw(), {.client = 1, .pairs = 1});
  raw().Execute("UPDATE clients SET pair_quota = 2 WHERE client_id = '" +
                test::ClientId(1) + "'");
  const std::string head = "client_id,open_chat_id,closed_chat_id\n";
  EXPECT_EQ(Must(Import("", absl::StrCat(head, test::ClientId(1), ",-1,-2\n",
                                         test::ClientId(2), ",-3,-4\n")))
                .pairs.imported,
            2);
  const absl::Status refused =
      Import("", absl::StrCat(head, test::ClientId(1), ",-5,-6\n",
                              test::ClientId(2), ",-1,-7\n"))
          .status();
  EXPECT_THAT(refused.message(),
              AllOf(HasSubstr("pairs.csv:2: client_id: "),
                    HasSubstr("pairs.csv:3: open_chat_id: is a channel of "
                              "another client")));
  EXPECT_EQ(Count("channel_pairs"), 3);
}

INSTANTIATE_TEST_SUITE_P(Backends, ImportFilesTest, test::Backends(),
                         test::BackendName);

}  // namespace
}  // namespace broadcast::moving
