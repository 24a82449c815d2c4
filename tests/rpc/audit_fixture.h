// A server whose audit trail is read back. One test's; its thread.
#ifndef BROADCASTD_RPC_AUDIT_FIXTURE_H_
#define BROADCASTD_RPC_AUDIT_FIXTURE_H_

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "rpc_fixture.h"

namespace broadcast::test {

class AuditTest : public RpcTest {
 protected:
  using Ids = std::map<std::string, std::string>;

  // Refusals that were counted and not recorded.
  double Dropped() {
    double count = 0;
    for (const auto& family : test().registry().Collect()) {
      if (family.name != "broadcastd_audit_refusals_dropped_total") continue;
      count = family.metric.at(0).counter.value;
    }
    return count;
  }

  std::vector<v1::AuditEvent> Events(const std::string& filter = "") {
    std::vector<v1::AuditEvent> events;
    v1::ListAuditEventsRequest request;
    request.set_filter(filter);
    do {
      const auto reply = Call(request);
      EXPECT_THAT(reply, Succeeds());
      events.insert(events.end(), reply->audit_events().begin(),
                    reply->audit_events().end());
      request.set_page_token(reply->next_page_token());
    } while (!request.page_token().empty());
    return events;
  }

  // The only event of `method`, of which `client` and `ids` are touched.
  v1::AuditEvent ExpectMade(const std::string& method, const std::string& event,
                            int client, const Ids& ids, int rows) {
    const auto found = Events("method = " + method);
    EXPECT_THAT(found, testing::SizeIs(1)) << method;
    if (found.empty()) return {};
    const v1::AuditEvent& made = found[0];
    EXPECT_EQ(made.event(), event);
    EXPECT_EQ(made.outcome(), "OK");
    EXPECT_EQ(made.principal(), "local");
    EXPECT_THAT(made.peer(), testing::StartsWith("ipv4:127.0.0.1:"));
    EXPECT_EQ(made.client_id(), ClientId(client)) << method;
    EXPECT_EQ(IdsOf(made), ids) << method;
    EXPECT_EQ(made.row_count(), rows) << method;
    return made;
  }

  // The only event of `method`, once it is recorded.
  v1::AuditEvent ExpectRefused(const std::string& method,
                               const std::string& outcome) {
    const std::string filter =
        absl::StrCat("method = ", method, " AND outcome", " = ", outcome);
    EXPECT_TRUE(Eventually([&] { return !Events(filter).empty(); }))
        << method << " " << outcome;
    const auto found = Events(filter);
    EXPECT_THAT(found, testing::SizeIs(1)) << method << " " << outcome;
    return found.empty() ? v1::AuditEvent() : found[0];
  }

  // What the resources of an event say; lists joined.
  static Ids IdsOf(const v1::AuditEvent& event) {
    Ids ids;
    for (const auto& [name, value] : event.resources().fields()) {
      std::vector<std::string> words;
      for (const auto& one : value.list_value().values()) {
        words.push_back(one.string_value());
      }
      ids[name] = value.has_list_value() ? absl::StrJoin(words, ",")
                                         : value.string_value();
    }
    return ids;
  }

  static Ids PairIdsOf(const v1::ChannelPair& pair) {
    return {{"channel_pair_id", pair.channel_pair_id()},
            {"open_channel_id", pair.open_channel().channel_id()},
            {"closed_channel_id", pair.closed_channel().channel_id()}};
  }

  static Ids EntryIdsOf(const v1::Entry& entry) {
    Ids ids = PairIdsOf(entry.channel_pair());
    ids["entry_id"] = entry.entry_id();
    return ids;
  }
};

}  // namespace broadcast::test

#endif  // BROADCASTD_RPC_AUDIT_FIXTURE_H_
