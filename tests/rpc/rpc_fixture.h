// A gRPC server in the test's process, on a port of its own, over a database
// of its own, and the generated stubs to call it with. Every failure that a
// test sees is held to the contract in passing. Derive a fixture from RpcTest
// and instantiate it for both backends, as with DatabaseTest. The test owns
// it; calls may be made on any thread.
#ifndef BROADCASTD_RPC_RPC_FIXTURE_H_
#define BROADCASTD_RPC_RPC_FIXTURE_H_

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "broadcast/v1/admin_service.grpc.pb.h"
#include "broadcast/v1/broadcast_service.grpc.pb.h"
#include "broadcast/v1/channel_service.grpc.pb.h"
#include "broadcast/v1/client_service.grpc.pb.h"
#include "broadcast/v1/event_service.grpc.pb.h"
#include "broadcast/v1/feed_service.grpc.pb.h"
#include "broadcast/v1/operation_service.grpc.pb.h"
#include "failure.h"
#include "rpc/call.h"
#include "rpc/grpc_server.h"
#include "rpc/policy.h"
#include "rpc/request_hash.h"
#include "support/answer.h"
#include "support/registry_seed.h"
#include "support/test_database.h"

namespace broadcast::test {

// What a call answered.
template <typename Response>
struct Reply {
  grpc::Status status;
  Response value;

  bool ok() const { return status.ok(); }
  const Response* operator->() const { return &value; }
  Failure failure() const { return FailureOf(status); }
};

MATCHER(Succeeds, negation ? "fails" : "succeeds") {
  *result_listener << "which has code " << arg.status.error_code() << ": "
                   << arg.status.error_message();
  return arg.ok();
}

// By its bytes: reflection of maps has another layout under the thread
// sanitizer than in the library.
MATCHER_P(EqualsProto, expected, "equals " + expected.ShortDebugString()) {
  return rpc::HashOf(arg) == rpc::HashOf(expected);
}

// A call through `stub`, whose method of that name it makes.
#define BROADCASTD_CALL(stub, Service, method)                                \
  Reply<v1::method##Response> Call(const v1::method##Request& request) {      \
    return Send<v1::method##Response>(stub, &Service::Stub::method, request); \
  }

class RpcTest : public DatabaseTest {
 protected:
  void SetUp() override;
  void TearDown() override { Stop(); }

  // What the server's configuration says; the default is one account a
  // platform (and a second for the log), and no content.
  virtual void Configure(rpc::Policy&) {}
  virtual void Configure(rpc::GrpcServer::Options&) {}

  // Who may call; the default lets everybody in.
  virtual std::unique_ptr<rpc::Admission> MakeAdmission();

  // Serves, with another policy if `change` makes one. A server that runs ends.
  void Serve(const std::function<void(rpc::Policy&)>& change = nullptr);
  void Stop();

  BROADCASTD_CALL(*broadcast_, v1::BroadcastService, CreateEntry)
  BROADCASTD_CALL(*broadcast_, v1::BroadcastService, BatchCreateEntries)
  BROADCASTD_CALL(*broadcast_, v1::BroadcastService, GetEntry)
  BROADCASTD_CALL(*broadcast_, v1::BroadcastService, ListEntries)
  BROADCASTD_CALL(*broadcast_, v1::BroadcastService, UpdateEntry)
  BROADCASTD_CALL(*broadcast_, v1::BroadcastService, PauseEntry)
  BROADCASTD_CALL(*broadcast_, v1::BroadcastService, ResumeEntry)
  BROADCASTD_CALL(*broadcast_, v1::BroadcastService, DeleteEntry)
  BROADCASTD_CALL(*broadcast_, v1::BroadcastService, Trigger)
  BROADCASTD_CALL(*broadcast_, v1::BroadcastService, SendTest)
  BROADCASTD_CALL(*broadcast_, v1::BroadcastService, Sync)
  BROADCASTD_CALL(*broadcast_, v1::BroadcastService, Migrate)
  BROADCASTD_CALL(*clients_, v1::ClientService, CreateClient)
  BROADCASTD_CALL(*clients_, v1::ClientService, GetClient)
  BROADCASTD_CALL(*clients_, v1::ClientService, ListClients)
  BROADCASTD_CALL(*clients_, v1::ClientService, UpdateClient)
  BROADCASTD_CALL(*clients_, v1::ClientService, DeleteClient)
  BROADCASTD_CALL(*channels_, v1::ChannelService, CreateChannelPair)
  BROADCASTD_CALL(*channels_, v1::ChannelService, GetChannelPair)
  BROADCASTD_CALL(*channels_, v1::ChannelService, ListChannelPairs)
  BROADCASTD_CALL(*channels_, v1::ChannelService, DeleteChannelPair)
  BROADCASTD_CALL(*channels_, v1::ChannelService, GetChannel)
  BROADCASTD_CALL(*channels_, v1::ChannelService, ListChannels)
  BROADCASTD_CALL(*channels_, v1::ChannelService, UpdateChannel)
  BROADCASTD_CALL(*channels_, v1::ChannelService, EnableChannel)
  BROADCASTD_CALL(*channels_, v1::ChannelService, DisableChannel)
  BROADCASTD_CALL(*channels_, v1::ChannelService, CheckChannel)
  BROADCASTD_CALL(*feeds_, v1::FeedService, CreateFeed)
  BROADCASTD_CALL(*feeds_, v1::FeedService, GetFeed)
  BROADCASTD_CALL(*feeds_, v1::FeedService, ListFeeds)
  BROADCASTD_CALL(*feeds_, v1::FeedService, UpdateFeed)
  BROADCASTD_CALL(*feeds_, v1::FeedService, DeleteFeed)
  BROADCASTD_CALL(*feeds_, v1::FeedService, AddFeedChannel)
  BROADCASTD_CALL(*feeds_, v1::FeedService, RemoveFeedChannel)
  BROADCASTD_CALL(*feeds_, v1::FeedService, UpsertPost)
  BROADCASTD_CALL(*feeds_, v1::FeedService, BatchUpsertPosts)
  BROADCASTD_CALL(*feeds_, v1::FeedService, ClosePost)
  BROADCASTD_CALL(*feeds_, v1::FeedService, DeletePost)
  BROADCASTD_CALL(*feeds_, v1::FeedService, GetPost)
  BROADCASTD_CALL(*feeds_, v1::FeedService, ListPosts)
  BROADCASTD_CALL(*feeds_, v1::FeedService, ListMessages)
  BROADCASTD_CALL(*admin_, v1::AdminService, GetServerInfo)
  BROADCASTD_CALL(*admin_, v1::AdminService, ListAccounts)
  BROADCASTD_CALL(*admin_, v1::AdminService, CheckIntegrity)
  BROADCASTD_CALL(*admin_, v1::AdminService, BackfillEntries)
  BROADCASTD_CALL(*admin_, v1::AdminService, ListAuditEvents)
  BROADCASTD_CALL(*admin_, v1::AdminService, ExecuteDue)
  BROADCASTD_CALL(*admin_, v1::AdminService, PauseScheduler)
  BROADCASTD_CALL(*admin_, v1::AdminService, ResumeScheduler)
  BROADCASTD_CALL(*admin_, v1::AdminService, GetStatistics)
  BROADCASTD_CALL(*operations_, v1::OperationService, GetOperation)
  BROADCASTD_CALL(*operations_, v1::OperationService, ListOperations)
  BROADCASTD_CALL(*operations_, v1::OperationService, CancelOperation)
  BROADCASTD_CALL(*operations_, v1::OperationService, ListDeliveries)
  BROADCASTD_CALL(*operations_, v1::OperationService, RetryDeliveries)
  BROADCASTD_CALL(*operations_, v1::OperationService, ResolveDelivery)

  // Calls that begin from now on carry this metadata.
  void SendMetadata(std::string key, std::string value) {
    metadata_.emplace_back(std::move(key), std::move(value));
  }
  // Calls carry nothing any more.
  void ForgetMetadata() { metadata_.clear(); }

  v1::BroadcastService::Stub& broadcast() { return *broadcast_; }
  v1::FeedService::Stub& feeds() { return *feeds_; }
  v1::AdminService::Stub& admin() { return *admin_; }
  v1::OperationService::Stub& operations() { return *operations_; }
  v1::EventService::Stub& events() { return *events_; }
  std::shared_ptr<grpc::Channel> channel() { return channel_; }
  rpc::GrpcServer& server() { return *server_; }
  rpc::Calls& calls() { return *calls_; }

  // A call of `method` ("/package.Service/Method") with these very bytes.
  grpc::Status CallRaw(const std::string& method, const std::string& bytes);

  // The entry that `request` makes, which must succeed.
  v1::CreateEntryResponse Create(const v1::CreateEntryRequest& request);
  v1::Entry Get(const std::string& entry_id);

  // What a call needs before it is begun: the metadata and a deadline.
  void Prepare(grpc::ClientContext& context) const;
  // Holds a failure to the contract.
  static void Check(const grpc::Status& status, const std::string& request);

  int64_t Count(absl::string_view table);
  // The rows of all tables, which a call that leaves no trace keeps; without
  // the audit trail, which tells of some of those that are refused.
  int64_t AllRows();

 private:
  template <typename Response, typename Stub, typename Request>
  Reply<Response> Send(Stub& stub,
                       grpc::Status (Stub::*method)(grpc::ClientContext*,
                                                    const Request&, Response*),
                       const Request& request) {
    grpc::ClientContext context;
    Prepare(context);
    Reply<Response> reply;
    reply.status = (stub.*method)(&context, request, &reply.value);
    Check(reply.status, Request::descriptor()->name());
    return reply;
  }

  IdSource ids_{&clock(), 7};
  rpc::Policy policy_;
  std::unique_ptr<rpc::Admission> admission_;
  std::unique_ptr<rpc::Calls> calls_;
  std::unique_ptr<rpc::GrpcServer> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::BroadcastService::Stub> broadcast_;
  std::unique_ptr<v1::ClientService::Stub> clients_;
  std::unique_ptr<v1::ChannelService::Stub> channels_;
  std::unique_ptr<v1::FeedService::Stub> feeds_;
  std::unique_ptr<v1::AdminService::Stub> admin_;
  std::unique_ptr<v1::OperationService::Stub> operations_;
  std::unique_ptr<v1::EventService::Stub> events_;
  std::vector<std::pair<std::string, std::string>> metadata_;
};

#undef BROADCASTD_CALL

// Channels as a request names them, with an account of their platform.
v1::ChannelSpec LogChannel(absl::string_view address);
v1::ChannelSpec TelegramChannel(absl::string_view address);
v1::ChannelSpec WebhookChannel(absl::string_view address);

// The registration of pair number `pair` of client number `client`.
v1::CreateEntryRequest NewEntry(int client, int pair);
// The same pair, imported without an entry.
v1::CreateChannelPairRequest NewPair(int client, int pair);
// The addresses of that pair.
v1::ChannelPairAddresses AddressesOf(const v1::CreateEntryRequest& request);

v1::Content TextContent(absl::string_view text);

// A UUID, another for each number.
std::string RequestId(int number);

}  // namespace broadcast::test

#endif  // BROADCASTD_RPC_RPC_FIXTURE_H_
