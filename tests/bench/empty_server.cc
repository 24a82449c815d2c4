// The least that a server on this library can do for GetEntry: the floor that
// ours is compared with. Serves until SIGTERM.

#include <grpcpp/grpcpp.h>
#include <signal.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "broadcast/v1/broadcast_service.grpc.pb.h"
#include "commands.h"

namespace broadcast::bench {
namespace {

class EmptyHandlers final : public v1::BroadcastService::CallbackService {
 public:
  explicit EmptyHandlers(v1::GetEntryResponse answer)
      : answer_(std::move(answer)) {}

  grpc::ServerUnaryReactor* GetEntry(grpc::CallbackServerContext* context,
                                     const v1::GetEntryRequest*,
                                     v1::GetEntryResponse* response) override {
    if (answer_.has_entry()) *response = answer_;
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

 private:
  const v1::GetEntryResponse answer_;
};

// An entry as long as those of SeedDatabase.
v1::GetEntryResponse FixedAnswer() {
  constexpr char kId[] = "01970001-0000-7000-8000-000000000000";
  v1::GetEntryResponse answer;
  v1::Entry& entry = *answer.mutable_entry();
  entry.set_entry_id(kId);
  entry.set_client_id(kId);
  entry.set_state(v1::Entry::STATE_ACTIVE);
  entry.set_etag("1");
  entry.mutable_interval()->set_seconds(86400);
  for (auto* time : {entry.mutable_create_time(), entry.mutable_update_time(),
                     entry.mutable_next_send_time()}) {
    time->set_seconds(1'780'000'000);
    time->set_nanos(123'456'000);
  }
  v1::ChannelPair& pair = *entry.mutable_channel_pair();
  pair.set_channel_pair_id(kId);
  pair.set_client_id(kId);
  *pair.mutable_create_time() = entry.create_time();
  for (v1::Channel* channel :
       {pair.mutable_open_channel(), pair.mutable_closed_channel()}) {
    channel->set_channel_id(kId);
    channel->set_client_id(kId);
    channel->set_platform(v1::PLATFORM_LOG);
    channel->set_address("open-000000000000");
    channel->set_account("log");
    channel->set_title("Open channel");
    channel->set_state(v1::Channel::STATE_ACTIVE);
    channel->set_etag("1");
    *channel->mutable_create_time() = entry.create_time();
    *channel->mutable_update_time() = entry.create_time();
  }
  return answer;
}

}  // namespace

int EmptyServer(Flags& flags) {
  const std::string listen = flags.Text("listen");
  const std::string answer = flags.Text("answer", "empty");
  flags.Done();
  if (answer != "empty" && answer != "fixed") {
    Die("--answer must be empty or fixed");
  }
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  EmptyHandlers handlers(answer == "fixed" ? FixedAnswer()
                                           : v1::GetEntryResponse());
  grpc::EnableDefaultHealthCheckService(true);
  grpc::ServerBuilder builder;
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddListeningPort(listen, grpc::InsecureServerCredentials());
  builder.RegisterService(&handlers);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) Die("cannot listen on " + listen);
  int signal = 0;
  sigwait(&signals, &signal);
  server->Shutdown(std::chrono::system_clock::now());
  return 0;
}

}  // namespace broadcast::bench
