// Which calls may be made twice, and the ids that allow it.
#include "cli/fresh_request_id.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broadcast/v1/admin_service.pb.h"
#include "broadcast/v1/broadcast_service.pb.h"
#include "broadcast/v1/operation_service.pb.h"
#include "cli/enum_words.h"
#include "cli/service_connection.h"

namespace broadcast::cli {
namespace {

TEST(RequestIdsTest, AreRandomUuids) {
  const std::string id = NewRequestId();
  EXPECT_THAT(id, ::testing::MatchesRegex(
                      "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-"
                      "[0-9a-f]{12}"));
  EXPECT_NE(id, NewRequestId());
}

TEST(RequestIdsTest, GoToEveryMutation) {
  v1::TriggerRequest trigger;
  GiveRequestId(trigger, "");
  EXPECT_EQ(trigger.request_id().size(), 36);
  GiveRequestId(trigger, "mine");
  EXPECT_EQ(trigger.request_id(), "mine");
  v1::GetEntryRequest get;
  GiveRequestId(get, "mine");
  EXPECT_EQ(get.ByteSizeLong(), 0);
}

TEST(RequestIdsTest, AMutationIsRepeatedOnlyUnderTheirProtection) {
  v1::SyncRequest sync;
  EXPECT_FALSE(MayBeRepeated(sync));
  GiveRequestId(sync, "");
  EXPECT_TRUE(MayBeRepeated(sync));
  EXPECT_TRUE(MayBeRepeated(v1::GetEntryRequest()));
  EXPECT_TRUE(MayBeRepeated(v1::CheckIntegrityRequest()));
  EXPECT_FALSE(MayBeRepeated(v1::ExecuteDueRequest()));
}

TEST(EnumWordsTest, AreThoseOfFilters) {
  EXPECT_EQ(WordOf(v1::Entry::STATE_ACTIVE), "ACTIVE");
  EXPECT_EQ(WordOf(v1::STORAGE_BACKEND_SQLITE), "SQLITE");
  EXPECT_EQ(WordOf(v1::Entry::STATE_UNSPECIFIED), "");
  EXPECT_EQ(WordOf(static_cast<v1::Entry::State>(99)), "99");
}

}  // namespace
}  // namespace broadcast::cli
