// What a caller may get wrong: every violation at once, and no trace. One file,
// long as it is: the list of what is refused, by kind of field.

#include <functional>

#include "absl/strings/str_cat.h"
#include "rpc_fixture.h"

namespace broadcast::test {
namespace {

using grpc::StatusCode;
using testing::Contains;
using testing::HasSubstr;

using Fields = std::vector<std::string>;

class BadInputTest : public RpcTest {
 protected:
  void TearDown() override {
    EXPECT_EQ(AllRows(), 0);
    RpcTest::TearDown();
  }

  // A registration with one thing wrong violates `field` alone.
  void ExpectViolation(const std::string& field,
                       std::function<void(v1::CreateEntryRequest&)> spoil) {
    v1::CreateEntryRequest request = NewEntry(1, 1);
    spoil(request);
    EXPECT_THAT(Call(request), HasViolationsOf(Fields{field}))
        << request.ShortDebugString();
  }
};

TEST_P(BadInputTest, AllViolationsAreToldAtOnce) {
  v1::CreateEntryRequest request;
  request.set_client_id("me");
  request.mutable_open_channel()->set_platform(v1::PLATFORM_TELEGRAM);
  request.mutable_open_channel()->set_address("news");
  request.mutable_open_channel()->set_account("BOT");
  request.mutable_open_channel()->set_title(std::string(129, 't'));
  request.mutable_interval()->set_seconds(59);
  request.mutable_start_time()->set_seconds(-1);
  request.mutable_open_content();
  *request.mutable_closed_content() = TextContent(std::string(4097, 'x'));
  (*request.mutable_labels())["No"] = "";
  request.set_request_id(std::string(37, 'r'));
  const auto reply = Call(request);
  EXPECT_THAT(
      reply,
      HasViolationsOf(Fields{
          "client_id", "open_channel.address", "open_channel.account",
          "open_channel.title", "closed_channel", "interval", "start_time",
          "open_content.text", "closed_content.text", "labels", "request_id"}));
  for (const auto& violation : reply.failure().violations) {
    EXPECT_NE(violation.description(), "") << violation.field();
  }
}

TEST_P(BadInputTest, AnEmptyRequestNamesWhatIsRequired) {
  EXPECT_THAT(
      Call(v1::CreateEntryRequest()),
      HasViolationsOf(Fields{"client_id", "open_channel", "closed_channel"}));
  EXPECT_THAT(
      Call(v1::CreateChannelPairRequest()),
      HasViolationsOf(Fields{"client_id", "open_channel", "closed_channel"}));
  v1::CreateEntryRequest request = NewEntry(1, 1);
  *request.mutable_open_channel() = {};
  EXPECT_THAT(Call(request), HasViolationsOf(Fields{"open_channel.platform",
                                                    "open_channel.account"}));
}

TEST_P(BadInputTest, Uuids) {
  for (const char* id : {"", "1", "00000000-0000-7000-8001-00000000000",
                         "00000000-0000-7000-8001-0000000000001",
                         "00000000000070008001000000000001",
                         "g0000000-0000-7000-8001-000000000001",
                         "00000000-0000-7000-8001-00000000000\n",
                         "{0000000-0000-7000-8001-000000000001}",
                         "00000000-0000-7000-8001-00000000000'"}) {
    ExpectViolation("client_id",
                    [&](auto& request) { request.set_client_id(id); });
    v1::GetEntryRequest entry;
    entry.set_entry_id(id);
    EXPECT_THAT(Call(entry), HasViolationsOf(Fields{"entry_id"}));
    v1::GetClientRequest client;
    client.set_client_id(id);
    EXPECT_THAT(Call(client), HasViolationsOf(Fields{"client_id"}));
    v1::GetChannelRequest channel;
    channel.set_channel_id(id);
    EXPECT_THAT(Call(channel), HasViolationsOf(Fields{"channel_id"}));
    v1::GetChannelPairRequest pair;
    pair.set_channel_pair_id(id);
    EXPECT_THAT(Call(pair), HasViolationsOf(Fields{"channel_pair_id"}));
  }
}

TEST_P(BadInputTest, EveryMutationChecksItsId) {
  EXPECT_THAT(Call(v1::PauseEntryRequest()),
              HasViolationsOf(Fields{"entry_id"}));
  EXPECT_THAT(Call(v1::ResumeEntryRequest()),
              HasViolationsOf(Fields{"entry_id"}));
  EXPECT_THAT(Call(v1::DeleteEntryRequest()),
              HasViolationsOf(Fields{"entry_id"}));
  EXPECT_THAT(Call(v1::UpdateEntryRequest()),
              HasViolationsOf(Fields{"entry.entry_id", "update_mask"}));
  EXPECT_THAT(Call(v1::CreateClientRequest()),
              HasViolationsOf(Fields{"client_id"}));
  EXPECT_THAT(Call(v1::UpdateClientRequest()),
              HasViolationsOf(Fields{"client.client_id", "update_mask"}));
  EXPECT_THAT(Call(v1::DeleteClientRequest()),
              HasViolationsOf(Fields{"client_id"}));
  EXPECT_THAT(Call(v1::DeleteChannelPairRequest()),
              HasViolationsOf(Fields{"channel_pair_id"}));
  EXPECT_THAT(Call(v1::UpdateChannelRequest()),
              HasViolationsOf(Fields{"channel.channel_id", "update_mask"}));
  EXPECT_THAT(Call(v1::EnableChannelRequest()),
              HasViolationsOf(Fields{"channel_id"}));
  EXPECT_THAT(Call(v1::DisableChannelRequest()),
              HasViolationsOf(Fields{"channel_id"}));
  EXPECT_THAT(Call(v1::GetEntryRequest()), HasViolationsOf(Fields{"entry_id"}));
}

TEST_P(BadInputTest, TelegramAddresses) {
  for (const char* address :
       {"", "0", "-0", "9223372036854775808", "-9223372036854775809", "1.5",
        "+5", " 5", "0x5", "news", "@new", "@1news", "@news-today", "@",
        "@abcdefghijklmnopqrstuvwxyz_0123456", "https://t.me/news",
        "@n\xc3\xa9ws_today"}) {
    ExpectViolation("open_channel.address", [&](auto& request) {
      *request.mutable_open_channel() = TelegramChannel(address);
    });
  }
}

TEST_P(BadInputTest, WebhookAddresses) {
  for (const std::string& address :
       {std::string(), std::string("http://example.com/"),
        std::string("https://"), std::string("https:///path"),
        std::string("https://user:secret@example.com/"),
        std::string("https://example.com/#part"),
        std::string("https://example.com:0/"),
        std::string("https://example.com:99999/"),
        std::string("https://exa mple.com/"),
        std::string("https://ex\xc3\xa4mple.com/"),
        std::string("javascript:alert(1)"), std::string("example.com"),
        absl::StrCat("https://example.com/", std::string(2048, 'a'))}) {
    v1::CreateEntryRequest request = NewEntry(1, 1);
    *request.mutable_open_channel() = WebhookChannel(address);
    const auto reply = Call(request);
    EXPECT_THAT(reply, HasViolationsOf(Fields{"open_channel.address"}))
        << address;
    // What was sent is not repeated: it could be a secret.
    EXPECT_THAT(reply.status.error_details(), Not(HasSubstr("secret")));
  }
}

TEST_P(BadInputTest, LogAddressesAccountsAndTitles) {
  for (const std::string& address :
       {std::string("a b"), std::string("a/b"), std::string(129, 'a'),
        std::string("\xc3\xa4"), std::string("a\n")}) {
    ExpectViolation("open_channel.address", [&](auto& request) {
      request.mutable_open_channel()->set_address(address);
    });
  }
  for (const std::string& account :
       {std::string(), std::string("Log"), std::string("1log"),
        std::string("log.1"), std::string(64, 'a'), std::string("log\n")}) {
    ExpectViolation("closed_channel.account", [&](auto& request) {
      request.mutable_closed_channel()->set_account(account);
    });
  }
  for (const std::string& title :
       {std::string("a\nb"), std::string("\x7f"), std::string("\x01"),
        std::string("\xc2\x85"), std::string(129, 'a')}) {
    ExpectViolation("open_channel.title", [&](auto& request) {
      request.mutable_open_channel()->set_title(title);
    });
  }
}

TEST_P(BadInputTest, Durations) {
  for (const auto& [seconds, nanos] : {std::pair<int64_t, int>(0, 0),
                                       {59, 0},
                                       {-60, 0},
                                       {60, 1},
                                       {366 * 86400, 1},
                                       {366 * 86400 + 1, 0},
                                       {100, 1000000000},
                                       {100, -1},
                                       {100, 500000000},
                                       {INT64_MAX, 0},
                                       {INT64_MIN, 0}}) {
    ExpectViolation("interval", [&](auto& request) {
      request.mutable_interval()->set_seconds(seconds);
      request.mutable_interval()->set_nanos(nanos);
    });
  }
}

TEST_P(BadInputTest, Times) {
  for (const auto& [seconds, nanos] : {std::pair<int64_t, int>(-1, 0),
                                       {0, -1},
                                       {0, 1000000000},
                                       {253402300800, 0},
                                       {INT64_MAX, 0},
                                       {INT64_MIN, 0}}) {
    ExpectViolation("start_time", [&](auto& request) {
      request.mutable_start_time()->set_seconds(seconds);
      request.mutable_start_time()->set_nanos(nanos);
    });
  }
}

TEST_P(BadInputTest, Contents) {
  const auto content = [&](const std::string& field,
                           std::function<void(v1::Content&)> spoil) {
    ExpectViolation(absl::StrCat("open_content.", field), [&](auto& request) {
      v1::Content& given = *request.mutable_open_content();
      given = TextContent("text");
      spoil(given);
    });
  };
  content("text", [](auto& given) { given.set_text(""); });
  content("text", [](auto& given) { given.set_text(" \n\t "); });
  content("text", [](auto& given) { given.set_text("a\x01z"); });
  content("text", [](auto& given) { given.set_text(std::string(4097, 'a')); });
  content("parse_mode", [](auto& given) {
    given.set_parse_mode(static_cast<v1::Content::ParseMode>(77));
  });
  content("text", [](auto& given) {
    given.set_parse_mode(v1::Content::PARSE_MODE_HTML);
    given.set_text("<b>open");
  });
  content("text", [](auto& given) {
    given.set_parse_mode(v1::Content::PARSE_MODE_MARKDOWN_V2);
    given.set_text("a.b");
  });
  content("button_rows[0].buttons",
          [](auto& given) { given.add_button_rows(); });
  content("button_rows[0].buttons[0].url", [](auto& given) {
    v1::Button& button = *given.add_button_rows()->add_buttons();
    button.set_text("a");
    button.set_url("javascript:alert(1)");
  });
  content("button_rows[0].buttons[0].text", [](auto& given) {
    given.add_button_rows()->add_buttons()->set_url("https://example.com");
  });
  content("button_rows", [](auto& given) {
    for (int i = 0; i < 101; ++i) {
      v1::Button& button = *given.add_button_rows()->add_buttons();
      button.set_text("a");
      button.set_url("https://example.com");
    }
  });
}

TEST_P(BadInputTest, LabelsQuotasAndRequestIds) {
  for (const std::string& key :
       {std::string(), std::string("Team"), std::string("1a"),
        std::string("a b"), std::string(64, 'a')}) {
    ExpectViolation("labels", [&](auto& request) {
      (*request.mutable_labels())[key] = "x";
    });
  }
  ExpectViolation("labels", [&](auto& request) {
    for (int i = 0; i < 33; ++i) {
      (*request.mutable_labels())[absl::StrCat("k", i)] = "";
    }
  });
  ExpectViolation("labels[\"k\"]", [&](auto& request) {
    (*request.mutable_labels())["k"] = std::string(257, 'v');
  });
  for (const std::string& id :
       {std::string(37, 'a'), std::string("a\nb"), std::string("\xc3\xa4"),
        std::string("a\x7f")}) {
    ExpectViolation("request_id",
                    [&](auto& request) { request.set_request_id(id); });
  }
  for (const int quota : {-1, 1'000'001}) {
    v1::CreateClientRequest client;
    client.set_client_id(ClientId(1));
    client.set_pair_quota(quota);
    client.set_display_name("a\nb");
    EXPECT_THAT(Call(client),
                HasViolationsOf(Fields{"pair_quota", "display_name"}));
  }
  v1::PauseEntryRequest pause;
  pause.set_entry_id(EntryId(1, 1));
  pause.set_reason(std::string(257, 'r'));
  EXPECT_THAT(Call(pause), HasViolationsOf(Fields{"reason"}));
}

TEST_P(BadInputTest, UnknownEnumNumbers) {
  for (const int platform : {0, 5, 77, -1}) {
    ExpectViolation("open_channel.platform", [&](auto& request) {
      request.mutable_open_channel()->set_platform(
          static_cast<v1::Platform>(platform));
    });
    v1::GetEntryRequest get;
    *get.mutable_channel_pair_addresses() = AddressesOf(NewEntry(1, 1));
    get.mutable_channel_pair_addresses()
        ->mutable_closed_channel()
        ->set_platform(static_cast<v1::Platform>(platform));
    EXPECT_THAT(Call(get),
                HasViolationsOf(
                    Fields{"channel_pair_addresses.closed_channel.platform"}));
  }
  v1::ListAccountsRequest accounts;
  accounts.set_platform(static_cast<v1::Platform>(77));
  EXPECT_THAT(Call(accounts), HasViolationsOf(Fields{"platform"}));
}

// A string as bytes of `value`, which protobuf's own setters would refuse to
// write as text.
TEST_P(BadInputTest, NulIsRefusedInEveryStringOfARegistration) {
  const std::string nul("a\0b", 3);
  ExpectViolation("client_id",
                  [&](auto& request) { request.set_client_id(nul); });
  ExpectViolation("open_channel.address", [&](auto& request) {
    request.mutable_open_channel()->set_address(nul);
  });
  ExpectViolation("open_channel.account", [&](auto& request) {
    request.mutable_open_channel()->set_account(nul);
  });
  ExpectViolation("open_channel.title", [&](auto& request) {
    request.mutable_open_channel()->set_title(nul);
  });
  ExpectViolation("closed_channel.address", [&](auto& request) {
    *request.mutable_closed_channel() =
        TelegramChannel(std::string("@abcd\0e", 7));
  });
  ExpectViolation("open_content.text", [&](auto& request) {
    *request.mutable_open_content() = TextContent(nul);
  });
  ExpectViolation(
      "closed_content.button_rows[0].buttons[0].text", [&](auto& request) {
        v1::Content& content = *request.mutable_closed_content();
        content = TextContent("x");
        v1::Button& button = *content.add_button_rows()->add_buttons();
        button.set_text(nul);
        button.set_url("https://example.com");
      });
  ExpectViolation(
      "closed_content.button_rows[0].buttons[0].url", [&](auto& request) {
        v1::Content& content = *request.mutable_closed_content();
        content = TextContent("x");
        v1::Button& button = *content.add_button_rows()->add_buttons();
        button.set_text("x");
        button.set_url(std::string("https://a.example/\0", 19));
      });
  ExpectViolation(
      "labels", [&](auto& request) { (*request.mutable_labels())[nul] = ""; });
  ExpectViolation("labels[\"k\"]", [&](auto& request) {
    (*request.mutable_labels())["k"] = nul;
  });
  ExpectViolation("request_id",
                  [&](auto& request) { request.set_request_id(nul); });
}

// Invalid UTF-8 never leaves a caller through a generated stub: it is spliced
// into the bytes of a request. Whoever refuses it, nothing is stored.
TEST_P(BadInputTest, InvalidUtf8IsRefusedInEveryStringOfARegistration) {
  const std::string mark = "zzzz";
  const std::string bad = "\xff\xfe\xc0\x80";
  const std::vector<std::function<void(v1::CreateEntryRequest&)>> places = {
      [](auto& r) { r.set_client_id("zzzz0000-0000-7000-8001-000000000001"); },
      [](auto& r) { r.mutable_open_channel()->set_address("zzzz"); },
      [](auto& r) { r.mutable_open_channel()->set_account("zzzz"); },
      [](auto& r) { r.mutable_open_channel()->set_title("zzzz"); },
      [](auto& r) { r.mutable_closed_channel()->set_address("zzzz"); },
      [](auto& r) { r.mutable_closed_channel()->set_title("zzzz"); },
      [](auto& r) { r.mutable_open_content()->set_text("zzzz"); },
      [](auto& r) {
        *r.mutable_closed_content() = TextContent("x");
        auto& button =
            *r.mutable_closed_content()->add_button_rows()->add_buttons();
        button.set_text("zzzz");
        button.set_url("https://example.com");
      },
      [](auto& r) {
        *r.mutable_closed_content() = TextContent("x");
        auto& button =
            *r.mutable_closed_content()->add_button_rows()->add_buttons();
        button.set_text("x");
        button.set_url("https://example.com/zzzz");
      },
      [](auto& r) { (*r.mutable_labels())["zzzz"] = "x"; },
      [](auto& r) { (*r.mutable_labels())["k"] = "zzzz"; },
      [](auto& r) { r.set_request_id("zzzz"); },
  };
  for (size_t i = 0; i < places.size(); ++i) {
    v1::CreateEntryRequest request = NewEntry(1, 1);
    places[i](request);
    std::string bytes = request.SerializeAsString();
    const size_t at = bytes.find(mark);
    ASSERT_NE(at, std::string::npos) << i;
    bytes.replace(at, mark.size(), bad);
    const grpc::Status status =
        CallRaw("/broadcast.v1.BroadcastService/CreateEntry", bytes);
    // What this gRPC answers to bytes that it cannot parse.
    EXPECT_EQ(status.error_code(), StatusCode::UNIMPLEMENTED) << i;
  }
}

TEST_P(BadInputTest, BytesThatAreNoMessageAreRefused) {
  const grpc::Status status = CallRaw(
      "/broadcast.v1.BroadcastService/CreateEntry", std::string(100, '\xff'));
  EXPECT_EQ(status.error_code(), StatusCode::UNIMPLEMENTED);
  EXPECT_EQ(CallRaw("/broadcast.v1.BroadcastService/Nothing", "").error_code(),
            StatusCode::UNIMPLEMENTED);
}

TEST_P(BadInputTest, LookingUpByAddressesChecksThem) {
  v1::GetEntryRequest request;
  request.mutable_channel_pair_addresses();
  EXPECT_THAT(Call(request),
              HasViolationsOf(
                  Fields{"channel_pair_addresses.client_id",
                         "channel_pair_addresses.open_channel.platform",
                         "channel_pair_addresses.closed_channel.platform"}));
  *request.mutable_channel_pair_addresses() = AddressesOf(NewEntry(1, 1));
  request.mutable_channel_pair_addresses()->mutable_open_channel()->set_address(
      "a b");
  EXPECT_THAT(
      Call(request),
      HasViolationsOf(Fields{"channel_pair_addresses.open_channel.address"}));
}

TEST_P(BadInputTest, Lists) {
  const auto each = [&](auto request) {
    using Request = decltype(request);
    request.set_page_size(-1);
    EXPECT_THAT(Call(request), HasViolationsOf(Fields{"page_size"}));
    for (const char* token : {"x", "????", "AAAA", "\n"}) {
      request = Request();
      request.set_page_token(token);
      EXPECT_THAT(Call(request), FailsWith("INVALID_PAGE_TOKEN")) << token;
    }
  };
  const auto filtered = [&](auto request) {
    using Request = decltype(request);
    each(request);
    for (const char* order :
         {"client_id", "create_time asc", "create_time DESC", "create_time,",
          "create_time desc desc", "1; DROP TABLE clients"}) {
      request = Request();
      request.set_order_by(order);
      EXPECT_THAT(Call(request), FailsWith("INVALID_ORDER_BY")) << order;
    }
    for (const std::string& filter :
         {std::string("client_id"), std::string("client_id ="),
          std::string("nothing = 1"), std::string("client_id > 1"),
          std::string("client_id = a OR client_id = b"),
          std::string("NOT client_id = a"), std::string("(client_id = a)"),
          std::string("client_id = 'a'"),
          std::string("create_time = yesterday"),
          std::string("client_id = \"a"), std::string("client_id = a AND"),
          std::string("client_id = a client_id = b"), std::string(2049, 'a'),
          std::string("client_id = \"\x01\"")}) {
      request = Request();
      request.set_filter(filter);
      EXPECT_THAT(Call(request), FailsWith("INVALID_FILTER")) << filter;
    }
    std::string many = "client_id = a";
    for (int i = 0; i < 20; ++i) absl::StrAppend(&many, " AND client_id = a");
    request = Request();
    request.set_filter(many);
    EXPECT_THAT(Call(request), FailsWith("INVALID_FILTER"));
  };
  filtered(v1::ListEntriesRequest());
  filtered(v1::ListClientsRequest());
  filtered(v1::ListChannelsRequest());
  filtered(v1::ListChannelPairsRequest());
  each(v1::ListAccountsRequest());
}

TEST_P(BadInputTest, Administration) {
  v1::CheckIntegrityRequest check;
  check.set_client_id("me");
  EXPECT_THAT(Call(check), HasViolationsOf(Fields{"client_id"}));
  v1::BackfillEntriesRequest backfill;
  EXPECT_THAT(Call(backfill).failure().reason, "INVALID_FIELDS");
  backfill.set_client_id("me");
  backfill.mutable_interval()->set_seconds(1);
  backfill.mutable_spread()->set_seconds(-1);
  backfill.set_request_id("\n");
  EXPECT_THAT(Call(backfill), HasViolationsOf(Fields{"client_id", "interval",
                                                     "spread", "request_id"}));
  backfill = {};
  backfill.set_channel_pair_id("");
  EXPECT_THAT(Call(backfill), HasViolationsOf(Fields{"channel_pair_id"}));
  backfill = {};
  backfill.mutable_all();
  backfill.mutable_spread()->set_seconds(366 * 86400 + 1);
  EXPECT_THAT(Call(backfill), HasViolationsOf(Fields{"spread"}));
}

INSTANTIATE_TEST_SUITE_P(Backends, BadInputTest, Backends(), BackendName);

}  // namespace
}  // namespace broadcast::test
