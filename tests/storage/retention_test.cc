#include "storage/retention.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "storage/request_ids.h"
#include "support/delivery_seed.h"
#include "support/registry_seed.h"
#include "support/status_matchers.h"
#include "support/test_database.h"

namespace broadcast::storage {
namespace {

using test::ClientId;
using test::ContentId;
using test::EntryId;
using test::Must;
using test::Plant;
using test::PlantContents;
using testing::ElementsAre;

class RetentionTest : public test::DatabaseTest {
 protected:
  void Record(int first, int last) {
    Must(Write([&](Transaction& write) -> absl::Status {
      for (int i = first; i <= last; ++i) {
        RETURN_IF_ERROR(RecordAnswer(
            write, {"*", "CreateEntry", absl::StrCat("id-", i), "hash"}, "{}"));
      }
      return absl::OkStatus();
    }));
  }

  int64_t Expire(int64_t most) {
    int64_t gone = 0;
    Must(Write([&](Transaction& write) -> absl::Status {
      ASSIGN_OR_RETURN(gone, DeleteExpiredRequestIds(write, most));
      return absl::OkStatus();
    }));
    return gone;
  }

  ContentSweep Collect(const std::string& cursor = "", int64_t most = 200) {
    ContentSweep sweep;
    Must(Write([&](Transaction& write) -> absl::Status {
      ASSIGN_OR_RETURN(sweep, CollectContents(write, cursor, most));
      return absl::OkStatus();
    }));
    return sweep;
  }

  int64_t Now() { return absl::ToUnixMicros(clock().Now()); }
  int64_t LongAgo() {
    return absl::ToUnixMicros(clock().Now() - absl::Hours(2));
  }
  std::vector<std::string> Contents() {
    return raw().Column("SELECT content_id FROM contents ORDER BY 1");
  }
};

TEST_P(RetentionTest, RequestIdsAreForgottenOnceTheyExpire) {
  Record(1, 3);
  clock().Advance(limits::kRequestIdRetention - absl::Minutes(1));
  Record(4, 5);
  EXPECT_EQ(Expire(200), 0);
  clock().Advance(absl::Minutes(2));
  EXPECT_EQ(Expire(200), 3);
  EXPECT_EQ(Expire(200), 0);
  EXPECT_THAT(raw().Column("SELECT request_id FROM request_ids ORDER BY 1"),
              ElementsAre("id-4", "id-5"));
}

TEST_P(RetentionTest, RequestIdsGoInBoundedStepsOldestFirst) {
  Record(1, 150);
  clock().Advance(absl::Hours(1));
  Record(151, 450);
  clock().Advance(limits::kRequestIdRetention + absl::Hours(1));
  EXPECT_EQ(Expire(150), 150);
  EXPECT_EQ(raw().Number("SELECT count(*) FROM request_ids "
                         "WHERE request_id IN ('id-1', 'id-150')"),
            0);
  EXPECT_EQ(Expire(200), 200);
  EXPECT_EQ(Expire(200), 100);
  EXPECT_EQ(Expire(200), 0);
}

TEST_P(RetentionTest, ARequestIdUsedAnewAfterItExpiredIsKept) {
  Record(1, 1);
  clock().Advance(limits::kRequestIdRetention + absl::Hours(1));
  Record(1, 1);
  EXPECT_EQ(Expire(200), 0);
}

TEST_P(RetentionTest, AContentStaysAsLongAsAnyColumnRefersToIt) {
  Plant(raw(), {.client = 1, .pairs = 1});
  PlantContents(raw(), 1, 4, LongAgo());
  struct Reference {
    const char* table;
    const char* column;
  };
  const Reference references[] = {{"entries", "open_content_id"},
                                  {"entries", "closed_content_id"},
                                  {"clients", "default_open_content_id"},
                                  {"clients", "default_closed_content_id"}};
  const auto refer = [&](const Reference& reference, const std::string& to) {
    raw().Execute(absl::StrCat("UPDATE ", reference.table, " SET ",
                               reference.column, " = ", to));
  };
  for (int i = 0; i < 4; ++i) {
    refer(references[i], absl::StrCat("'", ContentId(i + 1), "'"));
  }
  EXPECT_EQ(Collect().collected, 0);
  for (int i = 0; i < 4; ++i) {
    refer(references[i], "NULL");
    EXPECT_EQ(Collect().collected, 1) << references[i].column;
    EXPECT_EQ(Contents().size(), 3 - i);
  }
}

TEST_P(RetentionTest, AContentStaysAsLongAsItIsSentOrPosted) {
  Plant(raw(), {.client = 1, .pairs = 1});
  PlantContents(raw(), 1, 1, LongAgo());
  test::PlantOperation(raw(), {.number = 1, .planned = 1});
  test::PlantDelivery(raw(), 1, 1);
  test::PlantMessage(raw(), 1);
  EXPECT_EQ(Collect().collected, 0);
  raw().Execute("DELETE FROM deliveries");
  EXPECT_EQ(Collect().collected, 0);
  raw().Execute("DELETE FROM messages");
  EXPECT_EQ(Collect().collected, 1);
}

TEST_P(RetentionTest, AReferenceToALaterContentKeepsNoEarlierOne) {
  Plant(raw(), {.client = 1, .pairs = 1});
  PlantContents(raw(), 1, 3, LongAgo());
  raw().Execute(absl::StrCat("UPDATE entries SET open_content_id = '",
                             ContentId(2), "'"));
  EXPECT_EQ(Collect().collected, 2);
  EXPECT_THAT(Contents(), ElementsAre(ContentId(2)));
}

TEST_P(RetentionTest, AYoungContentStaysForAnHour) {
  PlantContents(raw(), 1, 1, Now());
  clock().Advance(kContentGrace - absl::Minutes(1));
  EXPECT_EQ(Collect().collected, 0);
  clock().Advance(absl::Minutes(2));
  EXPECT_EQ(Collect().collected, 1);
}

TEST_P(RetentionTest, TheWalkOverContentsIsBoundedAndComesRound) {
  Plant(raw(), {.client = 1, .pairs = 1});
  PlantContents(raw(), 1, 450, LongAgo());
  raw().Execute(absl::StrCat("UPDATE entries SET closed_content_id = '",
                             ContentId(200), "'"));
  ContentSweep sweep = Collect();
  EXPECT_EQ(sweep.examined, 200);
  EXPECT_EQ(sweep.collected, 199);
  EXPECT_EQ(sweep.cursor, ContentId(200));
  sweep = Collect(sweep.cursor);
  EXPECT_EQ(sweep.collected, 200);
  sweep = Collect(sweep.cursor);
  EXPECT_EQ(sweep.examined, 50);
  EXPECT_EQ(sweep.collected, 50);
  EXPECT_EQ(sweep.cursor, "");
  sweep = Collect(sweep.cursor);
  EXPECT_EQ(sweep.examined, 1);
  EXPECT_EQ(sweep.collected, 0);
  EXPECT_THAT(Contents(), ElementsAre(ContentId(200)));
}

TEST_P(RetentionTest, NoContentsAreNothingToDo) {
  const ContentSweep sweep = Collect();
  EXPECT_EQ(sweep.examined, 0);
  EXPECT_EQ(sweep.cursor, "");
}

INSTANTIATE_TEST_SUITE_P(Backends, RetentionTest, test::Backends(),
                         test::BackendName);

}  // namespace
}  // namespace broadcast::storage
