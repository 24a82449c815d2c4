// A database of a test with entries that can fire: accounts, contents, ids, and
// short ways to run a command and to look at what it did. Derive a fixture from
// FiringTest as from DatabaseTest. One thread at a time, but for Do and ids().
#ifndef BROADCASTD_SUPPORT_FIRING_TEST_H_
#define BROADCASTD_SUPPORT_FIRING_TEST_H_

#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "base/ids.h"
#include "entries/firing.h"
#include "storage/entries.h"
#include "storage/operations.h"
#include "storage/scope.h"
#include "support/registry_seed.h"
#include "support/status_matchers.h"
#include "support/test_database.h"

namespace broadcast::test {

inline const storage::Scope kAll = storage::Scope::AllClients();

class FiringTest : public DatabaseTest {
 protected:
  FiringTest() {
    accounts_["main"] = {.platform = storage::Platform::kLog};
    policy_.accounts = &accounts_;
  }

  // Client `client` with `pairs` pairs and their entries, all due at `due`, and
  // with content 1 for the open and 2 for the closed side.
  void PlantDue(int client, int pairs, absl::Time due,
                absl::Duration interval = absl::Hours(24)) {
    Plant(raw(), {.client = client, .pairs = pairs});
    if (raw().Number("SELECT count(*) FROM contents") == 0) {
      PlantContents(raw(), 1, 2, 1);
    }
    raw().Execute(absl::StrCat(
        "UPDATE entries SET next_send_time = ", absl::ToUnixMicros(due),
        ", interval_us = ", absl::ToInt64Microseconds(interval),
        ", open_content_id = '", ContentId(1), "', closed_content_id = '",
        ContentId(2), "' WHERE client_id = '", ClientId(client), "'"));
  }

  void SetEntry(const std::string& entry_id, absl::string_view assignments) {
    raw().Execute(absl::StrCat("UPDATE entries SET ", assignments,
                               " WHERE entry_id = '", entry_id, "'"));
  }
  void SetChannel(const std::string& channel_id,
                  absl::string_view assignments) {
    raw().Execute(absl::StrCat("UPDATE channels SET ", assignments,
                               " WHERE channel_id = '", channel_id, "'"));
  }

  // What `command(transaction)` answers, in a write of its own. Any thread.
  template <typename F>
  auto Do(F command, storage::WriteOptions options = {})
      -> decltype(command(std::declval<storage::Transaction&>())) {
    using Answer = typename decltype(command(
        std::declval<storage::Transaction&>()))::value_type;
    std::optional<Answer> answer;
    const absl::Status status = Write(
        [&](storage::Transaction& transaction) -> absl::Status {
          ASSIGN_OR_RETURN(answer, command(transaction));
          return absl::OkStatus();
        },
        std::move(options));
    if (!status.ok()) return status;
    return *std::move(answer);
  }

  storage::Entry EntryOf(const std::string& entry_id) {
    return *Must(Do([&](storage::Transaction& transaction) {
      return storage::FindEntry(transaction, kAll, entry_id);
    }));
  }

  // Ends what an entry has running.
  void EndBroadcast(const std::string& entry_id) {
    Must(Do([&](storage::Transaction& transaction) {
      return storage::CancelOperation(
          transaction, kAll,
          *EntryIn(transaction, entry_id).current_operation_id);
    }));
  }

  int64_t Count(absl::string_view rows) {
    return raw().Number(absl::StrCat("SELECT count(*) FROM ", rows));
  }

  // Any thread.
  IdSource& ids() { return ids_; }
  entries::FiringIds NewIds() {
    return {.operation_id = ids_.Next(),
            .open_delivery_id = ids_.Next(),
            .closed_delivery_id = ids_.Next()};
  }

  static storage::RequestKey Request(absl::string_view method,
                                     absl::string_view request_id,
                                     absl::string_view payload = "hash") {
    return {.scope = "*",
            .method = std::string(method),
            .request_id = std::string(request_id),
            .payload_hash = std::string(payload)};
  }

  channels::Accounts accounts_;
  entries::FiringPolicy policy_;

 private:
  static storage::Entry EntryIn(storage::Transaction& transaction,
                                const std::string& entry_id) {
    return *Must(storage::FindEntry(transaction, kAll, entry_id));
  }

  IdSource ids_{&clock(), 1};
};

}  // namespace broadcast::test

#endif  // BROADCASTD_SUPPORT_FIRING_TEST_H_
