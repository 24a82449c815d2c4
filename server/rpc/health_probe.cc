#include "rpc/health_probe.h"

#include <chrono>
#include <string>
#include <vector>

#include "absl/synchronization/notification.h"

namespace broadcast::rpc {
namespace {

constexpr char kCheck[] = "/grpc.health.v1.Health/Check";

// HealthCheckResponse{status: SERVING}: field 1, varint 1. Debian packages no
// generated code of that service.
constexpr char kServing[] = "\x08\x01";

struct Exchange {
  grpc::ClientContext context;
  grpc::ByteBuffer request{nullptr, 0};
  grpc::ByteBuffer response;
};

bool SaysServing(const grpc::ByteBuffer& response) {
  std::vector<grpc::Slice> slices;
  if (!response.Dump(&slices).ok()) return false;
  std::string bytes;
  for (const grpc::Slice& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return bytes == kServing;
}

}  // namespace

void HealthProbe::Ask() {
  auto exchange = std::make_shared<Exchange>();
  exchange->context.set_deadline(std::chrono::system_clock::now() +
                                 std::chrono::seconds(1));
  stub_.UnaryCall(&exchange->context, kCheck, {}, &exchange->request,
                  &exchange->response, [exchange](const grpc::Status&) {});
}

bool HealthProbe::IsServing(absl::Duration timeout) {
  Exchange exchange;
  exchange.context.set_deadline(std::chrono::system_clock::now() +
                                absl::ToChronoMicroseconds(timeout));
  absl::Notification answered;
  bool serving = false;
  stub_.UnaryCall(&exchange.context, kCheck, {}, &exchange.request,
                  &exchange.response, [&](const grpc::Status& status) {
                    serving = status.ok() && SaysServing(exchange.response);
                    answered.Notify();
                  });
  answered.WaitForNotification();
  return serving;
}

}  // namespace broadcast::rpc
