#include "channels/delete_channel_pair.h"

#include <utility>

#include "base/errors.h"
#include "base/status_macros.h"
#include "storage/answer_json.h"
#include "storage/channel_pairs.h"
#include "storage/once.h"

namespace broadcast::channels {
namespace {

std::string Record(const DeletedPair& deleted) {
  return storage::CountsToJson({{"channels", deleted.counts.channels},
                                {"channel_pairs", deleted.counts.channel_pairs},
                                {"entries", deleted.counts.entries}});
}

absl::StatusOr<DeletedPair> Replay(const std::string& recorded,
                                   const std::string& channel_pair_id) {
  ASSIGN_OR_RETURN(auto counts, storage::CountsFromJson(recorded));
  return DeletedPair{.ids = {.channel_pair_id = channel_pair_id},
                     .counts = {.channels = counts["channels"],
                                .channel_pairs = counts["channel_pairs"],
                                .entries = counts["entries"]}};
}

}  // namespace

absl::StatusOr<DeletedPair> DeleteChannelPair(
    storage::Transaction& transaction, const storage::Scope& scope,
    const storage::RequestKey& key, const DeleteChannelPairCommand& command) {
  const auto decide = [&]() -> absl::StatusOr<DeletedPair> {
    ASSIGN_OR_RETURN(
        auto deleted,
        storage::DeletePair(transaction, scope, command.channel_pair_id));
    if (deleted.has_value()) {
      return DeletedPair{.ids = std::move(deleted->ids),
                         .counts = deleted->counts};
    }
    if (!command.allow_missing) {
      return error::ChannelPairNotFound(command.channel_pair_id);
    }
    return DeletedPair{.ids = {.channel_pair_id = command.channel_pair_id}};
  };
  return storage::Once(transaction, key, decide, &Record,
                       [&](const std::string& recorded) {
                         return Replay(recorded, command.channel_pair_id);
                       });
}

}  // namespace broadcast::channels
