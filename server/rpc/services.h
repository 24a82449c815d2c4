// The services of the contract: one line a method, because all that is
// particular to one is in its method struct. Owned by GrpcServer; gRPC calls
// them on its own threads.
#ifndef BROADCASTD_RPC_SERVICES_H_
#define BROADCASTD_RPC_SERVICES_H_

#include "broadcast/v1/admin_service.grpc.pb.h"
#include "broadcast/v1/broadcast_service.grpc.pb.h"
#include "broadcast/v1/channel_service.grpc.pb.h"
#include "broadcast/v1/client_service.grpc.pb.h"
#include "rpc/admin_methods.h"
#include "rpc/audit_methods.h"
#include "rpc/backfill.h"
#include "rpc/call.h"
#include "rpc/channel_methods.h"
#include "rpc/client_methods.h"
#include "rpc/entry_methods.h"
#include "rpc/pair_methods.h"

// A handler that takes its call down one of the paths of Calls.
#define BROADCASTD_HANDLER(path, method)                                      \
  grpc::ServerUnaryReactor* method(grpc::CallbackServerContext* context,      \
                                   const v1::method##Request* request,        \
                                   v1::method##Response* response) override { \
    return calls_->path<method##Method>(method##Known_, context, request,     \
                                        response);                            \
  }                                                                           \
  const Method method##Known_ = calls_->MethodOf(method##Method::kName)

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

  grpc::ServerUnaryReactor* BackfillEntries(
      grpc::CallbackServerContext* context,
      const v1::BackfillEntriesRequest* request,
      v1::BackfillEntriesResponse* response) override {
    return rpc::BackfillEntries(*calls_, BackfillEntriesKnown_, context,
                                request, response);
  }
  const Method BackfillEntriesKnown_ = calls_->MethodOf(kBackfillEntries);
};
// NOLINTEND(readability-identifier-naming)

}  // namespace broadcast::rpc

#undef BROADCASTD_HANDLER

#endif  // BROADCASTD_RPC_SERVICES_H_
