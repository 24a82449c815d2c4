#include "crash_load.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace broadcast::test {
namespace {

// So many requests share a client, whose row they all change.
constexpr int64_t kRequestsPerClient = 20;

v1::ChannelSpec LogChannel(absl::string_view side, int64_t number) {
  v1::ChannelSpec spec;
  spec.set_platform(v1::PLATFORM_LOG);
  spec.set_address(absl::StrCat(side, "-", number));
  spec.set_account("log");
  return spec;
}

}  // namespace

v1::CreateEntryRequest NumberedRequest(int64_t number) {
  v1::CreateEntryRequest request;
  request.set_client_id(absl::StrFormat("c0000000-0000-4000-8000-%012d",
                                        number / kRequestsPerClient));
  *request.mutable_open_channel() = LogChannel("open", number);
  *request.mutable_closed_channel() = LogChannel("closed", number);
  request.set_request_id(
      absl::StrFormat("a0000000-0000-4000-8000-%012d", number));
  return request;
}

std::unique_ptr<v1::BroadcastService::Stub> Connect(
    const std::string& address) {
  // None is ever closed: this gRPC does not bear that while the last callback
  // of a call is returning.
  static auto& channels = *new std::vector<std::shared_ptr<grpc::Channel>>;
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  channels.push_back(grpc::CreateCustomChannel(
      address, grpc::InsecureChannelCredentials(), arguments));
  return v1::BroadcastService::NewStub(channels.back());
}

struct CrashLoad::Pending {
  int64_t number;
  grpc::ClientContext context;
  v1::CreateEntryRequest request;
  v1::CreateEntryResponse response;
};

CrashLoad::CrashLoad(const std::string& address, int64_t first_request)
    : stub_(Connect(address)), next_(first_request) {
  {
    absl::MutexLock lock(&mu_);
    under_way_ = kClients;
  }
  for (int client = 0; client < kClients; ++client) Begin();
}

void CrashLoad::Begin() {
  auto call = std::make_shared<Pending>();
  call->number = next_++;
  call->request = NumberedRequest(call->number);
  call->context.set_deadline(std::chrono::system_clock::now() +
                             std::chrono::seconds(30));
  stub_->async()->CreateEntry(
      &call->context, &call->request, &call->response,
      [this, call](const grpc::Status& status) { End(*call, status); });
}

void CrashLoad::End(const Pending& call, const grpc::Status& status) {
  {
    absl::MutexLock lock(&mu_);
    outcomes_[call.number] =
        status.ok() ? call.response.entry().entry_id() : std::string();
    EXPECT_EQ(status.ok(), call.response.has_entry());
    // The first to lose its server ends all.
    if (!status.ok()) stopping_ = true;
    if (stopping_) {
      --under_way_;
      return;
    }
  }
  ++acknowledged_count_;
  Begin();
}

void CrashLoad::Stop() {
  stopping_ = true;
  absl::MutexLock lock(&mu_);
  mu_.Await(absl::Condition(
      +[](int* under_way) { return *under_way == 0; }, &under_way_));
}

std::map<int64_t, std::string> CrashLoad::Outcomes() {
  absl::MutexLock lock(&mu_);
  return outcomes_;
}

}  // namespace broadcast::test
