#include "channels/delete_channel_pair.h"

#include <nlohmann/json.hpp>

#include "base/errors.h"
#include "base/status_macros.h"
#include "storage/channel_pairs.h"
#include "storage/once.h"

namespace broadcast::channels {
namespace {

using Json = nlohmann::json;

std::string Record(const DeletedPair& deleted) {
  return Json{{"channels", deleted.counts.channels},
              {"channel_pairs", deleted.counts.channel_pairs},
              {"entries", deleted.counts.entries}}
      .dump();
}

absl::StatusOr<DeletedPair> Replay(const std::string& recorded) {
  const Json json = Json::parse(recorded, nullptr, false);
  return DeletedPair{
      .counts = {.channels = json.value("channels", int64_t{0}),
                 .channel_pairs = json.value("channel_pairs", int64_t{0}),
                 .entries = json.value("entries", int64_t{0})}};
}

}  // namespace

absl::StatusOr<DeletedPair> DeleteChannelPair(
    storage::Transaction& transaction, const storage::Scope& scope,
    const storage::RequestKey& key, const DeleteChannelPairCommand& command) {
  const auto decide = [&]() -> absl::StatusOr<DeletedPair> {
    ASSIGN_OR_RETURN(
        storage::Deleted counts,
        storage::DeletePair(transaction, scope, command.channel_pair_id));
    if (counts.channel_pairs == 0 && !command.allow_missing) {
      return error::ChannelPairNotFound(command.channel_pair_id);
    }
    return DeletedPair{.counts = counts};
  };
  return storage::Once(transaction, key, decide, &Record, &Replay);
}

}  // namespace broadcast::channels
