// Rows to list, made at random from a seed, on either backend. The same rows
// are kept in memory, for a test to say what a list must answer. For the tests
// of storage's lists; the test's thread.
#ifndef BROADCASTD_TESTS_STORAGE_LIST_FIXTURE_H_
#define BROADCASTD_TESTS_STORAGE_LIST_FIXTURE_H_

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "storage/channel_pairs.h"
#include "storage/channels.h"
#include "storage/clients.h"
#include "storage/entries.h"
#include "storage/list.h"
#include "support/registry_seed.h"
#include "support/status_matchers.h"
#include "support/test_database.h"

namespace broadcast::storage {

struct World {
  std::vector<Client> clients;
  std::vector<Channel> channels;
  std::vector<PairWithEntry> pairs;
  std::vector<Entry> entries;
  std::vector<Operation> operations;  // of clients
  std::vector<Feed> feeds;
};

class WorldMaker {
 public:
  explicit WorldMaker(uint64_t seed) : random_(seed) {}

  uint64_t Number(uint64_t below) { return random_() % below; }

  std::string Id() {
    const uint64_t a = random_(), b = random_();
    return absl::StrFormat("%08x-%04x-%04x-%04x-%012x", a >> 32,
                           a >> 16 & 0xffff, a & 0xffff, b >> 48,
                           b & 0xffffffffffff);
  }

  // One of a few, so that many rows share theirs.
  absl::Time Time() {
    return absl::FromUnixMicros(1'780'000'000'000'000 +
                                static_cast<int64_t>(Number(9)) * 500'001);
  }

  const Client& AddClient(World& world) {
    constexpr const char* kNames[] = {"", "Ops", "a \"quoted\" name \\", "Ünï"};
    Client client{.client_id = Id(), .display_name = kNames[Number(4)]};
    client.labels = Labels();
    client.create_time = Time();
    client.update_time = Time();
    return world.clients.emplace_back(std::move(client));
  }

  Channel AddChannel(World& world, const std::string& client_id) {
    Channel channel{.channel_id = Id(), .client_id = client_id};
    const int serial = ++serial_;
    switch (Number(3)) {
      case 0:
        channel.platform = Platform::kTelegram;
        channel.address = absl::StrCat(Number(2) ? "@name_" : "-100", serial);
        break;
      case 1:
        channel.platform = Platform::kWebhook;
        channel.address = absl::StrCat("https://example.org/?a=", serial);
        break;
      default:
        // Other clients' channels are named alike.
        channel.address = absl::StrCat("log.", ++named_[client_id]);
    }
    channel.account = Number(2) ? "main" : "spare";
    if (Number(3) == 0) channel.state = ChannelState::kDisabled;
    channel.create_time = Time();
    channel.update_time = Time();
    return world.channels.emplace_back(std::move(channel));
  }

  // With an entry, if `configured`.
  void AddPair(World& world, const Channel& open, const Channel& closed,
               bool configured) {
    PairWithEntry pair{.channel_pair = {.channel_pair_id = Id(),
                                        .client_id = open.client_id,
                                        .open_channel = open,
                                        .closed_channel = closed,
                                        .create_time = Time()}};
    if (configured) {
      Entry entry{.entry_id = Id(), .channel_pair = pair.channel_pair};
      entry.state = static_cast<EntryState>(Number(3));
      entry.last_outcome = static_cast<Outcome>(Number(5));
      entry.interval = absl::Hours(24);
      entry.next_send_time = Time();
      if (Number(2)) entry.last_send_time = Time();
      entry.labels = Labels();
      entry.create_time = Time();
      entry.update_time = Time();
      world.entries.push_back(entry);
      pair.entry = std::move(entry);
    }
    world.pairs.push_back(std::move(pair));
  }

  World Make(int clients) {
    World world;
    for (int i = 0; i < clients; ++i) {
      const std::string client_id = AddClient(world).client_id;
      for (uint64_t pairs = Number(7); pairs > 0; --pairs) {
        const Channel open = AddChannel(world, client_id);
        const Channel closed = AddChannel(world, client_id);
        AddPair(world, open, closed, Number(4) != 0);
      }
      AddFeeds(world, client_id);
    }
    AddOperations(world);
    return world;
  }

  // One more client, with `pairs` pairs over few channels.
  void AddBigClient(World& world, size_t pairs) {
    const std::string client_id = AddClient(world).client_id;
    std::vector<Channel> channels;
    while (channels.size() * (channels.size() - 1) < pairs) {
      channels.push_back(AddChannel(world, client_id));
    }
    for (const Channel& open : channels) {
      for (const Channel& closed : channels) {
        if (open.channel_id == closed.channel_id || pairs == 0) continue;
        AddPair(world, open, closed, true);
        --pairs;
      }
    }
    AddOperations(world);
  }

 private:
  void AddFeeds(World& world, const std::string& client_id) {
    for (uint64_t feeds = Number(5); feeds > 0; --feeds) {
      Feed feed{.feed_id = Id(), .client_id = client_id};
      feed.name = absl::StrCat("feed-", feeds);
      feed.state = static_cast<FeedState>(Number(2));
      feed.labels = Labels();
      feed.create_time = Time();
      feed.update_time = Time();
      world.feeds.push_back(std::move(feed));
    }
  }

  // One for each entry that has none yet.
  void AddOperations(World& world) {
    for (size_t i = world.operations.size(); i < world.entries.size(); ++i) {
      Operation operation{.operation_id = Id(),
                          .client_id = world.entries[i].client_id()};
      if (Number(4) != 0) operation.entry_id = world.entries[i].entry_id;
      operation.kind = static_cast<OperationKind>(Number(3));
      operation.state = static_cast<OperationState>(Number(3));
      if (Number(4) == 0) operation.feed_id = Id();
      operation.create_time = Time();
      operation.update_time = operation.create_time;
      if (operation.state == OperationState::kFinished) {
        operation.finish_time = Time();
      }
      world.operations.push_back(std::move(operation));
    }
  }

  std::string Labels() {
    constexpr const char* kLabels[] = {
        "{}", R"({"team":"ops"})", R"({"team":"dev","a.b-c_9":""})",
        R"({"team":"","a.b-c_9":"x \"y\" \\ é"})"};
    return kLabels[Number(4)];
  }

  std::mt19937_64 random_;
  int serial_ = 0;
  std::map<std::string, int> named_;  // by client
};

template <typename R>
std::vector<const R*> Pointers(const std::vector<R>& rows) {
  std::vector<const R*> pointers;
  pointers.reserve(rows.size());
  for (const R& row : rows) pointers.push_back(&row);
  return pointers;
}

// Text as a filter writes it.
inline std::string Quoted(absl::string_view text) {
  std::string quoted = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') quoted.push_back('\\');
    quoted.push_back(c);
  }
  return quoted + "\"";
}

class ListFixture : public test::DatabaseTest {
 protected:
  void Insert(const World& world) {
    test::Must(Write([&](Transaction& transaction) -> absl::Status {
      for (const Client& client : world.clients) {
        RETURN_IF_ERROR(
            InsertClient(transaction, Scope::AllClients(), client).status());
      }
      RETURN_IF_ERROR(InsertChannels(transaction, Scope::AllClients(),
                                     Pointers(world.channels))
                          .status());
      std::vector<const ChannelPair*> pairs;
      for (const PairWithEntry& pair : world.pairs) {
        pairs.push_back(&pair.channel_pair);
        RETURN_IF_ERROR(AddPairs(transaction, Scope::AllClients(),
                                 pair.channel_pair.client_id, 1)
                            .status());
      }
      RETURN_IF_ERROR(
          InsertPairs(transaction, Scope::AllClients(), pairs).status());
      return InsertEntries(transaction, Scope::AllClients(),
                           Pointers(world.entries));
    }));
    InsertOperations(world);
    InsertFeeds(world);
  }

  void InsertFeeds(const World& world) {
    std::vector<std::string> rows;
    for (const Feed& row : world.feeds) {
      rows.push_back(absl::StrCat("('", row.feed_id, "','", row.client_id,
                                  "','", row.name, "','','", ToText(row.state),
                                  "','", row.labels, "',1,",
                                  absl::ToUnixMicros(row.create_time), ",",
                                  absl::ToUnixMicros(row.update_time), ")"));
    }
    test::Insert(raw(),
                 "feeds (feed_id, client_id, name, display_name, state, "
                 "labels, revision, create_time, update_time)",
                 rows);
  }

  // Past our own code, which says itself when what happens.
  void InsertOperations(const World& world) {
    std::vector<std::string> rows;
    const auto text = [](const std::optional<std::string>& id) {
      return id.has_value() ? absl::StrCat("'", *id, "'") : "NULL";
    };
    for (const Operation& row : world.operations) {
      rows.push_back(absl::StrCat(
          "(", text(row.operation_id), ",", text(row.client_id), ",",
          text(row.entry_id), ",", text(row.feed_id), ",'", ToText(row.kind),
          "','", ToText(row.state), "','',0,0,0,0,0,0,0,'',0,",
          absl::ToUnixMicros(row.create_time), ",",
          absl::ToUnixMicros(row.create_time), ",",
          row.finish_time.has_value()
              ? absl::StrCat(absl::ToUnixMicros(*row.finish_time))
              : "NULL",
          ")"));
    }
    test::Insert(
        raw(),
        "operations (operation_id, client_id, entry_id, feed_id, kind, state, "
        "reason, planned, sent, failed, unknown, expired, cancelled, "
        "abandoned, last_error, settled, create_time, update_time, "
        "finish_time)",
        rows);
  }

  void HideClient(const std::string& client_id) {
    raw().Execute(absl::StrCat("UPDATE clients SET delete_time = 1 ",
                               "WHERE client_id = '", client_id, "'"));
  }
};

}  // namespace broadcast::storage

#endif  // BROADCASTD_TESTS_STORAGE_LIST_FIXTURE_H_
