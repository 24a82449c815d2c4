// What a List call asks for, found right or wrong without a database.
#include "storage/list_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/ids.h"
#include "base/limits.h"
#include "storage/list.h"
#include "support/status_matchers.h"

namespace broadcast::storage {
namespace {

using test::HasReason;
using test::IsOk;
using test::Must;
using test::StatusIs;
using testing::AllOf;
using testing::HasSubstr;
using testing::Optional;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
const std::string kClient = "0197c0de-0000-7000-8000-00000000000a";
const std::string kOther = "0197c0de-0000-7000-8000-00000000000b";

absl::StatusOr<ListPlan> PlanFilter(const std::string& filter) {
  return PlanEntryList({.filter = filter}, Scope::AllClients());
}

auto Fails(const std::string& message) {
  return AllOf(StatusIs(kInvalid, HasSubstr(message)),
               HasReason("INVALID_FILTER"));
}

std::string TokenOf(const ListPlan& plan) {
  return EncodePageToken({.resource = plan.listed->resource,
                          .order = plan.order->column,
                          .descending = plan.descending,
                          .binding = plan.binding,
                          .last = {.value = 1, .id = kClient}});
}

TEST(ListPlanTest, PageSizesAreDefaultedCoercedOrRefused) {
  const auto size_for = [](int64_t asked) {
    return Must(PlanEntryList({.page_size = asked}, Scope::AllClients()))
        .page_size;
  };
  EXPECT_EQ(size_for(0), limits::kDefaultPageSize);
  EXPECT_EQ(size_for(1), 1);
  EXPECT_EQ(size_for(1000), 1000);
  EXPECT_EQ(size_for(std::numeric_limits<int64_t>::max()), 1000);
  EXPECT_THAT(PlanEntryList({.page_size = -1}, Scope::AllClients()),
              AllOf(StatusIs(kInvalid, HasSubstr("page_size")),
                    HasReason("INVALID_FIELDS")));
}

TEST(ListPlanTest, OnlyDocumentedOrdersAreTaken) {
  const auto plan = [](const std::string& order_by) {
    return PlanEntryList({.order_by = order_by}, Scope::AllClients());
  };
  EXPECT_EQ(Must(plan("")).order->name, "create_time");
  EXPECT_FALSE(Must(plan("")).descending);
  EXPECT_EQ(Must(plan("next_send_time")).order->name, "next_send_time");
  EXPECT_TRUE(Must(plan("  next_send_time  desc ")).descending);
  for (const char* bad :
       {"state", "create_time asc", "create_time desc x", "desc",
        "create_time, next_send_time", "create_time DESC", "create_timedesc",
        "create_time;--"}) {
    EXPECT_THAT(
        plan(bad),
        AllOf(StatusIs(kInvalid,
                       HasSubstr("expected create_time or next_send_time")),
              HasReason("INVALID_ORDER_BY")))
        << bad;
  }
  for (const auto& other : {PlanClientList, PlanChannelList, PlanPairList}) {
    EXPECT_THAT(other({.order_by = "create_time desc"}, Scope::AllClients()),
                IsOk());
    EXPECT_THAT(other({.order_by = "next_send_time"}, Scope::AllClients()),
                HasReason("INVALID_ORDER_BY"));
  }
}

TEST(ListPlanTest, UnknownFieldsAreRefusedWithThoseThereAre) {
  for (const char* bad :
       {"title", "labels", "labelsx.a", "label.a", "state.x", "ENTRY_ID"}) {
    EXPECT_THAT(PlanFilter(absl::StrCat("state=ACTIVE AND ", bad, "=x")),
                Fails(absl::StrCat("at byte 18: ", bad,
                                   ": there is no such field; there are "
                                   "entry_id, client_id")))
        << bad;
  }
  EXPECT_THAT(PlanFilter(std::string(2000, 'x') + "=1"),
              StatusIs(kInvalid, testing::SizeIs(testing::Lt(400))));
}

TEST(ListPlanTest, LabelsAreNamedByTheirKey) {
  EXPECT_EQ(Must(PlanFilter("labels.a.b-c_9=x")).conditions[0].key, "a.b-c_9");
  for (const std::string& key : {std::string(""), std::string("A"),
                                 std::string("9a"), std::string(64, 'a')}) {
    EXPECT_THAT(PlanFilter(absl::StrCat("labels.", key, "=x")),
                Fails("a label's key matches"));
  }
}

TEST(ListPlanTest, ValuesHaveTheTypeOfTheirField) {
  EXPECT_THAT(PlanFilter("entry_id = x"), Fails("entry_id: expected a UUID"));
  EXPECT_THAT(PlanFilter("state = active"),
              Fails("state: expected one of ACTIVE, PAUSED, DISABLED"));
  EXPECT_THAT(PlanFilter("state = STATE_ACTIVE"), Fails("expected one of"));
  EXPECT_THAT(PlanFilter("state = UNSPECIFIED"), Fails("expected one of"));
  EXPECT_THAT(PlanFilter("last_outcome = DONE"),
              Fails("PENDING, SENDING, SENT, PARTIAL, FAILED"));
  EXPECT_THAT(
      PlanPairList({.filter = "configured = TRUE"}, Scope::AllClients()),
      Fails("configured: expected true or false"));
  // What is written in upper case is stored in lower case.
  EXPECT_EQ(Must(PlanFilter(absl::StrCat("client_id=",
                                         absl::AsciiStrToUpper(kClient))))
                .conditions[0]
                .text,
            kClient);
}

TEST(ListPlanTest, EveryWordIsOneThatIsStored) {
  const auto check = [](const Listed& listed, absl::string_view field,
                        auto value) {
    for (const ListField& found : listed.fields) {
      if (found.name != field) continue;
      for (absl::string_view word : found.words) {
        EXPECT_TRUE(FromText(absl::AsciiStrToLower(word), &value)) << word;
      }
      // And none is left out: the last is the last.
      EXPECT_EQ(absl::AsciiStrToLower(found.words.back()), ToText(value));
      EXPECT_EQ(found.words.size(), static_cast<size_t>(value) + 1);
    }
  };
  check(ListedEntries(), "state", EntryState::kActive);
  check(ListedEntries(), "last_outcome", Outcome::kPending);
  check(ListedChannels(), "state", ChannelState::kActive);
  check(ListedChannels(), "platform", Platform::kTelegram);
}

TEST(ListPlanTest, OnlyTimesHaveAnOrder) {
  for (const char* op : {"<", "<=", ">", ">="}) {
    EXPECT_THAT(PlanFilter(absl::StrCat("create_time ", op,
                                        " \"2030-01-01T00:00:00Z\"")),
                IsOk());
    for (const char* field :
         {"entry_id", "state", "open_address", "labels.a"}) {
      EXPECT_THAT(PlanFilter(absl::StrCat(field, op, "ACTIVE")),
                  Fails("takes the operators =, != and : only"));
    }
    EXPECT_THAT(PlanPairList({.filter = absl::StrCat("configured", op, "true")},
                             Scope::AllClients()),
                Fails("takes the operators"));
  }
}

TEST(ListPlanTest, TimesAreOfRfc3339) {
  const auto micros = [](const std::string& time) {
    return Must(PlanFilter(absl::StrCat("update_time=\"", time, "\"")))
        .conditions[0]
        .number;
  };
  EXPECT_EQ(micros("1970-01-01T00:00:01Z"), 1'000'000);
  EXPECT_EQ(micros("1970-01-01T00:00:00.000001Z"), 1);
  EXPECT_EQ(micros("1970-01-01T00:00:00.0000019Z"), 1);
  EXPECT_EQ(micros("1970-01-01T01:00:00+01:00"), 0);
  EXPECT_EQ(micros("9999-12-31T23:59:59.999999Z"), 253402300799999999);
  for (const char* bad :
       {"", "now", "infinite-future", "2030-01-01", "2030-01-01T00:00:00",
        "2030-01-01 00:00:00Z", " 2030-01-01T00:00:00Z",
        "2030-01-01T00:00:00Z ", "2030-13-01T00:00:00Z", "20300-01-01T00:00Z",
        "2030-01-01T25:00:00Z", "2030-01-01T00:00:00ZZ", "1893456000"}) {
    EXPECT_THAT(PlanFilter(absl::StrCat("update_time=\"", bad, "\"")),
                Fails("update_time: expected a time of RFC 3339"))
        << bad;
  }
}

TEST(ListPlanTest, ConditionsOnTheOrderNarrowIt) {
  const ListPlan plan = Must(PlanFilter(
      R"(create_time > "1970-01-01T00:00:01Z" AND
         create_time >= "1970-01-01T00:00:00Z" AND
         create_time < "1970-01-01T00:00:03Z" AND
         next_send_time = "1970-01-01T00:00:02Z")"));
  EXPECT_THAT(plan.least, Optional(1'000'001));
  EXPECT_THAT(plan.greatest, Optional(2'999'999));
}

TEST(ListPlanTest, TheScopeGoesBeforeTheFilter) {
  const std::string filter = absl::StrCat("client_id = ", kOther);
  EXPECT_THAT(Must(PlanFilter(filter)).client_id, Optional(kOther));
  EXPECT_THAT(Must(PlanEntryList({.filter = filter}, Scope::OneClient(kClient)))
                  .client_id,
              Optional(kClient));
  EXPECT_EQ(Must(PlanFilter(absl::StrCat("client_id != ", kOther))).client_id,
            std::nullopt);
}

TEST(PageTokenTest, ATokenGoesOnWithTheSameQuestionOnly) {
  const ListRequest first = {.filter = "state=ACTIVE", .order_by = ""};
  const Scope scope = Scope::OneClient(kClient);
  ListRequest request = first;
  request.page_token = TokenOf(Must(PlanEntryList(first, scope)));

  const ListPlan next = Must(PlanEntryList(request, scope));
  EXPECT_EQ(next.after, (PageKey{1, kClient}));
  request.page_size = 7;
  EXPECT_THAT(PlanEntryList(request, scope), IsOk());
  request.order_by = "create_time";  // the same, said
  EXPECT_THAT(PlanEntryList(request, scope), IsOk());

  const auto misused = AllOf(StatusIs(kInvalid, HasSubstr("start again")),
                             HasReason("INVALID_PAGE_TOKEN"));
  for (const char* order : {"create_time desc", "next_send_time"}) {
    ListRequest other = request;
    other.order_by = order;
    EXPECT_THAT(PlanEntryList(other, scope), misused);
  }
  ListRequest other = request;
  other.filter = "state=PAUSED";
  EXPECT_THAT(PlanEntryList(other, scope), misused);
  EXPECT_THAT(PlanEntryList(request, Scope::AllClients()), misused);
  EXPECT_THAT(PlanEntryList(request, Scope::OneClient(kOther)), misused);
  EXPECT_THAT(PlanChannelList(request, scope), misused);
}

TEST(PageTokenTest, WhatWasPutInComesOut) {
  std::mt19937_64 random(20260601);
  for (int64_t value : {int64_t{0}, int64_t{-1}, int64_t{1780315200000000},
                        std::numeric_limits<int64_t>::min(),
                        std::numeric_limits<int64_t>::max()}) {
    const PageToken token = {.resource = Resource::kPair,
                             .order = OrderColumn::kNextSendTime,
                             .descending = true,
                             .binding = random(),
                             .last = {.value = value, .id = kOther}};
    const std::string text = EncodePageToken(token);
    EXPECT_THAT(text, testing::MatchesRegex("[A-Za-z0-9_-]+"));
    const PageToken decoded = Must(DecodePageToken(text));
    EXPECT_EQ(decoded.resource, token.resource);
    EXPECT_EQ(decoded.order, token.order);
    EXPECT_TRUE(decoded.descending);
    EXPECT_EQ(decoded.binding, token.binding);
    EXPECT_EQ(decoded.last, token.last);
  }
}

TEST(PageTokenTest, GarbageIsRefused) {
  const auto refused =
      AllOf(StatusIs(kInvalid), HasReason("INVALID_PAGE_TOKEN"));
  const std::string good =
      TokenOf(Must(PlanEntryList({}, Scope::AllClients())));
  std::mt19937_64 random(20260601);
  for (int round = 0; round < 20'000; ++round) {
    std::string text(round % 2 == 0 ? random() % 100 : good.size(), ' ');
    for (char& c : text) c = static_cast<char>(random());
    if (round % 4 == 1) {
      text = absl::WebSafeBase64Escape(text.substr(0, 36));
    }
    EXPECT_THAT(PlanEntryList({.page_token = text + "x"}, Scope::AllClients()),
                refused);
    // Whatever decodes is a key that can be bound.
    const auto decoded = DecodePageToken(text);
    if (decoded.ok()) {
      EXPECT_TRUE(IsUuid(decoded->last.id));
    }
  }
  for (size_t at = 0; at < good.size(); ++at) {
    std::string text = good;
    text[at] = text[at] == 'A' ? 'B' : 'A';
    const auto decoded = DecodePageToken(text);
    if (decoded.ok()) {
      EXPECT_TRUE(IsUuid(decoded->last.id));
    }
    EXPECT_THAT(DecodePageToken(good.substr(0, at)), refused);
  }
}

TEST(PageTokenTest, BindingsTellPartsApart) {
  EXPECT_EQ(BindingOf({"a", "b"}), BindingOf({"a", "b"}));
  EXPECT_NE(BindingOf({"a", "b"}), BindingOf({"ab", ""}));
  EXPECT_NE(BindingOf({"a", "b"}), BindingOf({"b", "a"}));
  EXPECT_NE(BindingOf({"a"}), BindingOf({"a", ""}));
}

}  // namespace
}  // namespace broadcast::storage
