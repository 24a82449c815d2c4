// The services of the contract: one line a method, because all that is
// particular to one is in its method struct. Owned by GrpcServer; gRPC calls
// them on its own threads.
#ifndef BROADCASTD_RPC_SERVICES_H_
#define BROADCASTD_RPC_SERVICES_H_

#include "broadcast/v1/admin_service.grpc.pb.h"
#include "broadcast/v1/broadcast_service.grpc.pb.h"
#include "broadcast/v1/channel_service.grpc.pb.h"
#include "broadcast/v1/client_service.grpc.pb.h"
#include "broadcast/v1/event_service.grpc.pb.h"
#include "broadcast/v1/feed_service.grpc.pb.h"
#include "broadcast/v1/operation_service.grpc.pb.h"
#include "rpc/admin_methods.h"
#include "rpc/audit_methods.h"
#include "rpc/backfill.h"
#include "rpc/call.h"
#include "rpc/channel_methods.h"
#include "rpc/check_channel.h"
#include "rpc/client_methods.h"
#include "rpc/entry_methods.h"
#include "rpc/feed_methods.h"
#include "rpc/import_stream.h"
#include "rpc/message_methods.h"
#include "rpc/operation_methods.h"
#include "rpc/pair_methods.h"
#include "rpc/post_methods.h"
#include "rpc/scheduler_methods.h"
#include "rpc/statistics_methods.h"
#include "rpc/sync_methods.h"
#include "rpc/trigger_methods.h"
#include "rpc/watch_methods.h"

// A handler that takes its call down one of the paths of Calls.
#define BROADCASTD_HANDLER(path, method)                                      \
  grpc::ServerUnaryReactor* method(grpc::CallbackServerContext* context,      \
                                   const v1::method##Request* request,        \
                                   v1::method##Response* response) override { \
    return calls_->path<method##Method>(method##Known_, context, request,     \
                                        response);                            \
  }                                                                           \
  const Method method##Known_ = calls_->MethodOf(method##Method::kName)

// A handler that goes a way of its own.
#define BROADCASTD_OWN_HANDLER(method)                                        \
  grpc::ServerUnaryReactor* method(grpc::CallbackServerContext* context,      \
                                   const v1::method##Request* request,        \
                                   v1::method##Response* response) override { \
    return rpc::method(*calls_, method##Known_, context, request, response);  \
  }                                                                           \
  const Method method##Known_ = calls_->MethodOf(k##method)

// A handler that answers with a stream.
#define BROADCASTD_STREAM(method)                                   \
  grpc::ServerWriteReactor<v1::method##Response>* method(           \
      grpc::CallbackServerContext* context,                         \
      const v1::method##Request* request) override {                \
    return rpc::method(*calls_, method##Known_, context, *request); \
  }                                                                 \
  const Method method##Known_ = calls_->MethodOf(k##method)

// A handler that answers each message of a stream.
#define BROADCASTD_DIALOGUE(method)                                           \
  grpc::ServerBidiReactor<v1::method##Request, v1::method##Response>* method( \
      grpc::CallbackServerContext* context) override {                        \
    return rpc::method(*calls_, method##Known_, context);                     \
  }                                                                           \
  const Method method##Known_ = calls_->MethodOf(k##method)

namespace broadcast::rpc {

// NOLINTBEGIN(readability-identifier-naming): the macro names its members.
class BroadcastServiceHandlers final
    : public v1::BroadcastService::CallbackService {
 public:
  explicit BroadcastServiceHandlers(Calls* calls) : calls_(calls) {}

 private:
  Calls* const calls_;

  BROADCASTD_HANDLER(Write, CreateEntry);
  BROADCASTD_HANDLER(Write, BatchCreateEntries);
  BROADCASTD_HANDLER(Read, GetEntry);
  BROADCASTD_HANDLER(Read, ListEntries);
  BROADCASTD_HANDLER(Write, UpdateEntry);
  BROADCASTD_HANDLER(Write, PauseEntry);
  BROADCASTD_HANDLER(Write, ResumeEntry);
  BROADCASTD_HANDLER(Write, DeleteEntry);
  BROADCASTD_HANDLER(Write, Trigger);
  BROADCASTD_HANDLER(Write, SendTest);
  BROADCASTD_OWN_HANDLER(Sync);
  BROADCASTD_OWN_HANDLER(Migrate);
};

class ClientServiceHandlers final : public v1::ClientService::CallbackService {
 public:
  explicit ClientServiceHandlers(Calls* calls) : calls_(calls) {}

 private:
  Calls* const calls_;

  BROADCASTD_HANDLER(Write, CreateClient);
  BROADCASTD_HANDLER(Read, GetClient);
  BROADCASTD_HANDLER(Read, ListClients);
  BROADCASTD_HANDLER(Write, UpdateClient);
  BROADCASTD_HANDLER(Write, DeleteClient);
};

class ChannelServiceHandlers final
    : public v1::ChannelService::CallbackService {
 public:
  explicit ChannelServiceHandlers(Calls* calls) : calls_(calls) {}

 private:
  Calls* const calls_;

  BROADCASTD_HANDLER(Write, CreateChannelPair);
  BROADCASTD_HANDLER(Read, GetChannelPair);
  BROADCASTD_HANDLER(Read, ListChannelPairs);
  BROADCASTD_HANDLER(Write, DeleteChannelPair);
  BROADCASTD_HANDLER(Read, GetChannel);
  BROADCASTD_HANDLER(Read, ListChannels);
  BROADCASTD_HANDLER(Write, UpdateChannel);
  BROADCASTD_HANDLER(Write, EnableChannel);
  BROADCASTD_HANDLER(Write, DisableChannel);
  BROADCASTD_OWN_HANDLER(CheckChannel);
};

class FeedServiceHandlers final : public v1::FeedService::CallbackService {
 public:
  explicit FeedServiceHandlers(Calls* calls) : calls_(calls) {}

 private:
  Calls* const calls_;

  BROADCASTD_HANDLER(Write, CreateFeed);
  BROADCASTD_HANDLER(Read, GetFeed);
  BROADCASTD_HANDLER(Read, ListFeeds);
  BROADCASTD_HANDLER(Write, UpdateFeed);
  BROADCASTD_HANDLER(Write, DeleteFeed);
  BROADCASTD_HANDLER(Write, AddFeedChannel);
  BROADCASTD_HANDLER(Write, RemoveFeedChannel);
  BROADCASTD_HANDLER(Write, UpsertPost);
  BROADCASTD_HANDLER(Write, BatchUpsertPosts);
  BROADCASTD_DIALOGUE(ImportPosts);
  BROADCASTD_HANDLER(Write, ClosePost);
  BROADCASTD_HANDLER(Write, DeletePost);
  BROADCASTD_HANDLER(Read, GetPost);
  BROADCASTD_HANDLER(Read, ListPosts);
  BROADCASTD_HANDLER(Read, ListMessages);
};

class AdminServiceHandlers final : public v1::AdminService::CallbackService {
 public:
  explicit AdminServiceHandlers(Calls* calls) : calls_(calls) {}

 private:
  Calls* const calls_;

  BROADCASTD_HANDLER(Read, GetServerInfo);
  BROADCASTD_HANDLER(Tell, ListAccounts);
  BROADCASTD_HANDLER(Read, CheckIntegrity);
  BROADCASTD_HANDLER(Read, ListAuditEvents);
  BROADCASTD_OWN_HANDLER(BackfillEntries);
  BROADCASTD_HANDLER(Write, ExecuteDue);
  BROADCASTD_HANDLER(Write, PauseScheduler);
  BROADCASTD_HANDLER(Write, ResumeScheduler);
  BROADCASTD_HANDLER(Read, GetStatistics);
};

class OperationServiceHandlers final
    : public v1::OperationService::CallbackService {
 public:
  explicit OperationServiceHandlers(Calls* calls) : calls_(calls) {}

 private:
  Calls* const calls_;

  BROADCASTD_HANDLER(Read, GetOperation);
  BROADCASTD_HANDLER(Read, ListOperations);
  BROADCASTD_HANDLER(Write, CancelOperation);
  BROADCASTD_STREAM(WatchOperation);
  BROADCASTD_HANDLER(Read, ListDeliveries);
  BROADCASTD_HANDLER(Write, RetryDeliveries);
  BROADCASTD_HANDLER(Write, ResolveDelivery);
};

class EventServiceHandlers final : public v1::EventService::CallbackService {
 public:
  explicit EventServiceHandlers(Calls* calls) : calls_(calls) {}

 private:
  Calls* const calls_;

  BROADCASTD_STREAM(WatchEvents);
};
// NOLINTEND(readability-identifier-naming)

}  // namespace broadcast::rpc

#undef BROADCASTD_HANDLER
#undef BROADCASTD_OWN_HANDLER
#undef BROADCASTD_STREAM
#undef BROADCASTD_DIALOGUE

#endif  // BROADCASTD_RPC_SERVICES_H_
