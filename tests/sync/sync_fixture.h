// A database with feeds whose channels a test fills, spoils and puts right
// again, and short ways to do so. The test's thread.
#ifndef BROADCASTD_TESTS_SYNC_SYNC_FIXTURE_H_
#define BROADCASTD_TESTS_SYNC_SYNC_FIXTURE_H_

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/ids.h"
#include "content/content.h"
#include "feeds/change_feed.h"
#include "feeds/change_feed_channels.h"
#include "feeds/close_post.h"
#include "feeds/expire_posts.h"
#include "feeds/upsert_posts.h"
#include "shown_channels.h"
#include "storage/lanes.h"
#include "storage/operations.h"
#include "storage/outbox.h"
#include "storage/outcomes.h"
#include "storage/plans.h"
#include "support/registry_seed.h"
#include "support/status_matchers.h"
#include "support/test_database.h"
#include "sync/plan_step.h"
#include "sync/read_plan.h"
#include "sync/start_migrate.h"
#include "sync/start_sync.h"

namespace broadcast::test {

inline const storage::Scope kEverybody = storage::Scope::AllClients();

inline storage::StoredContent Stored(absl::string_view text) {
  std::string document = ToJson({.text = std::string(text)});
  std::string id = broadcast::ContentId(document);
  return {.content_id = std::move(id), .body = std::move(document)};
}

class SyncTest : public DatabaseTest {
 protected:
  static constexpr int kPairs = 4;

  void SetUp() override {
    DatabaseTest::SetUp();
    accounts_["main"] = {.platform = storage::Platform::kLog};
    accounts_["bot"] = {.platform = storage::Platform::kTelegram};
    policy_ = {.accounts = &accounts_, .ids = &ids_};
    Plant(raw(), {.client = 1, .pairs = kPairs});
    Plant(raw(), {.client = 2, .pairs = 1});
    Must(Write([](storage::Transaction& write) {
      const storage::NewLane lanes[] = {{.lane_id = "main", .account = "main"},
                                        {.lane_id = "bot", .account = "bot"}};
      return storage::EnsureLanes(write, lanes);
    }));
    for (const char* lane : {"main", "bot"}) {
      claims_.push_back(*Do([&](storage::Transaction& write) {
        return storage::TakeLane(write, lane, "one", absl::Hours(24 * 3650),
                                 true);
      }));
    }
  }

  // The channels of client 1: their ids, and their addresses are the same.
  static std::string Channel(int number) { return OpenId(1, number); }

  void MakeTelegram(const std::string& channel_id) {
    raw().Execute(absl::StrCat(
        "UPDATE channels SET platform = 'telegram', account = 'bot' WHERE "
        "channel_id = '",
        channel_id, "'"));
    shown_.aging.insert(channel_id);
  }

  template <typename F>
  auto Try(F command)
      -> decltype(command(std::declval<storage::Transaction&>())) {
    using Answer = typename decltype(command(
        std::declval<storage::Transaction&>()))::value_type;
    std::optional<Answer> answer;
    const absl::Status status =
        Write([&](storage::Transaction& write) -> absl::Status {
          ASSIGN_OR_RETURN(answer, command(write));
          return absl::OkStatus();
        });
    if (!status.ok()) return status;
    return *std::move(answer);
  }
  template <typename F>
  auto Do(F command) -> typename decltype(command(
      std::declval<storage::Transaction&>()))::value_type {
    return Must(Try(std::move(command)));
  }

  std::string MakeFeed(const std::string& name,
                       const std::vector<std::string>& channel_ids,
                       std::optional<bool> tracking = std::nullopt) {
    storage::Feed feed{.feed_id = ids_.Next(),
                       .client_id = ClientId(1),
                       .name = name,
                       .tracking = tracking};
    Do([&](storage::Transaction& write) {
      return feeds::CreateFeed(write, kEverybody, {}, feed);
    });
    for (const std::string& id : channel_ids) {
      AddChannel(feed.feed_id, id, false);
    }
    return feed.feed_id;
  }

  void AddChannel(const std::string& feed_id, const std::string& channel_id,
                  std::optional<bool> fill = std::nullopt) {
    Do([&](storage::Transaction& write) {
      return feeds::AddFeedChannel(write, kEverybody, {}, policy_,
                                   {.feed_id = feed_id,
                                    .channel_id = channel_id,
                                    .fill = fill,
                                    .operation_id = ids_.Next()});
    });
  }
  absl::Status RemoveChannel(const std::string& feed_id,
                             const std::string& channel_id, bool clear) {
    return Try([&](storage::Transaction& write) {
             return feeds::RemoveFeedChannel(write, kEverybody, {}, policy_,
                                             {.feed_id = feed_id,
                                              .channel_id = channel_id,
                                              .clear = clear,
                                              .operation_id = ids_.Next()});
           })
        .status();
  }

  void Upsert(const std::string& feed_id, const std::string& external_id,
              absl::string_view text,
              std::optional<absl::Time> expire_time = std::nullopt) {
    Do([&](storage::Transaction& write) {
      return feeds::UpsertPosts(write, kEverybody, {}, policy_,
                                {.feed_id = feed_id,
                                 .posts = {{.field = "post",
                                            .new_id = ids_.Next(),
                                            .external_id = external_id,
                                            .content = Stored(text),
                                            .expire_time = expire_time}},
                                 .operation_id = ids_.Next()});
    });
  }
  void UpsertMany(const std::string& feed_id, int count) {
    for (int first = 0; first < count; first += 100) {
      feeds::UpsertPostsCommand command{.feed_id = feed_id,
                                        .operation_id = ids_.Next()};
      for (int i = first; i < std::min(first + 100, count); ++i) {
        command.posts.push_back({.field = "posts",
                                 .new_id = ids_.Next(),
                                 .external_id = absl::StrCat(i),
                                 .content = Stored(absl::StrCat("text ", i))});
      }
      Do([&](storage::Transaction& write) {
        return feeds::UpsertPosts(write, kEverybody, {}, policy_, command);
      });
    }
  }
  absl::Status Close(const std::string& feed_id,
                     const std::string& external_id) {
    return Try([&](storage::Transaction& write) {
             return feeds::ClosePost(
                 write, kEverybody, {}, policy_,
                 {.key = {.feed_id = feed_id, .external_id = external_id},
                  .operation_id = ids_.Next()});
           })
        .status();
  }
  void Expire() {
    while (Do([&](storage::Transaction& write) {
             return feeds::ExpirePosts(write, policy_);
           }).posts > 0) {
    }
  }

  // Sends what waits, until nothing does; answers how many ended.
  using FateOf = std::function<Fate(const storage::TakenDelivery&)>;
  int64_t Deliver(
      const FateOf& fate = [](const auto&) { return Fate::kDo; },
      int64_t most = 1'000'000) {
    int64_t ended = 0;
    while (ended < most) {
      const int64_t now_ended = DeliverOnce(fate);
      if (now_ended == 0) break;
      ended += now_ended;
    }
    return ended;
  }

  int64_t DeliverOnce(const FateOf& fate) {
    int64_t ended = 0;
    for (const storage::LaneClaim& claim : claims_) {
      const auto page = Do([&](storage::Transaction& write) {
        return storage::FindWaiting(write, claim.lane_id, "", 100, 100);
      });
      storage::IntentOptions options{.claim = claim};
      for (const auto& channel : page.channels) {
        options.channel_ids.push_back(channel.channel_id);
      }
      const auto taken = Do([&](storage::Transaction& write) {
        return storage::RecordIntents(write, options);
      });
      std::vector<storage::OutcomeRecord> outcomes;
      for (const storage::TakenDelivery& delivery : taken.taken) {
        outcomes.push_back(
            shown_.Answer(delivery, fate(delivery), clock().Now()));
      }
      Do([&](storage::Transaction& write) {
        return storage::RecordOutcomes(write, outcomes, {});
      });
      ended += static_cast<int64_t>(outcomes.size()) + taken.expired +
               taken.refused + taken.cancelled;
    }
    return ended;
  }

  sync::PlanStep Step() {
    sync::PlanKey key;
    return Do([&](storage::Transaction& write) {
      return sync::StepPlan(write, policy_, key);
    });
  }
  // Steps until no plan is due; answers the largest number of deliveries of
  // one.
  int64_t Plan() {
    int64_t largest = 0;
    while (true) {
      const sync::PlanStep step = Step();
      if (step.key.operation_id.empty()) return largest;
      largest = std::max(largest, step.deliveries);
    }
  }

  // Reads a plan as the calls do.
  absl::StatusOr<sync::WholePlan> TryRead(sync::PlanQuestion question,
                                          const storage::Scope& scope) {
    sync::PlanReader reader(scope, policy_, std::move(question));
    while (!reader.done()) {
      RETURN_IF_ERROR(Read([&](storage::Transaction& read) {
        // It may be run again.
        RETURN_IF_ERROR(reader.Read(read));
        return reader.Read(read);
      }));
      reader.Keep();
    }
    RETURN_IF_ERROR(reader.Check());
    return reader.TakePlan();
  }
  sync::WholePlan ReadPlan(const std::string& channel_id) {
    return Must(TryRead({.channel_id = channel_id}, kEverybody));
  }

  absl::StatusOr<sync::StartedSync> TryStart(
      const sync::WholePlan& plan, sync::StartSyncCommand command = {},
      const storage::RequestKey& request = {}) {
    command.operation_id = ids_.Next();
    return Try([&](storage::Transaction& write) {
      return sync::StartSync(write, kEverybody, request, command, plan);
    });
  }
  // The whole way, of one channel.
  sync::StartedSync Sync(const std::string& channel_id) {
    sync::StartedSync started = Must(TryStart(ReadPlan(channel_id)));
    Plan();
    Deliver();
    return started;
  }

  // The same, asking first what is still there.
  void SyncVerifying(const std::string& channel_id) {
    const sync::WholePlan plan =
        Must(TryRead({.channel_id = channel_id, .verify = true}, kEverybody));
    Must(TryStart(plan, {.verify = true}));
    while (Count("plans WHERE done = 0") > 0) {
      Plan();
      Deliver();
      clock().Advance(absl::Seconds(30));
    }
    Deliver();
  }

  storage::Operation FindOperation(const std::string& operation_id) {
    return *Do([&](storage::Transaction& write) {
      return storage::FindOperation(write, kEverybody, operation_id);
    });
  }

  // The texts that a channel shows, in the order in which they came.
  std::vector<std::string> Shown(const std::string& channel_id) {
    std::vector<std::pair<int64_t, std::string>> texts;
    for (const auto& [id, message] : shown_.At(channel_id)) {
      texts.emplace_back(std::stoll(id), Must(FromJson(message.content)).text);
    }
    std::sort(texts.begin(), texts.end());
    std::vector<std::string> shown;
    for (auto& [id, text] : texts) shown.push_back(std::move(text));
    return shown;
  }

  int64_t Count(absl::string_view rows) {
    return raw().Number(absl::StrCat("SELECT count(*) FROM ", rows));
  }

  channels::Accounts accounts_;
  feeds::FeedPolicy policy_;
  ShownChannels shown_;
  IdSource ids_{&clock(), 3};

 private:
  std::vector<storage::LaneClaim> claims_;
};

}  // namespace broadcast::test

#endif  // BROADCASTD_TESTS_SYNC_SYNC_FIXTURE_H_
