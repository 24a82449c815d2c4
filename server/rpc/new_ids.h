// The ids that a request brings for what it would make. In a rehearsal nothing
// is stored under them, so they are not told. One thread at a time.
#ifndef BROADCASTD_RPC_NEW_IDS_H_
#define BROADCASTD_RPC_NEW_IDS_H_

#include <set>

#include "absl/strings/string_view.h"
#include "channels/register_pairs.h"
#include "storage/records.h"

namespace broadcast::rpc {

class NewIds {
 public:
  // `spec` outlives this.
  void Add(const channels::PairSpec& spec) {
    ids_.insert({spec.new_id, spec.open.new_id, spec.closed.new_id});
  }

  // Empties those ids of `pair` that are new. A channel may be so by another
  // pair of its batch.
  void Forget(storage::ChannelPair& pair) const {
    for (std::string* id :
         {&pair.channel_pair_id, &pair.open_channel.channel_id,
          &pair.closed_channel.channel_id}) {
      if (ids_.count(*id) > 0) id->clear();
    }
  }

 private:
  std::set<absl::string_view> ids_;
};

}  // namespace broadcast::rpc

#endif  // BROADCASTD_RPC_NEW_IDS_H_
