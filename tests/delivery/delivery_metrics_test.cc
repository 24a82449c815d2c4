#include "delivery/delivery_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

namespace broadcast::delivery {
namespace {

using senders::Verdict;
using storage::DeliveryState;
using storage::Platform;
using testing::Contains;
using testing::Not;

class DeliveryMetricsTest : public testing::Test {
 protected:
  // What the series of a metric say, by the values of their labels.
  std::map<std::string, double> Of(const std::string& metric) {
    std::map<std::string, double> found;
    for (const auto& family : registry_.Collect()) {
      if (family.name != metric) continue;
      for (const auto& series : family.metric) {
        std::string key;
        for (const auto& label : series.label) key += label.value + " ";
        found[key] = series.counter.value + series.gauge.value;
      }
    }
    return found;
  }

  prometheus::Registry registry_;
  DeliveryMetrics metrics_{registry_};
};

TEST_F(DeliveryMetricsTest, ASeriesIsThereForWhatCanHappenAndNothingElse) {
  std::set<std::string> all;
  for (const char* metric :
       {"broadcastd_deliveries_total", "broadcastd_delivery_attempts_total",
        "broadcastd_delivery_limited_total"}) {
    for (const auto& [key, value] : Of(metric)) {
      EXPECT_EQ(value, 0) << metric << " " << key;
      EXPECT_EQ(key.find("email"), std::string::npos) << metric << " " << key;
      all.insert(key);
    }
  }
  for (const char* never : {"pending", "sending", "abandoned"}) {
    EXPECT_THAT(all, Not(Contains(testing::HasSubstr(never))));
  }
  EXPECT_EQ(Of("broadcastd_deliveries_total").size(), 6 + 5 + 5);
  EXPECT_EQ(Of("broadcastd_delivery_attempts_total").size(), 10 + 4 + 1);
}

TEST_F(DeliveryMetricsTest, WhatIsCountedIsCountedOnce) {
  metrics_.Recorded(Platform::kTelegram, DeliveryState::kUnknown, 2);
  metrics_.Attempted(Platform::kWebhook, Verdict::kChannelGone);
  metrics_.Limited(Platform::kTelegram, senders::LimitScope::kAccount, 3);
  double sum = 0;
  for (const char* metric :
       {"broadcastd_deliveries_total", "broadcastd_delivery_attempts_total",
        "broadcastd_delivery_limited_total",
        "broadcastd_delivery_limited_seconds_total"}) {
    for (const auto& [key, value] : Of(metric)) sum += value;
  }
  EXPECT_EQ(sum, 2 + 1 + 1 + 3);
}

TEST_F(DeliveryMetricsTest, WhatAPlatformNeverComesToIsHarmless) {
  metrics_.Recorded(Platform::kEmail, DeliveryState::kSent);
  metrics_.Attempted(Platform::kLog, Verdict::kUnknown);
  metrics_.Limited(Platform::kLog, senders::LimitScope::kChat, 1);
  metrics_.FirstByte(Platform::kEmail, 1);
  for (const auto& [key, value] : Of("broadcastd_deliveries_total")) {
    EXPECT_EQ(value, 0) << key;
  }
}

TEST_F(DeliveryMetricsTest, LanesAreToldByName) {
  metrics_.Owned("bot", true);
  metrics_.Owned("hooks#1", false);
  metrics_.Unowned("hooks#1", true);
  EXPECT_EQ(Of("broadcastd_lane_owned")["bot "], 1);
  EXPECT_EQ(Of("broadcastd_lane_owned")["hooks#1 "], 0);
  EXPECT_EQ(Of("broadcastd_lane_unowned")["hooks#1 "], 1);
}

}  // namespace
}  // namespace broadcast::delivery
