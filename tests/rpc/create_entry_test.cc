// CreateEntry: what it registers, repairs and refuses. One file, long as it is:
// all that is promised of the one call that everything else begins with.

#include "absl/strings/str_cat.h"
#include "rpc_fixture.h"

namespace broadcast::test {
namespace {

using grpc::StatusCode;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Key;
using testing::Not;
using testing::Pair;

class CreateEntryTest : public RpcTest {
 protected:
  // Near the test's time: PostgreSQL's runs on by itself.
  void ExpectNow(const google::protobuf::Timestamp& time) {
    const int64_t now = absl::ToUnixSeconds(clock().Now());
    EXPECT_GE(time.seconds(), now - 1);
    EXPECT_LE(time.seconds(), now + 60);
  }
};

TEST_P(CreateEntryTest, RegistersClientChannelsPairAndEntryTogether) {
  v1::CreateEntryRequest request = NewEntry(1, 1);
  request.mutable_open_channel()->set_title("Open to all");
  *request.mutable_closed_channel() = TelegramChannel("@My_Members");
  const v1::CreateEntryResponse made = Create(request);

  EXPECT_FALSE(made.replayed());
  EXPECT_EQ(made.client().client_id(), ClientId(1));
  EXPECT_EQ(made.client().pair_count(), 1);
  EXPECT_FALSE(made.client().has_pair_quota());
  EXPECT_NE(made.client().etag(), "");

  const v1::ChannelPair& pair = made.channel_pair();
  EXPECT_EQ(pair.channel_pair_id().size(), 36);
  EXPECT_EQ(pair.client_id(), ClientId(1));
  EXPECT_EQ(pair.open_channel().title(), "Open to all");
  EXPECT_EQ(pair.open_channel().platform(), v1::PLATFORM_LOG);
  EXPECT_EQ(pair.open_channel().account(), "log");
  EXPECT_EQ(pair.open_channel().state(), v1::Channel::STATE_ACTIVE);
  EXPECT_EQ(pair.closed_channel().address(), "@my_members");
  EXPECT_EQ(pair.closed_channel().platform(), v1::PLATFORM_TELEGRAM);

  const v1::Entry& entry = made.entry();
  EXPECT_EQ(entry.entry_id().size(), 36);
  EXPECT_EQ(entry.client_id(), ClientId(1));
  EXPECT_EQ(entry.channel_pair().channel_pair_id(), pair.channel_pair_id());
  EXPECT_EQ(entry.state(), v1::Entry::STATE_ACTIVE);
  EXPECT_EQ(entry.last_outcome(), v1::Entry::OUTCOME_PENDING);
  EXPECT_EQ(entry.current_operation_id(), "");
  EXPECT_EQ(entry.interval().seconds(), 24 * 3600);
  ExpectNow(entry.next_send_time());
  EXPECT_FALSE(entry.has_last_send_time());
  EXPECT_FALSE(entry.has_last_trigger_time());
  EXPECT_FALSE(entry.has_next_trigger_time());
  EXPECT_EQ(entry.broadcast_count(), 0);
  EXPECT_EQ(entry.success_count(), 0);
  EXPECT_EQ(entry.partial_count(), 0);
  EXPECT_EQ(entry.failure_count(), 0);
  EXPECT_EQ(entry.consecutive_failure_count(), 0);
  EXPECT_EQ(entry.manual_trigger_count(), 0);
  EXPECT_EQ(entry.last_error(), "");
  EXPECT_FALSE(entry.has_last_error_time());
  EXPECT_FALSE(entry.has_open_content());
  EXPECT_EQ(entry.open_content_source(), v1::CONTENT_SOURCE_UNSPECIFIED);
  ExpectNow(entry.create_time());
  EXPECT_EQ(entry.update_time().seconds(), entry.create_time().seconds());
  EXPECT_NE(entry.etag(), "");

  EXPECT_THAT(Get(entry.entry_id()), EqualsProto(entry));
  EXPECT_EQ(Count("clients"), 1);
  EXPECT_EQ(Count("channels"), 2);
  EXPECT_EQ(Count("channel_pairs"), 1);
  EXPECT_EQ(Count("entries"), 1);
}

TEST_P(CreateEntryTest, KeepsScheduleContentAndLabels) {
  v1::CreateEntryRequest request = NewEntry(1, 1);
  request.mutable_interval()->set_seconds(3600);
  const int64_t start = absl::ToUnixSeconds(clock().Now()) + 7200;
  request.mutable_start_time()->set_seconds(start);
  request.mutable_start_time()->set_nanos(123456789);
  v1::Content& content = *request.mutable_open_content();
  content = TextContent("<b>Hello</b> \xe2\x82\xac");
  content.set_parse_mode(v1::Content::PARSE_MODE_HTML);
  content.set_protect_content(true);
  v1::Button& button = *content.add_button_rows()->add_buttons();
  button.set_text("Join");
  button.set_url("https://example.com/join?a=1&b=2");
  (*request.mutable_labels())["team"] = "ops \"1\"";
  (*request.mutable_labels())["empty"] = "";

  const v1::Entry entry = Create(request).entry();
  EXPECT_EQ(entry.interval().seconds(), 3600);
  EXPECT_EQ(entry.next_send_time().seconds(), start);
  EXPECT_EQ(entry.next_send_time().nanos(), 123456000);
  EXPECT_THAT(entry.open_content(), EqualsProto(content));
  EXPECT_EQ(entry.open_content_source(), v1::CONTENT_SOURCE_ENTRY);
  EXPECT_FALSE(entry.has_closed_content());
  EXPECT_EQ(entry.labels().at("team"), "ops \"1\"");
  EXPECT_EQ(entry.labels().at("empty"), "");
  EXPECT_THAT(Get(entry.entry_id()), EqualsProto(entry));
}

TEST_P(CreateEntryTest, AStartTimeInThePastMeansNow) {
  v1::CreateEntryRequest request = NewEntry(1, 1);
  request.mutable_start_time()->set_seconds(0);
  ExpectNow(Create(request).entry().next_send_time());
}

TEST_P(CreateEntryTest, ContentComesFromTheFirstLevelThatHasSome) {
  Serve([](rpc::Policy& policy) {
    policy.default_open_content = Content{.text = "server"};
    policy.default_closed_content = Content{.text = "server"};
  });
  v1::CreateClientRequest client;
  client.set_client_id(ClientId(1));
  *client.mutable_default_open_content() = TextContent("client");
  ASSERT_THAT(Call(client), Succeeds());
  const v1::CreateEntryResponse inherits = Create(NewEntry(1, 1));
  EXPECT_EQ(inherits.entry().open_content_source(), v1::CONTENT_SOURCE_CLIENT);
  EXPECT_EQ(inherits.entry().closed_content_source(),
            v1::CONTENT_SOURCE_SERVER);
  EXPECT_FALSE(inherits.entry().has_open_content());
  EXPECT_EQ(inherits.client().default_open_content().text(), "client");
  v1::CreateEntryRequest request = NewEntry(1, 2);
  *request.mutable_open_content() = TextContent("entry");
  const v1::Entry own = Create(request).entry();
  EXPECT_EQ(own.open_content_source(), v1::CONTENT_SOURCE_ENTRY);
  EXPECT_EQ(Get(own.entry_id()).open_content_source(),
            v1::CONTENT_SOURCE_ENTRY);
  EXPECT_EQ(Get(inherits.entry().entry_id()).open_content_source(),
            v1::CONTENT_SOURCE_CLIENT);
}

TEST_P(CreateEntryTest, AClientIdInUpperCaseIsTheSameClient) {
  v1::CreateEntryRequest request = NewEntry(1, 1);
  request.set_client_id("ABCDEF01-0000-7000-8001-000000000001");
  EXPECT_EQ(Create(request).client().client_id(),
            "abcdef01-0000-7000-8001-000000000001");
  *request.mutable_open_channel() = LogChannel("second");
  request.set_client_id("abcdef01-0000-7000-8001-000000000001");
  EXPECT_EQ(Create(request).client().pair_count(), 2);
}

TEST_P(CreateEntryTest, AChannelServesSeveralPairsOfItsClient) {
  const v1::CreateEntryResponse first = Create(NewEntry(1, 1));
  v1::CreateEntryRequest request = NewEntry(1, 2);
  *request.mutable_open_channel() = NewEntry(1, 1).open_channel();
  request.mutable_open_channel()->set_title("another");
  const v1::CreateEntryResponse second = Create(request);
  EXPECT_EQ(second.channel_pair().open_channel().channel_id(),
            first.channel_pair().open_channel().channel_id());
  EXPECT_EQ(second.channel_pair().open_channel().title(), "");
  // The two the other way round are another pair.
  v1::CreateEntryRequest turned = NewEntry(1, 1);
  turned.mutable_open_channel()->Swap(turned.mutable_closed_channel());
  EXPECT_EQ(Create(turned).client().pair_count(), 3);
  EXPECT_EQ(Count("channels"), 3);
}

TEST_P(CreateEntryTest, LogAndWebhookDestinationsMayBelongToSeveralClients) {
  for (const int client : {1, 2}) {
    v1::CreateEntryRequest request = NewEntry(client, 1);
    *request.mutable_open_channel() = LogChannel("shared");
    *request.mutable_closed_channel() =
        WebhookChannel("HTTPS://Example.com:443/hook");
    EXPECT_EQ(Create(request).channel_pair().closed_channel().address(),
              "https://example.com/hook");
  }
  EXPECT_EQ(Count("channels"), 4);
}

TEST_P(CreateEntryTest, TheSamePairTwiceIsToldWithTheEntryOfTheSameClient) {
  const v1::CreateEntryResponse made = Create(NewEntry(1, 1));
  const int64_t rows = AllRows();
  const auto reply = Call(NewEntry(1, 1));
  EXPECT_THAT(reply, Fails(StatusCode::ALREADY_EXISTS, "CHANNEL_PAIR_EXISTS"));
  const Failure failure = reply.failure();
  EXPECT_THAT(failure.metadata,
              ElementsAre(Pair("channel_pair_id",
                               made.channel_pair().channel_pair_id()),
                          Pair("entry_id", made.entry().entry_id())));
  EXPECT_EQ(failure.resource->resource_name(),
            made.channel_pair().channel_pair_id());
  EXPECT_EQ(AllRows(), rows);
  EXPECT_EQ(raw().Number("SELECT pair_count FROM clients"), 1);
}

TEST_P(CreateEntryTest, AnAddressWrittenOtherwiseIsTheSamePair) {
  v1::CreateEntryRequest request = NewEntry(1, 1);
  *request.mutable_open_channel() = TelegramChannel("@Some_Name");
  *request.mutable_closed_channel() = TelegramChannel("-1001234567890");
  Create(request);
  request.mutable_open_channel()->set_address("@SOME_name");
  request.mutable_closed_channel()->set_address("-001001234567890");
  EXPECT_THAT(Call(request), FailsWith("CHANNEL_PAIR_EXISTS"));
}

TEST_P(CreateEntryTest, ATelegramDestinationOfAnotherClientIsTakenWithoutIds) {
  v1::CreateEntryRequest request = NewEntry(1, 1);
  *request.mutable_open_channel() = TelegramChannel("-1001");
  *request.mutable_closed_channel() = TelegramChannel("-1002");
  const v1::CreateEntryResponse made = Create(request);
  const int64_t rows = AllRows();
  request.set_client_id(ClientId(2));
  // The very pair, one of its channels, and a channel on the other side.
  for (const auto& [open, closed, field] :
       {std::tuple("-1001", "-1002", "open_channel"),
        std::tuple("-1003", "-1002", "closed_channel"),
        std::tuple("-1002", "-1004", "open_channel")}) {
    request.mutable_open_channel()->set_address(open);
    request.mutable_closed_channel()->set_address(closed);
    const auto reply = Call(request);
    EXPECT_THAT(reply, Fails(StatusCode::ALREADY_EXISTS, "CHANNEL_TAKEN"));
    EXPECT_THAT(reply.failure().metadata, ElementsAre(Pair("field", field)));
    const std::string all = absl::StrCat(reply.status.error_message(),
                                         reply.status.error_details());
    for (const std::string& id :
         {made.client().client_id(), made.entry().entry_id(),
          made.channel_pair().channel_pair_id(),
          made.channel_pair().open_channel().channel_id(),
          made.channel_pair().closed_channel().channel_id()}) {
      EXPECT_THAT(all, Not(testing::HasSubstr(id)));
    }
    EXPECT_EQ(AllRows(), rows);
  }
}

TEST_P(CreateEntryTest, OpenAndClosedMustDiffer) {
  v1::CreateEntryRequest request = NewEntry(1, 1);
  *request.mutable_open_channel() = TelegramChannel("@Some_Name");
  *request.mutable_closed_channel() = TelegramChannel("@some_name");
  EXPECT_THAT(Call(request),
              HasViolationsOf(std::vector<std::string>{"closed_channel"}));
  *request.mutable_open_channel() = WebhookChannel("https://example.com");
  *request.mutable_closed_channel() =
      WebhookChannel("https://EXAMPLE.com:443/");
  EXPECT_THAT(Call(request),
              HasViolationsOf(std::vector<std::string>{"closed_channel"}));
  // The same address on two platforms are two channels.
  *request.mutable_open_channel() = LogChannel("-1001");
  *request.mutable_closed_channel() = TelegramChannel("-1001");
  EXPECT_THAT(Call(request), Succeeds());
}

TEST_P(CreateEntryTest, AnAccountThatTheConfigurationLacksIsRefused) {
  v1::CreateEntryRequest request = NewEntry(1, 1);
  request.mutable_closed_channel()->set_account("nobody");
  auto reply = Call(request);
  EXPECT_THAT(
      reply, Fails(StatusCode::FAILED_PRECONDITION, "CHANNEL_ACCOUNT_UNKNOWN"));
  EXPECT_THAT(reply.failure().metadata,
              ElementsAre(Pair("account", "nobody"),
                          Pair("field", "closed_channel.account"),
                          Pair("platform", "log")));
  // One of another platform is no account of this one.
  request.mutable_closed_channel()->set_account("bot");
  EXPECT_THAT(Call(request), FailsWith("CHANNEL_ACCOUNT_UNKNOWN"));
  EXPECT_EQ(AllRows(), 0);
}

TEST_P(CreateEntryTest, AnotherAccountThanTheChannelsIsRefused) {
  const v1::CreateEntryResponse made = Create(NewEntry(1, 1));
  v1::CreateEntryRequest request = NewEntry(1, 2);
  *request.mutable_closed_channel() = NewEntry(1, 1).open_channel();
  request.mutable_closed_channel()->set_account("other-log");
  const int64_t rows = AllRows();
  const auto reply = Call(request);
  EXPECT_THAT(reply, Fails(StatusCode::FAILED_PRECONDITION,
                           "CHANNEL_ACCOUNT_MISMATCH"));
  EXPECT_THAT(reply.failure().metadata,
              ElementsAre(Pair("channel_id",
                               made.channel_pair().open_channel().channel_id()),
                          Pair("field", "closed_channel.account")));
  EXPECT_EQ(AllRows(), rows);
}

TEST_P(CreateEntryTest, EmailIsRefusedUntilItCanBeSent) {
  v1::CreateEntryRequest request = NewEntry(1, 1);
  request.mutable_open_channel()->set_platform(v1::PLATFORM_EMAIL);
  request.mutable_open_channel()->set_address("a@example.com");
  auto reply = Call(request);
  EXPECT_THAT(reply, Fails(StatusCode::FAILED_PRECONDITION,
                           "CHANNEL_PLATFORM_UNSUPPORTED"));
  EXPECT_THAT(reply.failure().metadata,
              ElementsAre(Pair("field", "open_channel.platform"),
                          Pair("platform", "email")));
  request.mutable_closed_channel()->set_platform(v1::PLATFORM_EMAIL);
  request.mutable_closed_channel()->set_address("b@example.com");
  EXPECT_THAT(Call(request), FailsWith("CHANNEL_PLATFORM_UNSUPPORTED"));
  EXPECT_EQ(AllRows(), 0);
}

TEST_P(CreateEntryTest, TheEleventhPairIsOverTheQuota) {
  for (int pair = 1; pair <= 10; ++pair) {
    EXPECT_EQ(Create(NewEntry(1, pair)).client().pair_count(), pair);
  }
  const int64_t rows = AllRows();
  const auto reply = Call(NewEntry(1, 11));
  EXPECT_THAT(reply,
              Fails(StatusCode::RESOURCE_EXHAUSTED, "CHANNEL_PAIR_LIMIT"));
  const Failure failure = reply.failure();
  EXPECT_FALSE(failure.retry_after.has_value());
  ASSERT_TRUE(failure.quota.has_value());
  EXPECT_EQ(failure.quota->violations(0).subject(),
            absl::StrCat("clients/", ClientId(1)));
  EXPECT_THAT(failure.metadata,
              ElementsAre(Pair("client_id", ClientId(1)), Pair("limit", "10")));
  EXPECT_EQ(AllRows(), rows);
  // Another client has its own ten, and a pair that goes makes room.
  Create(NewEntry(2, 1));
  v1::DeleteChannelPairRequest remove;
  v1::ListChannelPairsRequest list;
  list.set_filter(absl::StrCat("client_id = ", ClientId(1)));
  remove.set_channel_pair_id(
      Call(list)->items(0).channel_pair().channel_pair_id());
  ASSERT_THAT(Call(remove), Succeeds());
  EXPECT_EQ(Create(NewEntry(1, 11)).client().pair_count(), 10);
}

TEST_P(CreateEntryTest, AClientsOwnQuotaOutranksTheDefault) {
  v1::CreateClientRequest client;
  client.set_client_id(ClientId(1));
  client.set_pair_quota(1);
  ASSERT_THAT(Call(client), Succeeds());
  Create(NewEntry(1, 1));
  EXPECT_THAT(Call(NewEntry(1, 2)), FailsWith("CHANNEL_PAIR_LIMIT"));
  v1::UpdateClientRequest raise;
  raise.mutable_client()->set_client_id(ClientId(1));
  raise.mutable_client()->set_pair_quota(12);
  ASSERT_THAT(Call(raise), Succeeds());
  for (int pair = 2; pair <= 12; ++pair) Create(NewEntry(1, pair));
  EXPECT_THAT(Call(NewEntry(1, 13)), FailsWith("CHANNEL_PAIR_LIMIT"));
  // Below what there is: nothing goes, nothing more comes.
  raise.mutable_client()->set_pair_quota(0);
  ASSERT_THAT(Call(raise), Succeeds());
  EXPECT_EQ(Count("channel_pairs"), 12);
  EXPECT_THAT(Call(NewEntry(1, 13)), FailsWith("CHANNEL_PAIR_LIMIT"));
}

TEST_P(CreateEntryTest, ALegacyPairGetsItsEntryEvenAtFullQuota) {
  std::string pair_id;
  for (int pair = 1; pair <= 10; ++pair) {
    const auto made = Call(NewPair(1, pair));
    ASSERT_THAT(made, Succeeds());
    if (pair == 1) pair_id = made->channel_pair().channel_pair_id();
  }
  EXPECT_THAT(Call(NewPair(1, 11)), FailsWith("CHANNEL_PAIR_LIMIT"));
  const v1::CreateEntryResponse repaired = Create(NewEntry(1, 1));
  EXPECT_EQ(repaired.channel_pair().channel_pair_id(), pair_id);
  EXPECT_EQ(repaired.client().pair_count(), 10);
  EXPECT_EQ(Get(repaired.entry().entry_id()).channel_pair().channel_pair_id(),
            pair_id);
  EXPECT_THAT(Call(NewEntry(1, 1)), FailsWith("CHANNEL_PAIR_EXISTS"));
}

TEST_P(CreateEntryTest, APairWhoseEntryWasDeletedGetsANewOne) {
  const v1::CreateEntryResponse first = Create(NewEntry(1, 1));
  v1::DeleteEntryRequest remove;
  remove.set_entry_id(first.entry().entry_id());
  ASSERT_THAT(Call(remove), Succeeds());
  const v1::CreateEntryResponse second = Create(NewEntry(1, 1));
  EXPECT_NE(second.entry().entry_id(), first.entry().entry_id());
  EXPECT_THAT(second.channel_pair(), EqualsProto(first.channel_pair()));
  EXPECT_EQ(second.client().pair_count(), 1);
}

TEST_P(CreateEntryTest, AnUnknownClientIsRefusedWhereNoneIsRegistered) {
  Serve([](rpc::Policy& policy) {
    policy.registration.auto_register_clients = false;
  });
  auto reply = Call(NewEntry(1, 1));
  EXPECT_THAT(reply, Fails(StatusCode::FAILED_PRECONDITION, "CLIENT_UNKNOWN"));
  EXPECT_THAT(reply.failure().metadata,
              ElementsAre(Pair("client_id", ClientId(1))));
  EXPECT_THAT(Call(NewPair(1, 1)), FailsWith("CLIENT_UNKNOWN"));
  EXPECT_EQ(AllRows(), 0);
  v1::CreateClientRequest client;
  client.set_client_id(ClientId(1));
  ASSERT_THAT(Call(client), Succeeds());
  EXPECT_THAT(Call(NewEntry(1, 1)), Succeeds());
  // With a request id, PostgreSQL may take another path: the same answer.
  v1::CreateEntryRequest request = NewEntry(2, 1);
  request.set_request_id(RequestId(1));
  EXPECT_THAT(Call(request), FailsWith("CLIENT_UNKNOWN"));
  EXPECT_EQ(Count("request_ids"), 0);
}

TEST_P(CreateEntryTest, ValidateOnlyTellsAllAndLeavesNothing) {
  v1::CreateEntryRequest request = NewEntry(1, 1);
  *request.mutable_open_content() = TextContent("hello");
  request.set_validate_only(true);
  request.set_request_id(RequestId(1));
  const v1::CreateEntryResponse would = Create(request);
  EXPECT_EQ(would.client().client_id(), ClientId(1));
  EXPECT_EQ(would.client().pair_count(), 1);
  EXPECT_EQ(would.entry().entry_id(), "");
  EXPECT_EQ(would.channel_pair().channel_pair_id(), "");
  EXPECT_EQ(would.channel_pair().open_channel().channel_id(), "");
  EXPECT_EQ(would.channel_pair().closed_channel().channel_id(), "");
  EXPECT_EQ(would.entry().channel_pair().channel_pair_id(), "");
  EXPECT_EQ(would.entry().open_content().text(), "hello");
  EXPECT_EQ(would.entry().state(), v1::Entry::STATE_ACTIVE);
  EXPECT_FALSE(would.replayed());
  EXPECT_EQ(AllRows(), 0);
  // The id is neither looked up nor recorded.
  request.set_validate_only(false);
  const v1::CreateEntryResponse made = Create(request);
  EXPECT_FALSE(made.replayed());
  request.set_validate_only(true);
  const int64_t rows = AllRows();
  EXPECT_THAT(Call(request), FailsWith("CHANNEL_PAIR_EXISTS"));
  // What exists is told with its ids.
  *request.mutable_closed_channel() = LogChannel("third");
  const v1::CreateEntryResponse next = Create(request);
  EXPECT_EQ(next.channel_pair().open_channel().channel_id(),
            made.channel_pair().open_channel().channel_id());
  EXPECT_EQ(next.channel_pair().closed_channel().channel_id(), "");
  EXPECT_EQ(next.client().pair_count(), 2);
  EXPECT_EQ(AllRows(), rows);
}

TEST_P(CreateEntryTest, ValidateOnlyFailsAsTheCallWould) {
  for (int pair = 1; pair <= 10; ++pair) Create(NewEntry(1, pair));
  v1::CreateEntryRequest request = NewEntry(1, 11);
  request.set_validate_only(true);
  EXPECT_THAT(Call(request), FailsWith("CHANNEL_PAIR_LIMIT"));
  request.clear_open_channel();
  EXPECT_THAT(Call(request),
              HasViolationsOf(std::vector<std::string>{"open_channel"}));
}

TEST_P(CreateEntryTest, IsFoundByTheAddressesOfItsPair) {
  v1::CreateEntryRequest request = NewEntry(1, 1);
  *request.mutable_open_channel() = TelegramChannel("@Some_Name");
  const v1::Entry entry = Create(request).entry();
  v1::GetEntryRequest get;
  *get.mutable_channel_pair_addresses() = AddressesOf(request);
  auto found = Call(get);
  EXPECT_THAT(found, Succeeds());
  EXPECT_THAT(found->entry(), EqualsProto(entry));

  // Another client's, or a pair that is not there.
  get.mutable_channel_pair_addresses()->set_client_id(ClientId(2));
  auto reply = Call(get);
  EXPECT_THAT(reply, Fails(StatusCode::NOT_FOUND, "CHANNEL_PAIR_NOT_FOUND"));
  EXPECT_THAT(reply.failure().metadata,
              ElementsAre(Pair("client_id", ClientId(2))));

  // A pair without entry says which pair it is.
  v1::DeleteEntryRequest remove;
  remove.set_entry_id(entry.entry_id());
  ASSERT_THAT(Call(remove), Succeeds());
  get.mutable_channel_pair_addresses()->set_client_id(ClientId(1));
  reply = Call(get);
  EXPECT_THAT(reply, Fails(StatusCode::NOT_FOUND, "ENTRY_NOT_FOUND"));
  EXPECT_THAT(reply.failure().metadata,
              ElementsAre(Pair("channel_pair_id",
                               entry.channel_pair().channel_pair_id())));
}

INSTANTIATE_TEST_SUITE_P(Backends, CreateEntryTest, Backends(), BackendName);

}  // namespace
}  // namespace broadcast::test
