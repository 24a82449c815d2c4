#include "rpc/call.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/limits.h"

namespace broadcast::rpc {

Calls::Calls(storage::Database* database, const Policy* policy,
             Admission* admission, Log* log, prometheus::Registry* registry)
    : database_(database),
      policy_(policy),
      admission_(admission),
      log_(log),
      registry_(registry),
      refusals_(std::make_shared<Refusals>(database, policy->clock, registry)),
      watches_(std::make_shared<Watches>(database, policy->clock, log)),
      sending_(std::make_shared<SendingStreams>()) {}

Calls::~Calls() { watches_->Stop(); }

bool Calls::BeginCheck() {
  if (++checks_ <= limits::kMaxChecks) return true;
  --checks_;
  return false;
}

Method Calls::MethodOf(const RpcName& name) {
  auto required = RequiredScopeOf(name);
  if (!required.has_value()) {
    undeclared_.push_back(absl::StrCat(name.service, ".", name.method));
  }
  return {.name = name,
          .metrics = RpcMetrics(*registry_, name.service, name.method),
          .required = std::move(required)};
}

absl::Status Calls::CheckMethods() const {
  if (undeclared_.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("the contract gives no required_scope to ",
                   absl::StrJoin(undeclared_, ", ")));
}

}  // namespace broadcast::rpc
