// The Lists through the API: pages, orders, filters, and what they bind.

#include <set>

#include "absl/strings/str_cat.h"
#include "rpc_fixture.h"

namespace broadcast::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

class ListsTest : public RpcTest {
 protected:
  // The ids of all pages of `request`, by the id of an item.
  template <typename Request, typename Ids>
  std::vector<std::string> AllPages(Request request, Ids ids) {
    std::vector<std::string> all;
    for (int page = 0; page < 1000; ++page) {
      const auto reply = Call(request);
      EXPECT_THAT(reply, Succeeds());
      for (std::string& id : ids(reply.value)) all.push_back(std::move(id));
      request.set_page_token(reply->next_page_token());
      if (!reply.ok() || reply->next_page_token().empty()) return all;
    }
    ADD_FAILURE() << "the list has no end";
    return all;
  }

  static std::vector<std::string> EntryIds(
      const v1::ListEntriesResponse& response) {
    std::vector<std::string> ids;
    for (const v1::Entry& entry : response.entries()) {
      ids.push_back(entry.entry_id());
    }
    return ids;
  }
  static std::vector<std::string> PairIds(
      const v1::ListChannelPairsResponse& response) {
    std::vector<std::string> ids;
    for (const v1::ChannelPairItem& item : response.items()) {
      ids.push_back(item.channel_pair().channel_pair_id());
    }
    return ids;
  }
  static std::vector<std::string> ChannelIds(
      const v1::ListChannelsResponse& response) {
    std::vector<std::string> ids;
    for (const v1::Channel& channel : response.channels()) {
      ids.push_back(channel.channel_id());
    }
    return ids;
  }
  static std::vector<std::string> ClientIds(
      const v1::ListClientsResponse& response) {
    std::vector<std::string> ids;
    for (const v1::Client& client : response.clients()) {
      ids.push_back(client.client_id());
    }
    return ids;
  }

  std::vector<std::string> EntriesThat(const std::string& filter) {
    v1::ListEntriesRequest request;
    request.set_filter(filter);
    return AllPages(request, &EntryIds);
  }
};

TEST_P(ListsTest, EveryPageOfEveryListIsReached) {
  for (const int client : {1, 2, 3}) {
    Plant(raw(), {.client = client, .pairs = 41});
  }
  const auto reach = [&](auto request, auto ids, size_t count) {
    for (const int size : {7, 50, 1000, 5000}) {
      request.set_page_size(size);
      for (const char* order : {"", "create_time", "create_time desc"}) {
        request.set_order_by(order);
        const std::vector<std::string> all = AllPages(request, ids);
        EXPECT_EQ(all.size(), count);
        EXPECT_THAT(std::set<std::string>(all.begin(), all.end()),
                    SizeIs(count));
      }
    }
  };
  reach(v1::ListEntriesRequest(), &EntryIds, 123);
  reach(v1::ListChannelPairsRequest(), &PairIds, 123);
  reach(v1::ListChannelsRequest(), &ChannelIds, 246);
  reach(v1::ListClientsRequest(), &ClientIds, 3);
}

TEST_P(ListsTest, APageHasFiftyItemsUnlessAskedOtherwise) {
  Plant(raw(), {.client = 1, .pairs = 1100});
  v1::ListEntriesRequest request;
  EXPECT_EQ(Call(request)->entries_size(), 50);
  request.set_page_size(3);
  EXPECT_EQ(Call(request)->entries_size(), 3);
  request.set_page_size(1'000'000);
  const auto most = Call(request);
  EXPECT_EQ(most->entries_size(), 1000);
  request.set_page_token(most->next_page_token());
  EXPECT_EQ(Call(request)->entries_size(), 100);
}

TEST_P(ListsTest, AnItemIsTheResourceAsGetTellsIt) {
  v1::CreateEntryRequest create = NewEntry(1, 1);
  *create.mutable_open_content() = TextContent("hello");
  (*create.mutable_labels())["team"] = "ops";
  const v1::CreateEntryResponse made = Create(create);
  const auto entries = Call(v1::ListEntriesRequest());
  ASSERT_EQ(entries->entries_size(), 1);
  EXPECT_THAT(entries->entries(0), EqualsProto(made.entry()));
  EXPECT_EQ(entries->next_page_token(), "");
  const auto pairs = Call(v1::ListChannelPairsRequest());
  ASSERT_EQ(pairs->items_size(), 1);
  EXPECT_THAT(pairs->items(0).entry(), EqualsProto(made.entry()));
  EXPECT_THAT(pairs->items(0).channel_pair(), EqualsProto(made.channel_pair()));
  const auto clients = Call(v1::ListClientsRequest());
  ASSERT_EQ(clients->clients_size(), 1);
  EXPECT_THAT(clients->clients(0), EqualsProto(made.client()));
  const auto channels = Call(v1::ListChannelsRequest());
  ASSERT_EQ(channels->channels_size(), 2);
}

TEST_P(ListsTest, EntriesAreFilteredByEveryField) {
  v1::CreateEntryRequest create = NewEntry(1, 1);
  (*create.mutable_labels())["team"] = "two words";
  *create.mutable_open_channel() = TelegramChannel("@Some_Name");
  const v1::Entry first = Create(create).entry();
  clock().Advance(absl::Hours(1));
  create = NewEntry(2, 1);
  create.mutable_start_time()->set_seconds(4000000000);
  const v1::Entry second = Create(create).entry();
  v1::PauseEntryRequest pause;
  pause.set_entry_id(second.entry_id());
  ASSERT_THAT(Call(pause), Succeeds());
  const std::string middle =
      absl::FormatTime("\"%Y-%m-%dT%H:%M:%SZ\"",
                       clock().Now() - absl::Minutes(30), absl::UTCTimeZone());

  const auto finds_first = [&](const std::string& filter) {
    EXPECT_THAT(EntriesThat(filter), ElementsAre(first.entry_id())) << filter;
  };
  finds_first(absl::StrCat("entry_id = ", first.entry_id()));
  finds_first(absl::StrCat("client_id=", ClientId(1)));
  finds_first(absl::StrCat("client_id != ", ClientId(2)));
  finds_first(absl::StrCat("channel_pair_id = \"",
                           first.channel_pair().channel_pair_id(), "\""));
  finds_first("state = ACTIVE");
  finds_first("state != PAUSED AND last_outcome = PENDING");
  finds_first("open_address = @some_name");
  finds_first("closed_address = closed-1-1");
  finds_first("labels.team = \"two words\"");
  finds_first("labels.team:*");
  finds_first(absl::StrCat("create_time < ", middle));
  finds_first(absl::StrCat("update_time <= ", middle));
  finds_first("next_send_time < \"2090-01-01T00:00:00Z\"");
  finds_first(absl::StrCat("state = ACTIVE AND client_id = ", ClientId(1),
                           " AND create_time > \"2000-01-01T00:00:00Z\""));
  EXPECT_THAT(EntriesThat("last_send_time:*"), IsEmpty());
  EXPECT_THAT(EntriesThat("labels.team != x"), ElementsAre(first.entry_id()));
  EXPECT_THAT(EntriesThat("labels.none = x"), IsEmpty());
  EXPECT_THAT(EntriesThat("open_address = \"' OR 1=1 --\""), IsEmpty());
  EXPECT_THAT(EntriesThat("last_outcome = PENDING"), SizeIs(2));

  v1::ListEntriesRequest request;
  request.set_order_by("next_send_time");
  EXPECT_THAT(AllPages(request, &EntryIds),
              ElementsAre(first.entry_id(), second.entry_id()));
  request.set_order_by("next_send_time desc");
  EXPECT_THAT(AllPages(request, &EntryIds),
              ElementsAre(second.entry_id(), first.entry_id()));
}

TEST_P(ListsTest, PairsChannelsAndClientsAreFiltered) {
  Create(NewEntry(1, 1));
  const std::string legacy =
      Call(NewPair(2, 1))->channel_pair().channel_pair_id();
  v1::ListChannelPairsRequest pairs;
  pairs.set_filter("configured = false");
  EXPECT_THAT(AllPages(pairs, &PairIds), ElementsAre(legacy));
  EXPECT_FALSE(Call(pairs)->items(0).has_entry());
  pairs.set_filter("configured = true");
  EXPECT_THAT(AllPages(pairs, &PairIds), SizeIs(1));
  pairs.set_filter("open_address = open-2-1");
  EXPECT_THAT(AllPages(pairs, &PairIds), ElementsAre(legacy));

  v1::ListChannelsRequest channels;
  channels.set_filter(
      "platform = LOG AND account = log AND state = ACTIVE "
      "AND address = closed-2-1");
  EXPECT_THAT(AllPages(channels, &ChannelIds), SizeIs(1));
  channels.set_filter("platform = TELEGRAM");
  EXPECT_THAT(AllPages(channels, &ChannelIds), IsEmpty());

  v1::UpdateClientRequest update;
  update.mutable_client()->set_client_id(ClientId(2));
  update.mutable_client()->set_display_name("Zo\xc3\xab");
  (*update.mutable_client()->mutable_labels())["tier"] = "gold";
  ASSERT_THAT(Call(update), Succeeds());
  v1::ListClientsRequest clients;
  for (const char* filter : {"display_name = \"Zo\xc3\xab\"",
                             "labels.tier = gold", "display_name:*"}) {
    clients.set_filter(filter);
    EXPECT_THAT(AllPages(clients, &ClientIds), ElementsAre(ClientId(2)));
  }
}

TEST_P(ListsTest, ATokenIsBoundToItsQuestion) {
  for (int pair = 0; pair < 5; ++pair) Create(NewEntry(1, pair));
  v1::ListEntriesRequest request;
  request.set_page_size(2);
  request.set_filter("state = ACTIVE");
  const std::string token = Call(request)->next_page_token();
  ASSERT_NE(token, "");
  request.set_page_token(token);
  request.set_page_size(3);
  EXPECT_EQ(Call(request)->entries_size(), 3);

  v1::ListEntriesRequest other = request;
  other.set_filter("state = PAUSED");
  EXPECT_THAT(Call(other), FailsWith("INVALID_PAGE_TOKEN"));
  other = request;
  other.set_order_by("create_time desc");
  EXPECT_THAT(Call(other), FailsWith("INVALID_PAGE_TOKEN"));
  v1::ListChannelPairsRequest pairs;
  pairs.set_page_token(token);
  EXPECT_THAT(Call(pairs), FailsWith("INVALID_PAGE_TOKEN"));
  other = request;
  other.mutable_page_token()->back() ^= 1;
  EXPECT_THAT(Call(other).failure().reason,
              testing::AnyOf("INVALID_PAGE_TOKEN", ""));
}

TEST_P(ListsTest, PagesGoOnWhileRowsComeAndGo) {
  Plant(raw(), {.client = 1, .pairs = 60});
  v1::ListEntriesRequest request;
  request.set_page_size(20);
  const auto first = Call(request);
  v1::DeleteEntryRequest remove;
  remove.set_entry_id(first->entries(19).entry_id());
  ASSERT_THAT(Call(remove), Succeeds());
  Create(NewEntry(2, 1));
  request.set_page_token(first->next_page_token());
  std::vector<std::string> all = EntryIds(first.value);
  for (std::string& id : AllPages(request, &EntryIds)) all.push_back(id);
  EXPECT_THAT(all, SizeIs(61));
  EXPECT_THAT(std::set<std::string>(all.begin(), all.end()), SizeIs(61));
}

// A page examines at most 1,000 rows, and says that there is more.
TEST_P(ListsTest, ASparseFilterGivesShortPages) {
  Plant(raw(), {.client = 1, .pairs = 2500});
  raw().Execute(
      absl::StrCat("UPDATE entries SET state = 'paused' WHERE "
                   "entry_id = '",
                   EntryId(1, 2400), "'"));
  v1::ListEntriesRequest request;
  request.set_filter("state = PAUSED");
  const auto first = Call(request);
  ASSERT_THAT(first, Succeeds());
  EXPECT_EQ(first->entries_size(), 0);
  EXPECT_NE(first->next_page_token(), "");
  EXPECT_THAT(AllPages(request, &EntryIds), ElementsAre(EntryId(1, 2400)));
}

INSTANTIATE_TEST_SUITE_P(Backends, ListsTest, Backends(), BackendName);

}  // namespace
}  // namespace broadcast::test
