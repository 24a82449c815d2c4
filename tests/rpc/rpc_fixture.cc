#include "rpc_fixture.h"

#include <grpcpp/generic/generic_stub.h>

#include "absl/strings/str_format.h"
#include "support/status_matchers.h"

namespace broadcast::test {
namespace {

v1::ChannelSpec Spec(v1::Platform platform, absl::string_view address,
                     absl::string_view account) {
  v1::ChannelSpec spec;
  spec.set_platform(platform);
  spec.set_address(std::string(address));
  spec.set_account(std::string(account));
  return spec;
}

v1::ChannelAddress AddressOf(const v1::ChannelSpec& spec) {
  v1::ChannelAddress address;
  address.set_platform(spec.platform());
  address.set_address(spec.address());
  return address;
}

}  // namespace

void RpcTest::SetUp() {
  DatabaseTest::SetUp();
  Serve();
}

void RpcTest::Serve(const std::function<void(rpc::Policy&)>& change) {
  Stop();
  policy_ = {};
  policy_.clock = &clock();
  policy_.ids = &ids_;
  policy_.accounts = {{"log", {storage::Platform::kLog}},
                      {"other-log", {storage::Platform::kLog}},
                      {"bot", {storage::Platform::kTelegram}},
                      {"hooks", {storage::Platform::kWebhook}}};
  policy_.version = "1.2.3";
  policy_.commit = "0123456789ab";
  policy_.start_time = clock().Now();
  Configure(policy_);
  if (change != nullptr) change(policy_);
  admission_ = MakeAdmission();
  calls_ = std::make_unique<rpc::Calls>(&database(), &policy_, admission_.get(),
                                        &test().log(), &test().registry());
  rpc::GrpcServer::Options options{
      .clock = &clock(), .log = &test().log(), .registry = &test().registry()};
  Configure(options);
  server_ = Must(rpc::GrpcServer::Start(options, calls_.get()));
  // Connections are shared within a process, by address and arguments.
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  channel_ =
      grpc::CreateCustomChannel(absl::StrCat("127.0.0.1:", server_->port()),
                                grpc::InsecureChannelCredentials(), arguments);
  broadcast_ = v1::BroadcastService::NewStub(channel_);
  clients_ = v1::ClientService::NewStub(channel_);
  channels_ = v1::ChannelService::NewStub(channel_);
  feeds_ = v1::FeedService::NewStub(channel_);
  admin_ = v1::AdminService::NewStub(channel_);
  operations_ = v1::OperationService::NewStub(channel_);
  events_ = v1::EventService::NewStub(channel_);
}

std::unique_ptr<rpc::Admission> RpcTest::MakeAdmission() {
  return std::make_unique<rpc::Admission>(nullptr, rpc::Admission::Options(),
                                          &clock());
}

void RpcTest::Stop() {
  server_.reset();
  calls_.reset();
  admission_.reset();
}

grpc::Status RpcTest::CallRaw(const std::string& method,
                              const std::string& bytes) {
  grpc::GenericStub stub(channel_);
  grpc::ClientContext context;
  Prepare(context);
  const grpc::Slice slice(bytes);
  const grpc::ByteBuffer request(&slice, 1);
  grpc::ByteBuffer response;
  grpc::Status status;
  absl::Notification answered;
  stub.UnaryCall(&context, method, {}, &request, &response,
                 [&](grpc::Status answer) {
                   status = std::move(answer);
                   answered.Notify();
                 });
  answered.WaitForNotification();
  Check(status, method);
  return status;
}

v1::CreateEntryResponse RpcTest::Create(const v1::CreateEntryRequest& request) {
  auto reply = Call(request);
  EXPECT_THAT(reply, Succeeds());
  return std::move(reply.value);
}

v1::Entry RpcTest::Get(const std::string& entry_id) {
  v1::GetEntryRequest request;
  request.set_entry_id(entry_id);
  const auto reply = Call(request);
  EXPECT_THAT(reply, Succeeds());
  return reply->entry();
}

int64_t RpcTest::Count(absl::string_view table) {
  return raw().Number(absl::StrCat("SELECT count(*) FROM ", table));
}

int64_t RpcTest::AllRows() {
  int64_t rows = 0;
  for (const char* table :
       {"clients", "channels", "channel_pairs", "entries", "contents",
        "request_ids", "operations", "deliveries", "events", "feeds",
        "feed_channels", "posts", "messages", "plans"}) {
    rows += Count(table);
  }
  return rows;
}

void RpcTest::Prepare(grpc::ClientContext& context) const {
  for (const auto& [key, value] : metadata_) context.AddMetadata(key, value);
  context.set_deadline(std::chrono::system_clock::now() +
                       absl::ToChronoSeconds(kLongWait));
}

void RpcTest::Check(const grpc::Status& status, const std::string& request) {
  if (status.ok()) return;
  const Failure failure = FailureOf(status);
  // Without a domain it is gRPC's own: too large, unknown, unreadable.
  if (failure.domain.empty()) return;
  EXPECT_EQ(Broken(failure), "")
      << request << " answers " << failure.reason << ": " << failure.message;
}

v1::ChannelSpec LogChannel(absl::string_view address) {
  return Spec(v1::PLATFORM_LOG, address, "log");
}

v1::ChannelSpec TelegramChannel(absl::string_view address) {
  return Spec(v1::PLATFORM_TELEGRAM, address, "bot");
}

v1::ChannelSpec WebhookChannel(absl::string_view address) {
  return Spec(v1::PLATFORM_WEBHOOK, address, "hooks");
}

v1::CreateEntryRequest NewEntry(int client, int pair) {
  v1::CreateEntryRequest request;
  request.set_client_id(ClientId(client));
  *request.mutable_open_channel() =
      LogChannel(absl::StrCat("open-", client, "-", pair));
  *request.mutable_closed_channel() =
      LogChannel(absl::StrCat("closed-", client, "-", pair));
  return request;
}

v1::CreateChannelPairRequest NewPair(int client, int pair) {
  const v1::CreateEntryRequest entry = NewEntry(client, pair);
  v1::CreateChannelPairRequest request;
  request.set_client_id(entry.client_id());
  *request.mutable_open_channel() = entry.open_channel();
  *request.mutable_closed_channel() = entry.closed_channel();
  return request;
}

v1::ChannelPairAddresses AddressesOf(const v1::CreateEntryRequest& request) {
  v1::ChannelPairAddresses addresses;
  addresses.set_client_id(request.client_id());
  *addresses.mutable_open_channel() = AddressOf(request.open_channel());
  *addresses.mutable_closed_channel() = AddressOf(request.closed_channel());
  return addresses;
}

v1::Content TextContent(absl::string_view text) {
  v1::Content content;
  content.set_text(std::string(text));
  return content;
}

std::string RequestId(int number) {
  return absl::StrFormat("aaaaaaaa-0000-4000-8000-%012d", number);
}

}  // namespace broadcast::test
