#include "rpc/check_channel.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "base/errors.h"
#include "base/status_macros.h"
#include "channels/accounts.h"
#include "content/fields.h"
#include "rpc/convert/time.h"
#include "storage/channels.h"

namespace broadcast::rpc {
namespace {

constexpr absl::Duration kLongestCheck = absl::Seconds(15);

// One call. Its callbacks, one at a time, own it together.
class Check : public std::enable_shared_from_this<Check> {
 public:
  Check(Calls& calls, CallState state, std::string channel_id,
        v1::CheckChannelResponse* response)
      : calls_(calls),
        state_(std::move(state)),
        channel_id_(std::move(channel_id)),
        response_(response) {}

  void Start() {
    calls_.database().Read(
        storage::ReadKind::kPoint, state_.Patience(),
        [this](storage::Transaction& transaction) { return Load(transaction); },
        [self = shared_from_this()](const absl::Status& status) {
          if (!status.ok()) return self->Finish(status);
          self->Ask();
        });
  }

 private:
  absl::Status Load(storage::Transaction& transaction) {
    ASSIGN_OR_RETURN(auto channel,
                     storage::FindChannel(transaction, state_.principal().scope,
                                          channel_id_));
    if (!channel.has_value()) return error::ChannelNotFound(channel_id_);
    channel_ = *std::move(channel);
    check_time_ = transaction.now();
    return absl::OkStatus();
  }

  void Ask() {
    const Policy& policy = calls_.policy();
    if (policy.probe == nullptr ||
        !channels::HasAccount(policy.accounts, channel_.account,
                              channel_.platform, channel_.client_id)) {
      return Finish(error::AccountUnavailable(channel_.account));
    }
    if (!calls_.BeginCheck()) return Finish(error::QueueFull());
    policy.probe(channel_.account, channel_.address, Timeout(),
                 [self = shared_from_this()](const Probed& probed) {
                   self->calls_.EndCheck();
                   self->Answer(probed);
                 });
  }

  absl::Duration Timeout() const {
    const SteadyTime deadline = state_.Patience().deadline;
    if (deadline == SteadyTime::max()) return kLongestCheck;
    const absl::Duration left =
        absl::FromChrono(deadline - calls_.policy().clock->Steady());
    return std::clamp(left, absl::Milliseconds(1), kLongestCheck);
  }

  void Answer(const Probed& probed) {
    switch (probed.result) {
      case Probed::Result::kNoAccount:
        return Finish(error::AccountUnavailable(channel_.account));
      case Probed::Result::kNotAsked:
        return Finish(error::ProbeFailed(channel_id_, probed.problem));
      case Probed::Result::kAnswered:
        break;
    }
    response_->set_present(probed.present);
    response_->set_may_post(probed.may_post);
    response_->set_may_edit(probed.may_edit);
    response_->set_may_delete(probed.may_delete);
    response_->set_title(probed.title);
    response_->set_type(probed.type);
    response_->set_problem(probed.problem);
    *response_->mutable_check_time() = TimeToProto(check_time_);
    Finish(absl::OkStatus());
  }

  void Finish(const absl::Status& status) {
    calls_.Finish(state_, status, {}, "");
  }

  Calls& calls_;
  CallState state_;
  const std::string channel_id_;
  v1::CheckChannelResponse* const response_;
  storage::Channel channel_;
  absl::Time check_time_;
};

}  // namespace

grpc::ServerUnaryReactor* CheckChannel(Calls& calls, const Method& method,
                                       grpc::CallbackServerContext* context,
                                       const v1::CheckChannelRequest* request,
                                       v1::CheckChannelResponse* response) {
  CallState state = calls.Begin(method, context);
  grpc::ServerUnaryReactor* reactor = state.reactor();
  absl::Status status = state.refusal();
  std::string channel_id;
  if (status.ok()) {
    Violations violations;
    channel_id = Uuid(request->channel_id(), "channel_id", violations);
    status = violations.ToStatus();
  }
  if (!status.ok()) {
    calls.Finish(state, status, {}, "");
    return reactor;
  }
  std::make_shared<Check>(calls, std::move(state), std::move(channel_id),
                          response)
      ->Start();
  return reactor;
}

}  // namespace broadcast::rpc
