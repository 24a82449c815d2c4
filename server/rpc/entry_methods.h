// The methods of BroadcastService: what is particular to each, as rpc/call.h
// wants it. Pure but for Load and Decide, which run in a transaction.
#ifndef BROADCASTD_RPC_ENTRY_METHODS_H_
#define BROADCASTD_RPC_ENTRY_METHODS_H_

#include <optional>
#include <string>
#include <vector>

#include "broadcast/v1/broadcast_service.pb.h"
#include "entries/change_entry.h"
#include "entries/create_entries.h"
#include "entries/delete_entry.h"
#include "rpc/call.h"
#include "storage/channel_pairs.h"
#include "storage/list.h"

namespace broadcast::rpc {

inline constexpr char kBroadcastService[] = "broadcast.v1.BroadcastService";

struct CreateEntryMethod {
  using Request = v1::CreateEntryRequest;
  using Response = v1::CreateEntryResponse;
  using Command = entries::EntrySpec;
  using Result = entries::CreatedEntry;
  static constexpr RpcName kName{kBroadcastService, "CreateEntry",
                                 "entry.created"};
  static constexpr bool kSingle = true;

  static absl::StatusOr<Command> Parse(const Request&, const storage::Scope&,
                                       const Policy&);
  static absl::StatusOr<Result> Decide(storage::Transaction&, const Caller&,
                                       const Command&, const Policy&);
  static void Answer(const Result&, const Policy&, Response&);
  static void Report(const Result&, std::vector<ReportedIds>&);
};

struct BatchCreateEntriesMethod {
  using Request = v1::BatchCreateEntriesRequest;
  using Response = v1::BatchCreateEntriesResponse;
  using Command = std::vector<entries::EntrySpec>;
  using Result = entries::CreatedEntries;
  static constexpr RpcName kName{kBroadcastService, "BatchCreateEntries",
                                 "entries.created"};
  static constexpr bool kSingle = false;

  static absl::StatusOr<Command> Parse(const Request&, const storage::Scope&,
                                       const Policy&);
  static absl::StatusOr<Result> Decide(storage::Transaction&, const Caller&,
                                       const Command&, const Policy&);
  static void Answer(const Result&, const Policy&, Response&);
  static void Report(const Result&, std::vector<ReportedIds>&);
};

struct GetEntryMethod {
  using Request = v1::GetEntryRequest;
  using Response = v1::GetEntryResponse;
  struct Command {
    std::string entry_id;  // or, if empty:
    storage::PairAddresses addresses;
  };
  using Result = storage::Entry;
  static constexpr RpcName kName{kBroadcastService, "GetEntry", nullptr};
  static constexpr storage::ReadKind kKind = storage::ReadKind::kPoint;

  static absl::StatusOr<Command> Parse(const Request&, const storage::Scope&);
  static absl::StatusOr<Result> Load(storage::Transaction&,
                                     const storage::Scope&, const Command&);
  static void Answer(const Result&, const Policy&, Response&);
};

struct ListEntriesMethod {
  using Request = v1::ListEntriesRequest;
  using Response = v1::ListEntriesResponse;
  using Command = storage::ListPlan;
  using Result = storage::Page<storage::Entry>;
  static constexpr RpcName kName{kBroadcastService, "ListEntries", nullptr};
  static constexpr storage::ReadKind kKind = storage::ReadKind::kScan;

  static absl::StatusOr<Command> Parse(const Request&, const storage::Scope&);
  static absl::StatusOr<Result> Load(storage::Transaction&,
                                     const storage::Scope&, const Command&);
  static void Answer(const Result&, const Policy&, Response&);
};

// What Update, Pause and Resume have in common.
struct ChangeEntryMethod {
  using Result = entries::ChangedEntry;
  static constexpr bool kSingle = false;
  static void Report(const Result&, ReportedIds&);

  template <typename Response>
  static void Answer(const Result& result, const Policy& policy,
                     Response& response) {
    if (result.entry.has_value()) {
      EntryInto(*result.entry, policy, *response.mutable_entry());
    }
    response.set_replayed(result.replayed);
    policy.wake_scheduler();
  }

 private:
  static void EntryInto(const storage::Entry&, const Policy&, v1::Entry&);
};

struct UpdateEntryMethod : ChangeEntryMethod {
  using Request = v1::UpdateEntryRequest;
  using Response = v1::UpdateEntryResponse;
  using Command = entries::UpdateEntryCommand;
  static constexpr RpcName kName{kBroadcastService, "UpdateEntry",
                                 "entry.updated"};

  static absl::StatusOr<Command> Parse(const Request&, const Policy&);
  static absl::StatusOr<Result> Decide(storage::Transaction&, const Caller&,
                                       const Command&, const Policy&);
};

struct PauseEntryMethod : ChangeEntryMethod {
  using Request = v1::PauseEntryRequest;
  using Response = v1::PauseEntryResponse;
  using Command = entries::PauseEntryCommand;
  static constexpr RpcName kName{kBroadcastService, "PauseEntry",
                                 "entry.paused"};

  static absl::StatusOr<Command> Parse(const Request&, const Policy&);
  static absl::StatusOr<Result> Decide(storage::Transaction&, const Caller&,
                                       const Command&, const Policy&);
};

struct ResumeEntryMethod : ChangeEntryMethod {
  using Request = v1::ResumeEntryRequest;
  using Response = v1::ResumeEntryResponse;
  using Command = entries::EntryKey;
  static constexpr RpcName kName{kBroadcastService, "ResumeEntry",
                                 "entry.resumed"};

  static absl::StatusOr<Command> Parse(const Request&, const Policy&);
  static absl::StatusOr<Result> Decide(storage::Transaction&, const Caller&,
                                       const Command&, const Policy&);
};

struct DeleteEntryMethod {
  using Request = v1::DeleteEntryRequest;
  using Response = v1::DeleteEntryResponse;
  using Command = entries::DeleteEntryCommand;
  using Result = entries::DeletedEntry;
  static constexpr RpcName kName{kBroadcastService, "DeleteEntry",
                                 "entry.deleted"};
  static constexpr bool kSingle = false;

  static absl::StatusOr<Command> Parse(const Request&, const Policy&);
  static absl::StatusOr<Result> Decide(storage::Transaction&, const Caller&,
                                       const Command&, const Policy&);
  static void Answer(const Result&, const Policy&, Response&);
  static void Report(const Result&, ReportedIds&);
};

}  // namespace broadcast::rpc

#endif  // BROADCASTD_RPC_ENTRY_METHODS_H_
