#include "sync/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "sync/plan_token.h"

namespace broadcast::sync {
namespace {

using testing::ElementsAre;

constexpr absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);
const absl::Time kOld = kNow - absl::Hours(50);
const absl::Time kDeletableSince = kNow - absl::Hours(48);

struct Case {
  std::vector<WantedPost> posts;
  std::vector<PresentMessage> messages;
};

Place PlaceOf(int number) {
  return {.feed_id = absl::StrFormat("f%d", number / 8),
          .post_id = absl::StrFormat("p%d", number % 8)};
}

WantedPost Post(int number, absl::string_view content = "a") {
  return {.place = PlaceOf(number), .content_id = std::string(content)};
}

PresentMessage Message(int number, Presence presence = Presence::kLive,
                       absl::string_view content = "a",
                       absl::Time post_time = kNow) {
  return {.place = PlaceOf(number),
          .message_id = absl::StrCat("m", number),
          .content_id = std::string(content),
          .presence = presence,
          .post_time = post_time};
}

using Told = std::vector<std::string>;

std::string Tell(const Decision& decision) {
  return absl::StrCat(ToText(decision.verdict), " ", decision.place().feed_id,
                      decision.place().post_id);
}

Told Whole(const Case& given, const Rules& rules = {}) {
  Told told;
  const Merged merged =
      Merge({.posts = given.posts, .messages = given.messages}, rules,
            [&](const Decision& decision) {
              told.push_back(Tell(decision));
              return true;
            });
  EXPECT_TRUE(merged.done);
  return told;
}

// The same read in pages of so many rows, each as long as `most` verdicts.
Told InPages(const Case& given, const Rules& rules, size_t rows, size_t most,
             Fingerprint* fingerprint = nullptr) {
  Told told;
  Place after;
  while (true) {
    std::vector<WantedPost> posts;
    std::vector<PresentMessage> messages;
    for (const WantedPost& post : given.posts) {
      if (post.place > after && posts.size() < rows) posts.push_back(post);
    }
    for (const PresentMessage& message : given.messages) {
      if (message.place > after && messages.size() < rows) {
        messages.push_back(message);
      }
    }
    size_t taken = 0;
    const Merged merged = Merge({.posts = posts,
                                 .posts_end = posts.size() < rows,
                                 .messages = messages,
                                 .messages_end = messages.size() < rows},
                                rules, [&](const Decision& decision) {
                                  if (taken == most) return false;
                                  ++taken;
                                  told.push_back(Tell(decision));
                                  if (fingerprint) fingerprint->Add(decision);
                                  return true;
                                });
    if (merged.done) return told;
    if (!merged.last.has_value() || *merged.last <= after) {
      ADD_FAILURE() << "no progress";
      return told;
    }
    after = *merged.last;
  }
}

// What the words of the design say, place by place.
Told Naive(const Case& given, const Rules& rules) {
  std::map<Place, const WantedPost*> posts;
  std::map<Place, const PresentMessage*> messages;
  std::set<Place> places;
  for (const WantedPost& post : given.posts) {
    posts[post.place] = &post;
    places.insert(post.place);
  }
  for (const PresentMessage& message : given.messages) {
    messages[message.place] = &message;
    places.insert(message.place);
  }
  Told told;
  for (const Place& place : places) {
    std::string word;
    if (!messages.contains(place)) {
      word = posts[place]->original_id.has_value() ? "copy" : "post";
    } else {
      const PresentMessage& message = *messages[place];
      const bool old = rules.deletable_since.has_value() &&
                       message.post_time < *rules.deletable_since;
      if (!posts.contains(place) && message.spared) {
        word = "keep";
      } else if (message.presence == Presence::kUnknown) {
        word = "unknown";
      } else if (posts.contains(place)) {
        const bool same = posts[place]->content_id == message.content_id ||
                          message.presence == Presence::kPending;
        word = same ? "keep" : "edit";
      } else if (message.presence == Presence::kPending) {
        word = "delete";
      } else if (old) {
        word = "tombstone";
      } else {
        word = message.presence == Presence::kUndeletable ? "undeletable"
                                                          : "delete";
      }
    }
    told.push_back(absl::StrCat(word, " ", place.feed_id, place.post_id));
  }
  return told;
}

TEST(PlanTest, NothingWantedAndNothingThereIsDone) {
  EXPECT_TRUE(Whole({}).empty());
}

TEST(PlanTest, EachKindOfPlaceHasItsVerdict) {
  const Rules rules{.deletable_since = kDeletableSince};
  WantedPost copied = Post(1);
  copied.original_id = "elsewhere";
  EXPECT_THAT(
      Whole({.posts = {Post(0), copied, Post(2), Post(3, "b"), Post(4, "b"),
                       Post(5), Post(6, "b")},
             .messages = {Message(2), Message(3),
                          Message(4, Presence::kUndeletable),
                          Message(5, Presence::kUnknown),
                          Message(6, Presence::kPending), Message(7),
                          Message(8, Presence::kLive, "a", kOld),
                          Message(9, Presence::kUndeletable),
                          Message(10, Presence::kUndeletable, "a", kOld),
                          Message(11, Presence::kUnknown, "a", kOld),
                          Message(12, Presence::kPending, "a", kOld)}},
            rules),
      ElementsAre("post f0p0", "copy f0p1", "keep f0p2", "edit f0p3",
                  "edit f0p4", "unknown f0p5", "keep f0p6", "delete f0p7",
                  "tombstone f1p0", "undeletable f1p1", "tombstone f1p2",
                  "unknown f1p3", "delete f1p4"));
}

TEST(PlanTest, WhatHasNoWindowIsAlwaysDeleted) {
  EXPECT_THAT(Whole({.messages = {Message(0, Presence::kLive, "a", kOld)}}),
              ElementsAre("delete f0p0"));
}

TEST(PlanTest, WhatIsSparedIsLeftAlone) {
  Case given{.messages = {Message(0)}};
  given.messages[0].spared = true;
  EXPECT_THAT(Whole(given), ElementsAre("keep f0p0"));
}

TEST(PlanTest, AModeDoesOnlyItsPart) {
  const Rules post_only{.deletes = false}, delete_only{.posts = false};
  const WantedPost post = Post(0);
  const PresentMessage message = Message(1);
  for (const Verdict verdict :
       {Verdict::kPost, Verdict::kCopy, Verdict::kEdit}) {
    EXPECT_TRUE(Acts({.verdict = verdict, .post = &post}, post_only));
    EXPECT_FALSE(Acts({.verdict = verdict, .post = &post}, delete_only));
  }
  for (const Verdict verdict : {Verdict::kDelete, Verdict::kTombstone}) {
    EXPECT_FALSE(Acts({.verdict = verdict, .message = &message}, post_only));
    EXPECT_TRUE(Acts({.verdict = verdict, .message = &message}, delete_only));
  }
  for (const Verdict verdict :
       {Verdict::kKeep, Verdict::kUndeletable, Verdict::kUnknown}) {
    EXPECT_FALSE(Acts({.verdict = verdict, .message = &message}, {}));
  }
}

// Every way that three places can be wanted and filled, in pages of every size.
TEST(PlanTest, EverySmallCaseEqualsTheNaiveComputation) {
  // 0: none; else a message so. Times 2 for the post.
  const std::vector<PresentMessage> kinds = {
      Message(0),
      Message(0, Presence::kLive, "b"),
      Message(0, Presence::kLive, "a", kOld),
      Message(0, Presence::kPending),
      Message(0, Presence::kUnknown),
      Message(0, Presence::kUndeletable),
      Message(0, Presence::kUndeletable, "a", kOld)};
  const int ways = 2 * (static_cast<int>(kinds.size()) + 1);
  const Rules rules{.deletable_since = kDeletableSince};
  for (int way = 0; way < ways * ways * ways; ++way) {
    Case given;
    for (int place = 0, rest = way; place < 3; ++place, rest /= ways) {
      const int here = rest % ways;
      if (here % 2 == 1) given.posts.push_back(Post(place + 6));
      if (here / 2 == 0) continue;
      PresentMessage message = kinds[static_cast<size_t>(here / 2 - 1)];
      message.place = PlaceOf(place + 6);
      given.messages.push_back(message);
    }
    const Told expected = Naive(given, rules);
    ASSERT_EQ(Whole(given, rules), expected) << way;
    for (size_t rows = 1; rows <= 3; ++rows) {
      ASSERT_EQ(InPages(given, rules, rows, 1 + way % 3), expected) << way;
    }
  }
}

class RandomPlan {
 public:
  explicit RandomPlan(uint32_t seed) : random_(seed) {}

  int Below(int bound) {
    return std::uniform_int_distribution<int>(0, bound - 1)(random_);
  }

  Case Make(int places) {
    Case made;
    for (int place = 0; place < places; ++place) {
      if (Below(3) > 0) {
        WantedPost post = Post(place, Below(2) == 0 ? "a" : "b");
        if (Below(4) == 0) post.original_id = "elsewhere";
        made.posts.push_back(post);
      }
      if (Below(3) > 0) {
        PresentMessage message =
            Message(place, static_cast<Presence>(Below(4)),
                    Below(2) == 0 ? "a" : "b", Below(2) == 0 ? kOld : kNow);
        message.spared = Below(8) == 0;
        made.messages.push_back(message);
      }
    }
    return made;
  }

 private:
  std::mt19937 random_;
};

TEST(PlanTest, RandomCasesEqualTheNaiveComputationHoweverTheyAreRead) {
  RandomPlan random(7);
  for (int round = 0; round < 500; ++round) {
    const Case given = random.Make(random.Below(80));
    Rules rules;
    if (random.Below(2) == 0) rules.deletable_since = kDeletableSince;
    const Told expected = Naive(given, rules);
    ASSERT_EQ(Whole(given, rules), expected);
    Fingerprint first, second;
    ASSERT_EQ(
        InPages(given, rules, 1 + random.Below(7), 1 + random.Below(9), &first),
        expected);
    ASSERT_EQ(InPages(given, rules, 1 + random.Below(7), 1 + random.Below(9),
                      &second),
              expected);
    EXPECT_EQ(first.Hash(), second.Hash());
  }
}

TEST(PlanTest, CountsAddUp) {
  RandomPlan random(11);
  for (int round = 0; round < 200; ++round) {
    const Case given = random.Make(30);
    Counts counts;
    Merge({.posts = given.posts, .messages = given.messages},
          {.deletable_since = kDeletableSince}, [&](const Decision& decision) {
            counts.Add(decision);
            return true;
          });
    EXPECT_EQ(counts.open_posts, given.posts.size());
    EXPECT_EQ(counts.tracked, given.messages.size());
    EXPECT_EQ(counts.tracked, counts.kept + counts.changed + counts.orphaned +
                                  counts.undeletable + counts.unknown);
    EXPECT_LE(counts.tombstones, counts.orphaned);
    Counts twice = counts;
    twice.Add(counts);
    EXPECT_EQ(twice.kept, 2 * counts.kept);
    EXPECT_EQ(twice.tombstones, 2 * counts.tombstones);
  }
}

TEST(PlanTest, AFingerprintTellsEveryPartOfAnActionApart) {
  const auto hash_of = [](const Decision& decision,
                          absl::string_view channel = "c") {
    Fingerprint fingerprint;
    fingerprint.AddChannel(channel);
    fingerprint.Add(decision);
    return fingerprint.Hash();
  };
  const WantedPost post = Post(0), other_content = Post(0, "b"),
                   other_post = Post(1);
  const PresentMessage message = Message(0), other_message = Message(2);
  const std::set<std::string> hashes = {
      hash_of({.verdict = Verdict::kPost, .post = &post}),
      hash_of({.verdict = Verdict::kPost, .post = &post}, "d"),
      hash_of({.verdict = Verdict::kPost, .post = &other_content}),
      hash_of({.verdict = Verdict::kPost, .post = &other_post}),
      hash_of({.verdict = Verdict::kEdit, .post = &post, .message = &message}),
      hash_of({.verdict = Verdict::kDelete, .message = &message}),
      hash_of({.verdict = Verdict::kTombstone, .message = &message}),
      hash_of({.verdict = Verdict::kDelete, .message = &other_message})};
  EXPECT_EQ(hashes.size(), 8);
}

TEST(PlanTokenTest, OnlyWhatWasMadeIsRead) {
  const PlanToken token{.as_of = absl::FromUnixMicros(1234567890123456),
                        .hash = std::string(64, 'a')};
  EXPECT_EQ(PlanTokenFrom(ToText(token)), token);
  const PlanToken nothing{.as_of = token.as_of};
  EXPECT_EQ(PlanTokenFrom(ToText(nothing)), nothing);
  for (const char* text : {"", "x", "MTIz", "%%%", "fHx8"}) {
    EXPECT_EQ(PlanTokenFrom(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace broadcast::sync
