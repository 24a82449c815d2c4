// The audit trail: recorded, listed, let go of when it is old, never changed.
#include "storage/audit_events.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/limits.h"
#include "storage/list.h"
#include "storage/retention.h"
#include "storage/sql_error.h"
#include "support/registry_seed.h"
#include "support/status_matchers.h"
#include "support/test_database.h"

namespace broadcast::storage {
namespace {

using test::ClientId;
using test::HasReason;
using test::IsOk;
using test::Must;
using test::StatusIs;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const Scope kAll = Scope::AllClients();
constexpr int64_t kLongAgo = 1'000'000'000'000'000;  // 2001
constexpr int64_t kFarAhead = 8'000'000'000'000'000;

std::string EventId(int number) {
  return absl::StrFormat("00000000-0000-7000-8009-%012d", number);
}

AuditEvent NewEvent(int number, int client) {
  AuditEvent event{.audit_event_id = EventId(number),
                   .principal = "ops",
                   .method = "CreateEntry",
                   .event = "entry.created",
                   .peer = "ipv4:192.0.2.7:50412",
                   .request_id = absl::StrCat("request-", number),
                   .resources = R"({"entry_id":"e"})",
                   .row_count = 1};
  if (client != 0) event.client_id = ClientId(client);
  return event;
}

class AuditEventsTest : public test::DatabaseTest {
 protected:
  void Record(const std::vector<AuditEvent>& events) {
    Must(Write(
        [&](Transaction& write) { return RecordAuditEvents(write, events); }));
  }

  // An event past our own code, at a time in microseconds.
  void PlantEvents(int first, int last, int64_t create_time) {
    std::vector<std::string> rows;
    for (int i = first; i <= last; ++i) {
      rows.push_back(absl::StrCat("('", EventId(i), "',", create_time,
                                  ",'ops',NULL,'M','e','','','OK','{}',1)"));
    }
    test::Insert(raw(), "audit_events", rows);
  }

  Page<AuditEvent> List(const ListRequest& request, const Scope& scope = kAll) {
    const ListPlan plan = Must(PlanAuditEventList(request, scope));
    Page<AuditEvent> page;
    Must(Read([&](Transaction& read) -> absl::Status {
      ASSIGN_OR_RETURN(page, ListAuditEvents(read, plan));
      return absl::OkStatus();
    }));
    return page;
  }

  // The numbers of the events of all pages.
  std::vector<int> Numbers(ListRequest request, const Scope& scope = kAll) {
    std::vector<int> numbers;
    do {
      const Page<AuditEvent> page = List(request, scope);
      for (const AuditEvent& event : page.rows) {
        numbers.push_back(std::stoi(event.audit_event_id.substr(24)));
      }
      request.page_token = page.next_page_token;
    } while (!request.page_token.empty());
    return numbers;
  }

  absl::StatusOr<int64_t> Expire(absl::Time before, int64_t most) {
    int64_t gone = 0;
    RETURN_IF_ERROR(Write([&](Transaction& write) -> absl::Status {
      ASSIGN_OR_RETURN(gone, DeleteExpiredAuditEvents(write, before, most));
      return absl::OkStatus();
    }));
    return gone;
  }

  int64_t Events() { return raw().Number("SELECT count(*) FROM audit_events"); }
};

TEST_P(AuditEventsTest, WhatIsRecordedIsListed) {
  AuditEvent event = NewEvent(1, 1);
  event.principal = "Ünï \"quoted\" \\ ,{}";
  event.outcome = "ENTRY_NOT_FOUND";
  event.row_count = 17;
  absl::Time now;
  Must(Write([&](Transaction& write) {
    now = write.now();
    return RecordAuditEvent(write, event);
  }));
  const Page<AuditEvent> page = List({});
  ASSERT_THAT(page.rows, SizeIs(1));
  const AuditEvent& found = page.rows[0];
  EXPECT_EQ(found.audit_event_id, event.audit_event_id);
  EXPECT_EQ(found.create_time, now);
  EXPECT_EQ(found.principal, event.principal);
  EXPECT_EQ(found.client_id, event.client_id);
  EXPECT_EQ(found.method, event.method);
  EXPECT_EQ(found.event, event.event);
  EXPECT_EQ(found.peer, event.peer);
  EXPECT_EQ(found.request_id, event.request_id);
  EXPECT_EQ(found.outcome, event.outcome);
  EXPECT_EQ(found.resources, event.resources);
  EXPECT_EQ(found.row_count, 17);
}

TEST_P(AuditEventsTest, AnEventMayBeOfNoClientOrOneThatIsGone) {
  Record({NewEvent(1, 0), NewEvent(2, 9)});
  EXPECT_EQ(raw().Number("SELECT count(*) FROM clients"), 0);
  const Page<AuditEvent> page = List({});
  ASSERT_THAT(page.rows, SizeIs(2));
  EXPECT_EQ(page.rows[0].client_id, std::nullopt);
  EXPECT_EQ(page.rows[1].client_id, ClientId(9));
}

TEST_P(AuditEventsTest, ABodyThatFailsLeavesNone) {
  EXPECT_THAT(Write([&](Transaction& write) -> absl::Status {
                RETURN_IF_ERROR(RecordAuditEvent(write, NewEvent(1, 1)));
                return absl::NotFoundError("");
              }),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ(Events(), 0);
}

TEST_P(AuditEventsTest, PagesFollowEachOtherInBothOrders) {
  std::vector<AuditEvent> events;
  std::vector<int> numbers;
  for (int i = 1; i <= 25; ++i) {
    events.push_back(NewEvent(i, i % 3));
    numbers.push_back(i);
  }
  Record({events.begin(), events.begin() + 12});
  clock().Advance(absl::Seconds(5));
  Record({events.begin() + 12, events.end()});
  for (const int64_t page_size : {1, 4, 25, 1000}) {
    EXPECT_EQ(Numbers({.page_size = page_size}), numbers);
    EXPECT_EQ(Numbers({.page_size = page_size, .order_by = "create_time desc"}),
              std::vector<int>(numbers.rbegin(), numbers.rend()));
    EXPECT_THAT(
        Numbers({.page_size = page_size}, Scope::OneClient(ClientId(1))),
        ElementsAre(1, 4, 7, 10, 13, 16, 19, 22, 25));
    EXPECT_THAT(Numbers({.page_size = page_size,
                         .filter = "client_id = " + ClientId(2),
                         .order_by = "create_time desc"}),
                ElementsAre(23, 20, 17, 14, 11, 8, 5, 2));
  }
}

TEST_P(AuditEventsTest, EveryFieldFilters) {
  AuditEvent other = NewEvent(2, 2);
  other.principal = "billing";
  other.method = "DeleteClient";
  other.event = "client.deleted";
  other.request_id = "";
  other.outcome = "CLIENT_NOT_FOUND";
  Record({NewEvent(1, 1)});
  clock().Advance(absl::Hours(1));
  Record({other});
  struct Case {
    std::string filter;
    int found;
  };
  for (const Case& test : std::vector<Case>{
           {"client_id = " + ClientId(1), 1},
           {"principal = billing", 2},
           {"principal != billing", 1},
           {"method = DeleteClient", 2},
           {"event = \"entry.created\"", 1},
           {"request_id = \"request-1\"", 1},
           {"request_id:*", 1},
           {"outcome = OK", 1},
           {"outcome != OK AND method = DeleteClient", 2},
           {"create_time >= \"2026-06-01T12:30:00Z\"", 2},
           {"create_time < \"2026-06-01T12:30:00Z\"", 1},
       }) {
    EXPECT_THAT(Numbers({.filter = test.filter}), ElementsAre(test.found))
        << test.filter;
  }
  EXPECT_THAT(PlanAuditEventList({.filter = "peer = x"}, kAll),
              HasReason("INVALID_FILTER"));
  EXPECT_THAT(PlanAuditEventList({.order_by = "principal"}, kAll),
              HasReason("INVALID_ORDER_BY"));
}

TEST_P(AuditEventsTest, ACallerOfOneClientSeesItsEventsAlone) {
  Record({NewEvent(1, 1), NewEvent(2, 2), NewEvent(3, 0)});
  EXPECT_THAT(Numbers({}, Scope::OneClient(ClientId(2))), ElementsAre(2));
  EXPECT_THAT(Numbers({}, Scope::OneClient(ClientId(7))), IsEmpty());
  EXPECT_THAT(Numbers({.filter = "client_id = " + ClientId(1)},
                      Scope::OneClient(ClientId(2))),
              IsEmpty());
  EXPECT_THAT(Numbers({.filter = "client_id:*"}), ElementsAre(1, 2));
  const std::string token = List({.page_size = 1}).next_page_token;
  EXPECT_THAT(
      PlanAuditEventList({.page_token = token}, Scope::OneClient(ClientId(2))),
      HasReason("INVALID_PAGE_TOKEN"));
}

TEST_P(AuditEventsTest, OldOnesGoInBoundedStepsOldestFirst) {
  PlantEvents(1, 5, kLongAgo);
  PlantEvents(6, 9, kLongAgo + 1);
  const absl::Time before = absl::FromUnixMicros(kLongAgo + 1);
  EXPECT_EQ(Must(Expire(before, 3)), 3);
  EXPECT_THAT(Numbers({}), ElementsAre(4, 5, 6, 7, 8, 9));
  EXPECT_EQ(Must(Expire(before, 3)), 2);
  EXPECT_EQ(Must(Expire(before, 3)), 0);
  EXPECT_EQ(Must(Expire(before + absl::Microseconds(1), 200)), 4);
  EXPECT_EQ(Events(), 0);
}

TEST_P(AuditEventsTest, AYoungOneIsNotDeletedByAnybody) {
  PlantEvents(1, 1, kLongAgo);
  PlantEvents(2, 2, kFarAhead);
  EXPECT_THAT(Expire(absl::FromUnixMicros(kFarAhead + 1), 200),
              testing::Not(IsOk()));
  EXPECT_ANY_THROW(raw().Execute("DELETE FROM audit_events"));
  EXPECT_EQ(Events(), 2);
  raw().Execute("DELETE FROM audit_events WHERE create_time = " +
                absl::StrCat(kLongAgo));
  EXPECT_EQ(Events(), 1);
}

TEST_P(AuditEventsTest, NoneIsEverChanged) {
  PlantEvents(1, 1, kLongAgo);
  EXPECT_ANY_THROW(raw().Execute("UPDATE audit_events SET principal = 'x'"));
  if (!sqlite()) {
    EXPECT_ANY_THROW(raw().Execute("TRUNCATE audit_events"));
  }
  EXPECT_EQ(raw().Text("SELECT principal FROM audit_events"), "ops");
}

INSTANTIATE_TEST_SUITE_P(Backends, AuditEventsTest, test::Backends(),
                         test::BackendName);

}  // namespace
}  // namespace broadcast::storage
